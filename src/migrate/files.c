#include "migrate/files.h"
#include "base/error.h"
#include "migrate/list.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char list_name[] = "migrations.c";

/* --- where --- */

static bool is_file(const char *path) {
    struct stat info;
    return path && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path) {
    struct stat info;
    return path && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Its longest ending below folder; at least "app/file.c", because "app.c" alone may be another app's. */
static char *find_ending(const char *folder, const char *path, corm_arena *arena, bool (*exists)(const char *)) {
    const char *last = strrchr(path, '/');
    for (const char *ending = path; ending && (ending < last || !last); ending = strchr(ending, '/')) {
        ending += strspn(ending, "/");
        char *found = corm__arena_printf(arena, "%s/%s", folder, ending);
        if (exists(found)) return found;
    }
    return NULL;
}

static char *find(const char *path, corm_arena *arena, bool (*exists)(const char *)) {
    const char *project = getenv("CORM_PROJECT_DIR");
    bool absolute = *path == '/';
    char *found = NULL;
    if (project && *project && !absolute) found = find_ending(project, path, arena, exists);
    if (!found && exists(path)) return corm__arena_strdup(arena, path);
    if (!found && project && *project) found = find_ending(project, path, arena, exists);
    if (!found) found = find_ending(".", path, arena, exists);
    return found && strncmp(found, "./", 2) == 0 ? found + 2 : found;
}

char *corm__migrations_folder(const corm_app *app, corm_arena *arena, corm_error_info *error) {
    const char *named = app->migrations_folder, *path = named ? named : app->file;
    char *found = path ? find(path, arena, named ? is_folder : is_file) : NULL;
    if (!found) {
        corm__fail(error, CORM_ERROR_IO, "app %s: %s %s is not found from here, so its migrations have no place", app->name,
                   named ? "the folder" : "the source file", path ? path : "(none)");
        corm__error_hint(error, "Run this in the project's folder, or set CORM_PROJECT_DIR to it.");
        return NULL;
    }
    if (named) return found;
    char *slash = strrchr(found, '/');
    char *folder = corm__arena_printf(arena, "%.*smigrations", slash ? (int)(slash - found) + 1 : 0, found);
    if (!folder) corm__fail_memory(error);
    return folder;
}

/* --- reading --- */

static int fail_io(const char *what, const char *path, corm_error_info *error) {
    int reason = errno;
    corm_status status = reason == ENOSPC || reason == EDQUOT  ? CORM_ERROR_FULL
                         : reason == EACCES || reason == EPERM ? CORM_ERROR_PERMISSION
                                                               : CORM_ERROR_IO;
    return corm__fail(error, status, "cannot %s %s: %s", what, path, strerror(reason));
}

/* A file that is not there is empty. */
static int read_text(const char *path, corm_buffer *out, corm_error_info *error) {
    FILE *file = fopen(path, "re");
    if (!file) return errno == ENOENT ? 0 : fail_io("read", path, error);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) corm__buffer_add(out, block, n);
    int status = ferror(file) ? fail_io("read", path, error) : 0;
    fclose(file);
    if (!status && corm__buffer_broken(out)) status = corm__fail_memory(error);
    if (!status && out->length && memchr(out->data, 0, out->length))
        status = corm__fail(error, CORM_ERROR_MIGRATION, "%s is not a text file", path);
    return status;
}

static int stale(const corm_app *app, const char *path, const char *name, size_t length, corm_error_info *error) {
    corm__fail(error, CORM_ERROR_MIGRATION, "%s and this program differ in migration %s.%.*s: the program was built before", path,
               app->name, (int)length, name);
    corm__error_hint(
        error,
        app->migrations
            ? "Build the program again."
            : "Build %s too, write CORM_DECLARE_MIGRATIONS(%s); before the app and .migrations = %s_migrations in it, and build again.",
        path, app->name, app->name);
    return CORM_ERROR_MIGRATION;
}

static int compare(const corm_app *app, const char *path, const char *text, corm_error_info *error) {
    corm_list list;
    if (corm__list_read(app->name, text, &list)) return 0; /* saving says what is wrong with it */
    const corm_migration *m = app->migrations;
    const char *position = NULL, *name;
    for (size_t length; (name = corm__list_next(&list, &position, &length));) {
        if (!m || !m->app || strlen(m->name) != length || memcmp(m->name, name, length) != 0) return stale(app, path, name, length, error);
        m++;
    }
    return m && m->app ? stale(app, path, m->name, strlen(m->name), error) : 0;
}

int corm__migrations_current(const corm_app *app, const char *folder, corm_error_info *error) {
    corm_buffer path = { 0 }, text = { 0 };
    corm__buffer_printf(&path, "%s/%s", folder, list_name);
    int status = corm__buffer_broken(&path) ? corm__fail_memory(error) : read_text(corm__buffer_text(&path), &text, error);
    if (!status && text.length) status = compare(app, corm__buffer_text(&path), corm__buffer_text(&text), error);
    corm__buffer_release(&path);
    corm__buffer_release(&text);
    return status;
}

