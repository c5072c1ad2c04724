#include "command/command.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

json_t *corm__json_text(const char *text) {
    if (!text) return json_null();
    json_t *string = json_string(text);
    if (string) return string;
    corm_buffer mended = { 0 };
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t length = *p < 0x80 ? 1 : *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : *p >= 0xC0 ? 2 : 0;
        if (length > strnlen((const char *)p, 4)) length = 0;
        json_t *character =
            length ? json_stringn((const char *)p, length) : NULL; /* jansson knows what is UTF-8 */
        if (character)
            corm__buffer_add(&mended, p, length);
        else
            corm__buffer_puts(&mended, "\xEF\xBF\xBD");
        p += character ? length : 1;
        json_decref(character);
    }
    string = corm__buffer_broken(&mended) ? NULL : json_string(corm__buffer_text(&mended));
    corm__buffer_release(&mended);
    return string;
}

void corm__json_set(json_t **object, const char *key, json_t *value) {
    if (json_object_set_new(*object, key, value) == 0) return;
    json_decref(*object);
    *object = NULL;
}

void corm__json_append(json_t **array, json_t *value) {
    if (json_array_append_new(*array, value) == 0) return;
    json_decref(*array);
    *array = NULL;
}

/* Into memory that is there before: json_dumps (jansson 2.14) leaves out what it has no room for in
 * a key, and says nothing. */
static char *dump(const json_t *object) {
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15);
    size_t size = object ? json_dumpb(object, NULL, 0, flags) : 0;
    char *text = size ? malloc(size + 1) : NULL;
    if (!text) return NULL;
    if (json_dumpb(object, text, size, flags) == size) {
        text[size] = 0;
        return text;
    }
    free(text);
    return NULL;
}

int corm__json_line(corm_context *context, json_t *object) {
    char *text = dump(object);
    json_decref(object);
    if (!text) return corm__no_memory(context);
    corm__progress_clear(context);
    puts(text);
    fflush(stdout);
    free(text);
    return ferror(stdout) ? CORM_EXIT_IO : CORM_EXIT_OK;
}

/* After a write that failed some time ago, errno may be about anything. */
static bool of_writing(int error) {
    return error == ENOSPC || error == EDQUOT || error == EFBIG || error == EPIPE ||
           error == EBADF || error == EIO;
}

int corm__output_end(corm_context *context, int status) {
    int earlier = errno;
    corm_progress_end(context);
    bool before = ferror(stdout) != 0, failed = fflush(stdout) != 0 || before;
    const char *why = !before               ? strerror(errno)
                      : of_writing(earlier) ? strerror(earlier)
                                            : "a write before has failed";
    if (failed) {
        clearerr(stdout);
        int done =
            corm_context_fail(context, CORM_EXIT_IO, "cannot write to standard output: %s", why);
        return status == CORM_EXIT_OK ? done : status;
    }
    if ((ferror(stderr) || fflush(stderr) != 0) && status == CORM_EXIT_OK) return CORM_EXIT_IO;
    return status;
}

static uint64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void draw(const char *what, uint64_t done, uint64_t total) {
    enum { WIDTH = 30 };
    fprintf(stderr, "\r\033[K%s ", what);
    if (total) {
        int filled = (int)((double)done / (double)total * WIDTH);
        fputc('[', stderr);
        for (int i = 0; i < WIDTH; i++) fputc(i < filled ? '#' : '.', stderr);
        fprintf(stderr, "] %3d %% %" PRIu64 " of %" PRIu64,
                (int)((double)done / (double)total * 100), done, total);
    } else {
        fprintf(stderr, "%" PRIu64, done);
    }
    fflush(stderr);
}

void corm_progress(corm_context *context, const char *what, uint64_t done, uint64_t total) {
    enum { REDRAW_MS = 100 };
    if (!isatty(STDERR_FILENO)) return;
    bool last = total && done >= total;
    if (!last && (done & 63) && context->bar) return; /* the clock is not read for every row */
    uint64_t now = milliseconds();
    if (!last && context->bar && now - context->bar_drawn < REDRAW_MS) return;
    draw(what, last ? total : done, total);
    context->bar = true;
    context->bar_drawn = now;
    if (last) corm_progress_end(context);
}

void corm_progress_end(corm_context *context) {
    if (!context->bar) return;
    fputc('\n', stderr);
    context->bar = false;
}
