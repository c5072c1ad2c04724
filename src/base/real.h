/* Numbers to and from text with a point, whatever locale the program has set. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

enum { CORM_REAL_TEXT = 32 };

/* As strtod. */
double corm__real_parse(const char *text, char **end);
/* The shortest text of 15 to 17 digits that is this number when it is read; returns out, which has
 * room for CORM_REAL_TEXT. */
char *corm__real_text(double value, char *out);
/* As snprintf and vsnprintf. */
int corm__format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int corm__vformat(char *out, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
