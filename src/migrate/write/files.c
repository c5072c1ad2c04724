#include "migrate/write/files.h"
#include "base/error.h"
#include "base/replace_file.h"
#include "base/map.h"
#include "migrate/write/migrations_list.h"
#include "migrate/write/writer.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char list_name[] = "migrations.c";

/* --- where --- */

static bool is_file(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Its longest ending below folder; at least "app/file.c", because "app.c" alone may be another
 * app's. */
static bool find_ending(const char *folder, const char *path, bool (*exists)(const char *),
                        char found[PATH_MAX]) {
    const char *last = strrchr(path, '/');
    for (const char *ending = path; ending && (ending < last || !last);
         ending = strchr(ending, '/')) {
        ending += strspn(ending, "/");
        int length = snprintf(found, PATH_MAX, "%s/%s", folder, ending);
        if (length < PATH_MAX && exists(found)) return true;
    }
    return false;
}

static bool find(const char *path, bool (*exists)(const char *), char found[PATH_MAX]) {
    const char *project = getenv("CORM_PROJECT_DIR");
    bool absolute = *path == '/';
    if (project && *project && !absolute && find_ending(project, path, exists, found)) return true;
    if (exists(path) && snprintf(found, PATH_MAX, "%s", path) < PATH_MAX) return true;
    if (project && *project && find_ending(project, path, exists, found)) return true;
    return find_ending(".", path, exists, found);
}

char *corm__migrations_folder(const corm_app *app, corm_arena *arena, corm_error_info *error) {
    const char *named = app->migrations_folder, *path = named ? named : app->file;
    char place[PATH_MAX], *found = place;
    if (!path || !find(path, named ? is_folder : is_file, place)) {
        corm__fail(error, CORM_ERROR_IO,
                   "app %s: %s %s is not found from here, so its migrations have no place",
                   app->name, named ? "the folder" : "the source file", path ? path : "(none)");
        corm__error_hint(error, "Run this in the project's folder, or set CORM_PROJECT_DIR to it.");
        return NULL;
    }
    if (strncmp(found, "./", 2) == 0) found += 2;
    char *slash = strrchr(found, '/');
    char *folder = named ? corm__arena_strdup(arena, found)
                         : corm__arena_printf(arena, "%.*smigrations",
                                              slash ? (int)(slash - found) + 1 : 0, found);
    if (!folder) corm__fail_memory(error);
    return folder;
}

/* --- reading --- */

static int fail_io(const char *what, const char *path, corm_error_info *error) {
    int reason = errno;
    if (reason == ENOMEM) return corm__fail_memory(error);
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

static int stale(const corm_app *app, const char *path, const char *name, size_t length,
                 corm_error_info *error) {
    corm__fail(error, CORM_ERROR_MIGRATION,
               "%s and this program differ in migration %s.%.*s: the program was built before",
               path, app->name, (int)length, name);
    corm__error_hint(error,
                     app->migrations
                         ? "Build the program again."
                         : "Build %s too, write CORM_DECLARE_MIGRATIONS(%s); before the app and "
                           ".migrations = %s_migrations in it, and build again.",
                     path, app->name, app->name);
    return CORM_ERROR_MIGRATION;
}

static int compare(const corm_app *app, const char *path, const char *text,
                   corm_error_info *error) {
    corm_list list;
    if (corm__list_read(app->name, text, &list)) return 0; /* saving says what is wrong with it */
    const corm_migration *m = app->migrations;
    const char *position = NULL, *name;
    for (size_t length; (name = corm__list_next(&list, &position, &length));) {
        if (!m || !m->app || strlen(m->name) != length || memcmp(m->name, name, length) != 0)
            return stale(app, path, name, length, error);
        m++;
    }
    return m && m->app ? stale(app, path, m->name, strlen(m->name), error) : 0;
}

int corm__migrations_current(const corm_app *app, const char *folder, corm_error_info *error) {
    corm_buffer path = { 0 }, text = { 0 };
    corm__buffer_printf(&path, "%s/%s", folder, list_name);
    int status = corm__buffer_broken(&path) ? corm__fail_memory(error)
                                            : read_text(corm__buffer_text(&path), &text, error);
    if (!status)
        status = compare(app, corm__buffer_text(&path), corm__buffer_text(&text), error);
    corm__buffer_release(&path);
    corm__buffer_release(&text);
    return status;
}

/* "0002_name.h" */
static bool is_migration(const char *file) {
    size_t length = strlen(file);
    return length > 7 && strspn(file, "0123456789") == 4 && file[4] == '_' &&
           strcmp(file + length - 2, ".h") == 0;
}

/* listed: names without their ends. */
static int find_unlisted(const corm_map *listed, const char *folder, corm_error_info *error) {
    DIR *files = opendir(folder);
    int status = files || errno == ENOENT ? 0 : fail_io("read the folder", folder, error);
    for (struct dirent *entry; !status && files && (entry = readdir(files));) {
        if (!is_migration(entry->d_name) ||
            corm__map_get_bytes(listed, entry->d_name, strlen(entry->d_name) - 2))
            continue;
        status = corm__fail(error, CORM_ERROR_MIGRATION,
                            "%s/%s is not in the list of %s/%s, so that no program has it", folder,
                            entry->d_name, folder, list_name);
        corm__error_hint(error, "Add it to the list, or delete the file.");
    }
    if (files) closedir(files);
    return status;
}

/* The line of the first mark that a merge leaves where two sides disagree; 0: none. */
static size_t find_conflict(const char *text) {
    static const char *const marks[] = { "<<<<<<< ", ">>>>>>> " };
    size_t number = 1;
    for (const char *line = text; *line; number++) {
        size_t length = strcspn(line, "\n");
        for (int i = 0; i < 2; i++)
            if (strncmp(line, marks[i], strlen(marks[i])) == 0) return number;
        line += length + (line[length] != 0);
    }
    return 0;
}

static int check_list(const corm_app *app, const char *path, const char *text, const char *folder,
                      corm_error_info *error) {
    size_t conflict = find_conflict(text);
    if (conflict) {
        corm__fail(error, CORM_ERROR_MIGRATION,
                   "%s, line %zu: two branches that both made migrations meet here", path,
                   conflict);
        corm__error_hint(error,
                         "Take the lines of both sides, build, and run makemigrations --merge.");
        return CORM_ERROR_MIGRATION;
    }
    corm_list list;
    corm_map listed = { 0 };
    const char *position = NULL, *name;
    if (corm__list_read(app->name, text, &list)) return 0; /* saving says what is wrong with it */
    int status = 0;
    for (size_t length; !status && (name = corm__list_next(&list, &position, &length));)
        status =
            corm__map_set_bytes(&listed, name, length, (void *)name) ? corm__fail_memory(error) : 0;
    if (!status) status = find_unlisted(&listed, folder, error);
    corm__map_release(&listed);
    return status;
}

int corm__migrations_listed(const corm_app *app, const char *folder, corm_error_info *error) {
    corm_buffer path = { 0 }, text = { 0 };
    corm__buffer_printf(&path, "%s/%s", folder, list_name);
    int status = corm__buffer_broken(&path) ? corm__fail_memory(error)
                                            : read_text(corm__buffer_text(&path), &text, error);
    if (!status && text.length)
        status = check_list(app, corm__buffer_text(&path), corm__buffer_text(&text), folder, error);
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
        if (!status && corm__replace_file(temporary.data, path, replace) != 0)
            status = fail_io("write", path, error);
        if (status) unlink(temporary.data);
    }
    corm__buffer_release(&temporary);
    return status;
}

int corm__migrations_lock(const char *folder, int *lock, corm_error_info *error) {
    *lock = -1;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return fail_io("make the folder", folder, error);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
    if (fd < 0) return fail_io("open the folder", folder, error);
    do status = flock(fd, LOCK_EX);
    while (status != 0 && errno == EINTR);
    if (status == 0) {
        *lock = fd;
        return 0;
    }
    bool has_none = errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS;
    status = has_none ? 0 : fail_io("lock the folder", folder, error);
    close(fd);
    return status;
}

/* The texts and paths of one migration's two files. */
typedef struct corm_saving {
    corm_arena arena;
    corm_buffer text, old_list, list;
} saving;

static int write_list(saving *s, const corm_new_migration *m, const char *instead,
                      corm_error_info *error) {
    const char *old = corm__buffer_text(&s->old_list);
    return instead ? corm__list_rename(m->app, old, instead, m->name, &s->list, error)
                   : corm__write_list(m->app, old, m->name, &s->list, error);
}

static int save_both(saving *s, const corm_new_migration *m, const char *instead,
                     const char *folder, corm_error_info *error) {
    bool renamed = instead && strcmp(instead, m->name) != 0, lists = !instead || renamed;
    char *path = corm__arena_printf(&s->arena, "%s/%s.h", folder, m->name), *old_path = NULL;
    char *list_path = corm__arena_printf(&s->arena, "%s/%s", folder, list_name);
    if (renamed) old_path = corm__arena_printf(&s->arena, "%s/%s.h", folder, instead);
    if (!path || !list_path || (renamed && !old_path)) return corm__fail_memory(error);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return fail_io("make the folder", folder, error);
    int status = corm__write_migration(m, &s->text, error);
    if (!status && lists) status = read_text(list_path, &s->old_list, error);
    if (!status && lists) status = write_list(s, m, instead, error);
    if (!status) status = save(path, &s->text, !lists, error);
    if (status || !lists) return status;
    status = save(list_path, &s->list, true, error);
    if (status)
        unlink(path);
    else if (renamed && unlink(old_path) != 0 && errno != ENOENT)
        status = fail_io("remove", old_path, error);
    return status;
}

int corm__migration_save(const corm_new_migration *migration, const char *instead,
                         const char *folder, corm_error_info *error) {
    saving s = { 0 };
    int status = save_both(&s, migration, instead, folder, error);
    corm__buffer_release(&s.text);
    corm__buffer_release(&s.old_list);
    corm__buffer_release(&s.list);
    corm__arena_release(&s.arena);
    return status;
}

int corm__migration_rewrite(const corm_new_migration *migration, const char *folder,
                            corm_error_info *error) {
    corm_buffer path = { 0 }, text = { 0 }, out = { 0 };
    corm__buffer_printf(&path, "%s/%s.h", folder, migration->name);
    int status = corm__buffer_broken(&path) ? corm__fail_memory(error)
                                            : read_text(corm__buffer_text(&path), &text, error);
    if (!status) status = corm__rewrite_migration(migration, corm__buffer_text(&text), &out, error);
    if (!status) status = save(corm__buffer_text(&path), &out, true, error);
    corm__buffer_release(&path);
    corm__buffer_release(&text);
    corm__buffer_release(&out);
    return status;
}
