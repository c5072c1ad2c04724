#include "base/ascii.h"
#include "command/template.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *corm__template_expand(const char *text, const char *name, corm_arena *arena) {
    const struct {
        const char *mark, *value;
    } values[] = { { "@NAME@", name }, { "@VERSION@", CORM_VERSION } };
    corm_buffer out = { 0 };
    while (*text) {
        size_t plain = strcspn(text, "@"), i = 0;
        corm__buffer_add(&out, text, plain);
        text += plain;
        while (i < 2 && strncmp(text, values[i].mark, strlen(values[i].mark)) != 0) i++;
        if (i < 2) {
            corm__buffer_puts(&out, values[i].value);
            text += strlen(values[i].mark);
        } else if (*text) {
            corm__buffer_putc(&out, *text++);
        }
    }
    char *copy = corm__buffer_copy(&out, arena);
    corm__buffer_release(&out);
    return copy;
}

/* --- names --- */

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/* A letter, then letters, digits and single underscores between them: what a C identifier, an
 * image's name and a table's have in common. */
static bool has_form(const char *name) {
    if (!is_lower(*name)) return false;
    for (const char *p = name; *p; p++) {
        bool between = *p == '_' && p[-1] != '_' && p[1];
        if (!is_lower(*p) && !corm__is_digit(*p) && !between) return false;
    }
    return true;
}

const char *corm__template_bad_name(const char *name, corm_arena *arena) {
    enum { LONGEST = 40 };
    static const char *const words[] = {
        /* C11, C23 and GNU C */
        "alignas",
        "alignof",
        "asm",
        "auto",
        "bool",
        "break",
        "case",
        "char",
        "const",
        "constexpr",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "false",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "nullptr",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "thread_local",
        "true",
        "typedef",
        "typeof",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        /* macros of the compiler and of the standard headers */
        "assert",
        "errno",
        "i386",
        "linux",
        "stderr",
        "stdin",
        "stdout",
        "unix",
    };
    static const char *const taken[] = { "build",   "corm", "main", "manage",
                                         "secrets", "test", "tests" };
    if (!*name) return "the name is empty";
    if (strlen(name) > LONGEST)
        return corm__arena_printf(arena, "%s is longer than %d characters", name, LONGEST);
    if (!has_form(name))
        return corm__arena_printf(arena,
                                  "\"%s\" is no name for it: small letters, digits and single "
                                  "underscores between them, a letter first",
                                  name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            return corm__arena_printf(arena, "%s is a word of C", name);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return corm__arena_printf(arena, "%s means something else in a project", name);
    return NULL;
}

/* --- files --- */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info, (void)type, (void)place;
    remove(path);
    return 0;
}

void corm__template_remove(const char *folder) {
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int make_parents(char *path, size_t from) {
    for (char *slash = path + from; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        int made = mkdir(path, 0777);
        *slash = '/';
        if (made != 0 && errno != EEXIST) return -1;
    }
    return 0;
}

static int write_text(const char *path, const char *text, bool executable) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, executable ? 0777 : 0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        if (fd >= 0) close(fd);
        return -1;
    }
    fputs(text, file);
    bool failed = ferror(file);
    return fclose(file) != 0 || failed ? -1 : 0;
}

static int write_all(const corm_template_file *files, const char *name, const char *folder,
                     corm_arena *arena) {
    for (const corm_template_file *file = files; file->path; file++) {
        char *below = corm__template_expand(file->path, name, arena),
             *text = corm__template_expand(file->text, name, arena);
        char *path = below && text ? corm__arena_printf(arena, "%s/%s", folder, below) : NULL;
        if (!path) {
            errno = ENOMEM;
            return -1;
        }
        if (make_parents(path, strlen(folder) + 1) != 0 ||
            write_text(path, text, file->executable) != 0)
            return -1;
    }
    return 0;
}

char *corm__template_write(corm_context *context, const corm_template_file *files, const char *name,
                           const char *path) {
    char *folder = corm__arena_printf(&context->arena, "%s.XXXXXX", path);
    if (!folder) {
        corm__no_memory(context);
        return NULL;
    }
    mode_t mask = umask(0);
    umask(mask);
    bool made = mkdtemp(folder) != NULL;
    if (made && chmod(folder, 0777 & ~mask) == 0 &&
        write_all(files, name, folder, &context->arena) == 0)
        return folder;
    int error = errno;
    if (made) corm__template_remove(folder);
    errno = error;
    corm__fail_errno(context, CORM_EXIT_CANNOT_CREATE, "write", path);
    return NULL;
}
