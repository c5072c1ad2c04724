/* Variables: from the environment, from .env files, and from files that hold one value. */
#include "base/buffer.h"
#include "base/error.h"
#include "settings/parse.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { LARGEST_FILE = 1 << 20, PIPE_PATIENCE_MS = 10000 };

void corm__warn_settings(const corm_sources *sources, const char *format, ...) {
    if (!sources->warning) return;
    corm_buffer message = { 0 };
    va_list arguments;
    va_start(arguments, format);
    corm__buffer_vprintf(&message, format, arguments);
    va_end(arguments);
    if (message.length) sources->warning(sources->context, corm__buffer_text(&message));
    corm__buffer_release(&message);
}

int corm__note_settings(corm_sources *sources, const char *format, ...) {
    corm_buffer text = { 0 };
    va_list arguments;
    va_start(arguments, format);
    corm__buffer_vprintf(&text, format, arguments);
    va_end(arguments);
    corm_note *note = corm__arena_zalloc(sources->arena, sizeof *note);
    if (note && !text.broken)
        note->text = corm__arena_strdup(sources->arena, corm__buffer_text(&text));
    corm__buffer_release(&text);
    if (!note || !note->text) return CORM_ERROR_MEMORY;
    *(sources->notes ? &sources->last_note->next : &sources->notes) = note;
    sources->last_note = note;
    return 0;
}

/* Why a file of this type is not read, NULL when it is. A pipe by a name is somebody else's: to
 * open it may wait for ever, and what is read is gone for its owner. */
static const char *refuse_type(const struct stat *st, bool optional) {
    if (S_ISREG(st->st_mode)) return st->st_size > LARGEST_FILE ? strerror(EFBIG) : NULL;
    if (S_ISDIR(st->st_mode)) return strerror(EISDIR);
    if (S_ISFIFO(st->st_mode)) return optional ? "it is a pipe" : NULL;
    if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3)) return NULL; /* /dev/null */
    return S_ISSOCK(st->st_mode) ? "it is a socket" : "it is a device";
}

/* Reads to the end; what is a pipe may let wait, but not for ever. NULL or why not. */
static const char *read_all(int fd, corm_buffer *out) {
    for (;;) {
        char *room = corm__buffer_reserve(out, 4096);
        if (!room) return strerror(ENOMEM);
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        int n_ready = poll(&ready, 1, PIPE_PATIENCE_MS);
        if (n_ready < 0 && errno == EINTR) continue;
        if (n_ready == 0) return "it is a pipe, and nothing was written to it for 10 seconds";
        ssize_t n = n_ready < 0 ? -1 : read(fd, room, 4096);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) return strerror(errno);
        if (n == 0) return NULL;
        out->length += (size_t)n;
        if (out->length > LARGEST_FILE) return strerror(EFBIG);
    }
}

const char *corm__read_source(const char *path, bool optional, corm_buffer *out, int *reason) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *reason = fd < 0 || fstat(fd, &st) ? errno : 0;
    const char *wrong = *reason ? strerror(*reason) : refuse_type(&st, optional);
    if (!wrong) wrong = read_all(fd, out);
    if (fd >= 0) close(fd);
    if (!*reason && wrong && S_ISDIR(st.st_mode)) *reason = EISDIR;
    return wrong;
}

static const char *environment_get(const corm_sources *sources, const char *name) {
    size_t length = strlen(name);
    for (const char *const *p = sources->environment; p && *p; p++)
        if (strncmp(*p, name, length) == 0 && (*p)[length] == '=') return *p + length + 1;
    return NULL;
}

const char *corm__sources_lookup(const corm_sources *sources, const char *name,
                                 const char **wrong) {
    const char *value = environment_get(sources, name);
    *wrong = NULL;
    if (value) return value;
    const corm_variable *variable = corm__map_get(&sources->files, name);
    if (variable) *wrong = variable->wrong;
    return variable ? variable->value : NULL;
}

bool corm__sources_next(const corm_sources *sources, size_t *position, const char **name,
                        size_t *length) {
    size_t n = 0;
    for (const char *const *p = sources->environment; p && *p; p++, n++) {
        if (n < *position) continue;
        ++*position;
        *name = *p;
        *length = strcspn(*p, "=");
        return true;
    }
    size_t at = *position - n;
    const corm_map_entry *entry = corm__map_next(&sources->files, &at);
    *position = n + at;
    if (!entry) return false;
    *name = entry->key;
    *length = entry->length;
    return true;
}

/* --- one variable, with its NAME_FILE --- */

static bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/* The value in the file that a NAME_FILE names. */
static int read_secret(const corm_sources *sources, const char *path, corm_setting_value *out,
                       corm_error_info *error) {
    corm_buffer text = { 0 };
    int reason, status = 0;
    const char *wrong = corm__read_source(path, false, &text, &reason);
    while (!wrong && text.length && is_line_end(text.data[text.length - 1])) text.length--;
    if (text.broken) {
        status = corm__fail_memory(error);
    } else if (wrong) {
        status = corm__fail(error, CORM_ERROR_SETTINGS, "%s: %s cannot be read: %s", out->source,
                            path, wrong);
        corm__error_hint(error, "the variable holds the path of a file with the value");
    } else if (text.length && memchr(text.data, 0, text.length)) {
        status = corm__fail(error, CORM_ERROR_SETTINGS, "%s: %s has a NUL byte in it", out->source,
                            path);
    } else {
        if (!text.length) corm__warn_settings(sources, "%s: %s is empty", out->source, path);
        out->text = corm__buffer_copy(&text, sources->arena);
        if (!out->text) status = corm__fail_memory(error);
    }
    if (text.data) explicit_bzero(text.data, text.capacity);
    corm__buffer_release(&text);
    return status;
}

/* What one level says about one variable: false when nothing. out->source is NULL when memory is
 * out. */
static bool at_level(const corm_sources *sources, corm_level level, const char *name,
                     corm_setting_value *out) {
    *out = (corm_setting_value){ .level = level };
    if (level == CORM_LEVEL_ENVIRONMENT) {
        const char *value = environment_get(sources, name);
        if (!value) return false;
        out->text = corm__arena_strdup(sources->arena, value); /* the environment may change */
        out->source = out->text ? corm__arena_strdup(sources->arena, name) : NULL;
    } else {
        const corm_variable *variable = corm__map_get(&sources->files, name);
        if (!variable) return false;
        out->text = variable->value;
        out->source =
            corm__arena_printf(sources->arena, "%s:%d (%s)", variable->file, variable->line, name);
    }
    return true;
}

static int conflict(const corm_setting_value *a, const corm_setting_value *b,
                    corm_error_info *error) {
    corm__fail(error, CORM_ERROR_SETTINGS, "%s and %s are both set", a->source, b->source);
    corm__error_hint(error, "unset one of them");
    return CORM_ERROR_SETTINGS;
}

/* Beside a Service named db, Kubernetes puts DB_PORT=tcp://10.96.12.7:5432 into every pod; Docker
 * does so for a link. */
static bool is_service_link(const char *name, const char *value) {
    static const char *const schemes[] = { "tcp://", "udp://", "sctp://" };
    bool link = false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        link |= strncmp(value, schemes[i], strlen(schemes[i])) == 0;
    return link && strcmp(name, "DB_PORT") == 0;
}

/* As it was meant: without newlines at its end, which secrets made by `echo` have; *there becomes
 * false for what nobody has set. */
static int clean(corm_sources *sources, const char *name, corm_setting_value *value, bool *there) {
    if (!*there) return 0;
    size_t length = strlen(value->text), kept = length;
    while (kept && is_line_end(value->text[kept - 1])) kept--;
    if (kept < length) {
        value->text = corm__arena_strndup(sources->arena, value->text, kept);
        if (!value->text) return CORM_ERROR_MEMORY;
        if (corm__note_settings(sources, "%s: a newline at its end is left out", value->source))
            return CORM_ERROR_MEMORY;
    }
    if (!is_service_link(name, value->text)) return 0;
    int status = corm__note_settings(
        sources, "%s: \"%s\" is left out: Kubernetes or Docker set it for a service named db",
        value->source, value->text);
    *value = (corm_setting_value){ .level = value->level };
    *there = false;
    return status;
}

/* name or name_FILE at one level. out->text stays NULL when neither is there. */
static int get_at_level(corm_sources *sources, corm_level level, const char *name,
                        corm_setting_value *out, corm_error_info *error) {
    corm_setting_value file;
    const char *file_name = corm__arena_printf(sources->arena, "%s_FILE", name);
    if (!file_name) return corm__fail_memory(error);
    bool plain = at_level(sources, level, name, out),
         by_file = at_level(sources, level, file_name, &file);
    if ((plain && !out->source) || (by_file && !file.source) || clean(sources, name, out, &plain) ||
        clean(sources, file_name, &file, &by_file))
        return corm__fail_memory(error);
    if (by_file && *file.text && plain && *out->text) return conflict(out, &file, error);
    if (by_file && (*file.text || !plain)) {
        const char *path = file.text;
        *out = file;
        if (*path) return read_secret(sources, path, out, error);
    }
    return 0;
}

int corm__sources_get(corm_sources *sources, const char *name, const char *name2,
                      corm_setting_value *out, corm_error_info *error) {
    for (corm_level level = CORM_LEVEL_ENVIRONMENT; level >= CORM_LEVEL_FILES; level--) {
        corm_setting_value other = { 0 };
        int status = get_at_level(sources, level, name, out, error);
        if (!status && name2) status = get_at_level(sources, level, name2, &other, error);
        if (status) return status;
        if (out->text && other.text && *out->text && *other.text &&
            strcmp(out->text, other.text) != 0)
            return conflict(out, &other, error);
        if (other.text && (!out->text || !*out->text)) *out = other;
        if (out->text) return 0;
    }
    *out = (corm_setting_value){ 0 };
    return 0;
}
