#include "base/real.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* The C locale is there without memory being asked for; it is the thread's only for one call. */
static locale_t enter(void) {
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return plain ? uselocale(plain) : (locale_t)0;
}

static void leave(locale_t before) {
    if (before) uselocale(before);
}

double corm__real_parse(const char *text, char **end) {
    locale_t before = enter();
    double value = strtod(text, end);
    leave(before);
    return value;
}

int corm__vformat(char *out, size_t size, const char *format, va_list arguments) {
    locale_t before = enter();
    int length = vsnprintf(out, size, format, arguments);
    leave(before);
    return length;
}

int corm__format(char *out, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = corm__vformat(out, size, format, arguments);
    va_end(arguments);
    return length;
}

char *corm__real_text(double value, char *out) {
    for (int digits = 15; digits <= 17; digits++) {
        corm__format(out, CORM_REAL_TEXT, "%.*g", digits, value);
        if (corm__real_parse(out, NULL) == value) break;
    }
    return out;
}