static bool is_listed(const corm_list *list, const char *name, size_t length) {
    const char *position = NULL, *item;
    for (size_t n; (item = corm__list_next(list, &position, &n));)
        if (n == length && memcmp(item, name, n) == 0) return true;
    return false;
}

/* "0002_name.h" */
static bool is_migration(const char *file) {
    size_t length = strlen(file);
    return length > 7 && strspn(file, "0123456789") == 4 && file[4] == '_' && strcmp(file + length - 2, ".h") == 0;
}

static int find_unlisted(const corm_list *list, const char *folder, corm_error_info *error) {
    DIR *files = opendir(folder);
    int status = 0;
    for (struct dirent *entry; !status && files && (entry = readdir(files));) {
        if (!is_migration(entry->d_name) || is_listed(list, entry->d_name, strlen(entry->d_name) - 2)) continue;
        status = corm__fail(error, CORM_ERROR_MIGRATION, "%s/%s is not in the list of %s/%s, so that no program has it", folder,
                            entry->d_name, folder, list_name);
        corm__error_hint(error, "Add it to the list, or delete the file.");
    }
    if (files) closedir(files);
    return status;
}

int corm__migrations_listed(const corm_app *app, const char *folder, corm_error_info *error) {
    corm_buffer path = { 0 }, text = { 0 };
    corm_list list;
    corm__buffer_printf(&path, "%s/%s", folder, list_name);
    int status = corm__buffer_broken(&path) ? corm__fail_memory(error) : read_text(corm__buffer_text(&path), &text, error);
    if (!status && text.length && corm__list_read(app->name, corm__buffer_text(&text), &list) == 0)
        status = find_unlisted(&list, folder, error);
    corm__buffer_release(&path);
    corm__buffer_release(&text);
    return status;
}

/* --- writing --- */

static int write_all(int fd, const corm_buffer *text) {
    for (size_t done = 0; done < text->length;) {
        ssize_t n = write(fd, text->data + done, text->length - done);
        if (n < 0 && errno != EINTR) return -1;
        if (n > 0) done += (size_t)n;
    }
    return fsync(fd);
}

/* As rename; with replace false it fails with EEXIST when path exists. Not all file systems can do that in one step. */
static int put(const char *from, const char *path, bool replace) {
    if (replace) return rename(from, path);
    if (renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -1;
    if (access(path, F_OK) != 0) return rename(from, path);
    errno = EEXIST;
    return -1;
}

static int save(const char *path, const corm_buffer *text, bool replace, corm_error_info *error) {
    corm_buffer temporary = { 0 };
    corm__buffer_printf(&temporary, "%s.XXXXXX", path);
    if (corm__buffer_broken(&temporary)) return corm__fail_memory(error);
    int fd = mkostemp(temporary.data, O_CLOEXEC), status = 0;
    if (fd < 0) {
        status = fail_io("write", path, error);
    } else {
        mode_t mask = umask(0);
        umask(mask);
        bool written = write_all(fd, text) == 0 && fchmod(fd, 0666 & ~mask) == 0;
        if (!written) status = fail_io("write", path, error);
        close(fd);
        if (!status && put(temporary.data, path, replace) != 0) status = fail_io("write", path, error);
        if (status) unlink(temporary.data);
    }
    corm__buffer_release(&temporary);
    return status;
}

static int save_both(const corm_new_migration *m, const char *folder, corm_arena *arena, corm_buffer *text, corm_buffer *old_list,
                     corm_buffer *list, corm_error_info *error) {
    char *path = corm__arena_printf(arena, "%s/%s.h", folder, m->name), *list_path = corm__arena_printf(arena, "%s/%s", folder, list_name);
    if (!path || !list_path) return corm__fail_memory(error);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) return fail_io("make the folder", folder, error);
    int status = corm__write_migration(m, text, error);
    if (!status) status = read_text(list_path, old_list, error);
    if (!status) status = corm__write_list(m->app, corm__buffer_text(old_list), m->name, list, error);
    if (!status) status = save(path, text, false, error);
    if (status) return status;
    status = save(list_path, list, true, error);
    if (status) unlink(path);
    return status;
}

int corm__migration_save(const corm_new_migration *migration, const char *folder, corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_buffer text = { 0 }, old_list = { 0 }, list = { 0 };
    int status = save_both(migration, folder, &arena, &text, &old_list, &list, error);
    corm__buffer_release(&text);
    corm__buffer_release(&old_list);
    corm__buffer_release(&list);
    corm__arena_release(&arena);
    return status;
}
