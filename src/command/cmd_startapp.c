/* startapp: a new app in a project, from templates/app: its folder, its tests, its name in
 * CORM_APPS(…) of manage.c. What has been done is undone when a later step fails. */
#include "base/ascii.h"
#include "command/template.h"
#include "base/replace_file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char manage[] = "manage.c";

/* --- CORM_APPS(…) in manage.c --- */

/* The closing parenthesis of the only CORM_APPS( in text, when nothing but names is in it; NULL
 * otherwise: a person has to look. */
static const char *find_end(const char *text) {
    static const char word[] = "CORM_APPS(";
    const char *start = strstr(text, word);
    if (!start || strstr(start + 1, word)) return NULL;
    const char *p = start + strlen(word);
    while (corm__is_alnum(*p) || *p == '_' || *p == ',' || corm__is_space(*p)) p++;
    return *p == ')' ? p : NULL;
}

static bool is_listed(const char *text, const char *end, const char *name) {
    size_t length = strlen(name);
    const char *p = end;
    while (*p != '(') p--;
    for (p++; p < end; p += strcspn(p, ", \t\r\n)")) {
        p += strspn(p, ", \t\r\n");
        if (p >= text && strcspn(p, ", \t\r\n)") == length && strncmp(p, name, length) == 0)
            return true;
    }
    return false;
}

static char *read_text(const char *path, corm_arena *arena) {
    FILE *file = fopen(path, "re");
    corm_buffer text = { 0 };
    char block[4096];
    for (size_t n; file && (n = fread(block, 1, sizeof block, file)) > 0;)
        corm__buffer_add(&text, block, n);
    bool read = file && !ferror(file);
    if (file) fclose(file);
    char *copy = read ? corm__buffer_copy(&text, arena) : NULL;
    corm__buffer_release(&text);
    return copy;
}

/* Writes manage.c anew with the app in its list; 0, or -1 and errno. */
static int list_app(const char *path, const char *text, const char *end, const char *name,
                    corm_arena *arena) {
    const char *last = end;
    while (corm__is_space(last[-1])) last--;
    bool first = last[-1] == '(', comma = last[-1] == ',';
    char *changed = corm__arena_printf(arena, "%.*s%s%s%s", (int)(last - text), text,
                                       first   ? ""
                                       : comma ? " "
                                               : ", ",
                                       name, last);
    char *temporary = corm__arena_printf(arena, "%s.XXXXXX", path);
    int fd = changed && temporary ? mkstemp(temporary) : -1;
    if (fd < 0) return -1;
    struct stat info;
    FILE *file =
        stat(path, &info) == 0 && fchmod(fd, info.st_mode & 0777) == 0 ? fdopen(fd, "w") : NULL;
    if (file) fputs(changed, file);
    bool written = file && !ferror(file);
    if (file ? fclose(file) != 0 : close(fd) != 0) written = false;
    if (written && rename(temporary, path) == 0) return 0;
    int error = errno;
    unlink(temporary);
    errno = error;
    return -1;
}

/* --- the parts, each put in its place --- */

typedef struct starting {
    corm_context *context;
    const char *name, *folder;         /* folder: of the project, with its slash, or "" */
    char *app, *tests, *test, *manage; /* where they go */
} starting;

static int cannot(starting *s, const char *path) {
    if (errno == EEXIST)
        return corm_context_fail(s->context, CORM_EXIT_CANNOT_CREATE,
                                 "%s is there already; choose another name", path);
    return corm__fail_errno(s->context, CORM_EXIT_CANNOT_CREATE, "write", path);
}

static int place_all(starting *s, const char *temporary, const char *text, const char *end) {
    corm_arena *arena = &s->context->arena;
    char *from_app = corm__arena_printf(arena, "%s/%s", temporary, s->name),
         *from_test = corm__arena_printf(arena, "%s/tests/test_%s.c", temporary, s->name);
    if (!from_app || !from_test) return corm__no_memory(s->context);
    if (corm__replace_file(from_app, s->app, false) != 0) return cannot(s, s->app);
    bool made = mkdir(s->tests, 0777) == 0;
    int status = !made && errno != EEXIST                             ? cannot(s, s->tests)
                 : corm__replace_file(from_test, s->test, false) != 0 ? cannot(s, s->test)
                                                                      : 0;
    if (!status && end && list_app(s->manage, text, end, s->name, arena) != 0) {
        status = cannot(s, s->manage);
        unlink(s->test);
    }
    if (!status) return 0;
    if (made) rmdir(s->tests);
    corm__template_remove(s->app);
    return status;
}

static int start(starting *s) {
    corm_arena *arena = &s->context->arena;
    char *text = read_text(s->manage, arena);
    if (!text && errno == ENOMEM) return corm__no_memory(s->context);
    if (!text)
        return corm_context_fail(
            s->context, CORM_EXIT_DATA,
            "cannot read %s: %s; run this in the project's folder, or set CORM_PROJECT_DIR to it",
            s->manage, strerror(errno));
    const char *end = find_end(text);
    if (end && is_listed(text, end, s->name)) end = NULL;
    char *temporary = corm__template_write(s->context, corm__template_app, s->name, s->app);
    if (!temporary) return corm_context_status(s->context);
    int status = place_all(s, temporary, text, end);
    corm__template_remove(temporary);
    if (status) return status;
    printf("Made the app %s: %s/ and %s.\n", s->name, s->app, s->test);
    if (end)
        printf("It is in CORM_APPS of %s. ", s->manage);
    else
        printf("Add %s to CORM_APPS(...) in %s. ", s->name, s->manage);
    printf("Write its models in %s/models.h, then build and run makemigrations.\n", s->app);
    return CORM_EXIT_OK;
}

static int run(corm_context *context) {
    corm_arena *arena = &context->arena;
    const char *project = getenv("CORM_PROJECT_DIR");
    starting s = { .context = context, .name = corm_argument(context, 0) };
    if (corm_argument_count(context) != 1)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "one name is needed, such as: %s startapp recipes",
                                 context->program);
    const char *wrong = corm__template_bad_name(s.name, arena);
    if (wrong) return corm_context_fail(context, CORM_EXIT_USAGE, "%s", wrong);
    for (const corm_app *const *app = context->apps; *app; app++)
        if (strcmp((*app)->name, s.name) == 0)
            return corm_context_fail(context, CORM_EXIT_USAGE,
                                     "the app %s is in this program already", s.name);
    s.folder = project && *project ? corm__arena_printf(arena, "%s/", project) : "";
    if (s.folder) {
        s.app = corm__arena_printf(arena, "%s%s", s.folder, s.name);
        s.tests = corm__arena_printf(arena, "%stests", s.folder);
        s.test = corm__arena_printf(arena, "%stests/test_%s.c", s.folder, s.name);
        s.manage = corm__arena_printf(arena, "%s%s", s.folder, manage);
    }
    if (!s.folder || !s.app || !s.tests || !s.test || !s.manage) return corm__no_memory(context);
    return start(&s);
}

const corm_command corm__cmd_startapp = {
    .name = "startapp",
    .summary = "Makes a new app in the project: its folder, tests, and its name in manage.c",
    .arguments = "NAME",
    .description =
        "Makes NAME/ with app.c, models.h and migrations/, and tests/test_NAME.c, and adds NAME to "
        "CORM_APPS(...) in manage.c. "
        "Runs in the project's "
        "folder, or on that of CORM_PROJECT_DIR. What is there already is never changed.",
    .run = run,
};
