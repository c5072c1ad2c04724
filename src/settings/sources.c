/* Variables: from the environment, from .env files, and from files that hold one value. */
#include "base/buffer.h"
#include "base/error.h"
#include "settings/parse.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_FILE = 1 << 20 };

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

/* 0 or an errno. */
static int read_file(const char *path, corm_buffer *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    int reason = 0;
    for (;;) {
        char *room = corm__buffer_reserve(out, 4096);
        if (!room) reason = ENOMEM;
        if (reason) break;
        ssize_t n = read(fd, room, 4096);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) reason = errno;
        if (n <= 0) break;
        out->length += (size_t)n;
        if (out->length > LARGEST_FILE) reason = EFBIG;
    }
    close(fd);
    return reason;
}

int corm__sources_read(corm_sources *sources, const char *path, bool optional,
                       corm_error_info *error) {
    corm_buffer text = { 0 };
    int reason = read_file(path, &text), status = 0;
    const char *file = corm__arena_strdup(sources->arena, path);
    if (reason == ENOMEM || !file) {
        status = corm__fail_memory(error);
    } else if (reason && !(optional && (reason == ENOENT || reason == EISDIR))) {
        status =
            corm__fail(error, CORM_ERROR_SETTINGS, "%s cannot be read: %s", path, strerror(reason));
        corm__error_hint(error, "it was to be read as an .env file");
    } else if (!reason) {
        status = corm__dotenv_parse(sources, file, corm__buffer_text(&text), text.length, error);
    }
    corm__buffer_release(&text);
    return status;
}

static const char *environment_get(const corm_sources *sources, const char *name) {
    size_t length = strlen(name);
    for (const char *const *p = sources->environment; p && *p; p++)
        if (strncmp(*p, name, length) == 0 && (*p)[length] == '=') return *p + length + 1;
    return NULL;
}

const char *corm__sources_lookup(const corm_sources *sources, const char *name) {
    const char *value = environment_get(sources, name);
    if (value) return value;
    const corm_variable *variable = corm__map_get(&sources->files, name);
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

/* The value in the file that a NAME_FILE names. */
static int read_secret(const corm_sources *sources, const char *path, corm_setting_value *out,
                       corm_error_info *error) {
    corm_buffer text = { 0 };
    int reason = read_file(path, &text), status = 0;
    while (!reason && text.length &&
           (text.data[text.length - 1] == '\n' || text.data[text.length - 1] == '\r'))
        text.length--;
    if (reason == ENOMEM) {
        status = corm__fail_memory(error);
    } else if (reason) {
        status = corm__fail(error, CORM_ERROR_SETTINGS, "%s: %s cannot be read: %s", out->source,
                            path, strerror(reason));
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

/* name or name_FILE at one level. out->text stays NULL when neither is there. */
static int get_at_level(const corm_sources *sources, corm_level level, const char *name,
                        corm_setting_value *out, corm_error_info *error) {
    corm_setting_value file;
    const char *file_name = corm__arena_printf(sources->arena, "%s_FILE", name);
    if (!file_name) return corm__fail_memory(error);
    bool plain = at_level(sources, level, name, out),
         by_file = at_level(sources, level, file_name, &file);
    if ((plain && !out->source) || (by_file && !file.source)) return corm__fail_memory(error);
    if (by_file && *file.text && plain && *out->text) return conflict(out, &file, error);
    if (by_file && (*file.text || !plain)) {
        const char *path = file.text;
        *out = file;
        if (*path) return read_secret(sources, path, out, error);
    }
    return 0;
}

int corm__sources_get(const corm_sources *sources, const char *name, const char *name2,
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
