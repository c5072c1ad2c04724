#include "base/ascii.h"
#include <stdint.h>
#include <string.h>

int corm__compare_nocase_n(const char *a, const char *b, size_t n) {
    for (; n; a++, b++, n--) {
        unsigned char x = (unsigned char)corm__to_lower(*a), y = (unsigned char)corm__to_lower(*b);
        if (x != y) return x < y ? -1 : 1;
        if (!x) break;
    }
    return 0;
}

int corm__compare_nocase(const char *a, const char *b) {
    return corm__compare_nocase_n(a, b, SIZE_MAX);
}

char *corm__find_nocase(const char *text, const char *part) {
    size_t length = strlen(part);
    for (; corm__compare_nocase_n(text, part, length) != 0; text++)
        if (!*text) return NULL;
    return (char *)text;
}
