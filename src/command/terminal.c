/* Text on a terminal, for messages and for output alike. */
#include "base/ascii.h"
#include "command/command.h"
#include <string.h>

const char *corm__color(const corm_context *context, FILE *stream, corm_color color) {
    static const char *const sequences[] = { "\033[0m",  "\033[1m",  "\033[2m",
                                             "\033[31m", "\033[32m", "\033[33m" };
    return (stream == stderr ? context->color_err : context->color_out) ? sequences[color] : "";
}

void corm__print_line(FILE *stream, const char *text) {
    for (const char *p = text; *p; p++)
        putc((unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p, stream);
    putc('\n', stream);
}

const char *corm__before_hint(const char *message, const char *hint) {
    if (!hint || !hint[0]) return "";
    if (!corm__is_upper(hint[0]) || corm__is_upper(hint[1]))
        return "; "; /* a name such as DB_HOST begins no sentence */
    size_t length = strlen(message);
    return length && strchr(".?!", message[length - 1]) ? " " : ". ";
}

void corm__progress_clear(corm_context *context) {
    if (!context->bar) return;
    fputs("\r\033[K", stderr);
    context->bar = false;
    context->bar_drawn = 0;
}
