#include "base/text.h"
#include <corm/status.h>
#include <stdint.h>
#include <string.h>

/* The length of the character at p, 0 when it is none. */
static size_t character(const unsigned char *p, const unsigned char *end) {
    unsigned lead = *p;
    size_t length = lead < 0x80   ? 1
                    : lead < 0xC2 ? 0
                    : lead < 0xE0 ? 2
                    : lead < 0xF0 ? 3
                    : lead < 0xF5 ? 4
                                  : 0;
    if (length < 2) return length;
    unsigned low = lead == 0xE0   ? 0xA0
                   : lead == 0xF0 ? 0x90
                                  : 0x80,
             high = lead == 0xED   ? 0x9F
                    : lead == 0xF4 ? 0x8F
                                   : 0xBF;
    if ((size_t)(end - p) < length || p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return length;
}

bool corm__text_valid(const char *text, size_t size, bool *nul) {
    static const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    if (nul) *nul = false;
    if (size == 0) return true; /* of a text that may be NULL */
    const unsigned char *p = (const unsigned char *)text, *end = p + size;
    while (p < end) {
        uint64_t word;
        while (end - p >= 8) { /* eight bytes of ASCII, none of them NUL */
            memcpy(&word, p, 8);
            if ((word | ((word - ones) & ~word)) & tops) break;
            p += 8;
        }
        if (p == end) break;
        if (!*p) {
            if (nul) *nul = true;
            return false;
        }
        size_t length = character(p, end);
        if (!length) return false;
        p += length;
    }
    return true;
}

/* --- JSON. Which bracket each level is in is a bit, so that no text is too deep for the stack. */

static const char *skip_space(const char *p) { return p + strspn(p, " \t\n\r"); }
static const char *skip_digits(const char *p) { return p + strspn(p, "0123456789"); }

static const char *skip_string(const char *p) {
    for (p++; *p != '"'; p++) {
        if ((unsigned char)*p < 0x20) return NULL;
        if (*p != '\\') continue;
        if (!*++p || !strchr("\"\\/bfnrtu", *p)) return NULL;
        if (*p == 'u' && strspn(p + 1, "0123456789abcdefABCDEF") < 4) return NULL;
    }
    return p + 1;
}

static const char *skip_number(const char *p) {
    if (*p == '-') p++;
    const char *digits = p;
    p = *p == '0' ? p + 1 : skip_digits(p);
    if (p == digits) return NULL;
    if (*p == '.') {
        digits = p + 1;
        p = skip_digits(digits);
        if (p == digits) return NULL;
    }
    if ((*p | 32) != 'e') return p;
    p += p[1] == '+' || p[1] == '-' ? 2 : 1;
    digits = p;
    p = skip_digits(p);
    return p == digits ? NULL : p;
}

static const char *skip_scalar(const char *p) {
    if (*p == '"') return skip_string(p);
    if (strncmp(p, "true", 4) == 0 || strncmp(p, "null", 4) == 0) return p + 4;
    return strncmp(p, "false", 5) == 0 ? p + 5 : skip_number(p);
}

/* Behind a member's name and its colon; NULL when there is none. */
static const char *skip_name(const char *p) {
    p = *p == '"' ? skip_string(p) : NULL;
    if (p) p = skip_space(p);
    return p && *p == ':' ? skip_space(p + 1) : NULL;
}

int corm__json_check(const char *text, size_t most) {
    unsigned char objects[CORM__JSON_DEEPEST / 8 + 1];
    size_t level = 0;
    const char *p = skip_space(text);
    for (bool value = true; p;) {
        bool object = level && (objects[level / 8] >> (level % 8) & 1);
        if (value && (*p == '{' || *p == '[')) {
            if (++level > most) return CORM_ERROR_RANGE;
            objects[level / 8] &= (unsigned char)~(1u << (level % 8));
            if (*p == '{') objects[level / 8] |= (unsigned char)(1u << (level % 8));
            char end = *p == '{' ? '}' : ']', open = *p;
            p = skip_space(p + 1);
            if (*p == end)
                value = false;
            else if (open == '{')
                p = skip_name(p);
            continue;
        }
        if (value) {
            p = skip_scalar(p);
            if (p) p = skip_space(p);
            value = false;
        } else if (!level) {
            return *p ? CORM_ERROR_TYPE : 0;
        } else if (*p == ',') {
            p = skip_space(p + 1);
            if (object) p = skip_name(p);
            value = true;
        } else if (*p == (object ? '}' : ']')) {
            p = skip_space(p + 1);
            level--;
        } else {
            return CORM_ERROR_TYPE;
        }
    }
    return CORM_ERROR_TYPE;
}
