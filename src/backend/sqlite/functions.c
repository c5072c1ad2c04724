/* SQL functions that give SQLite the meaning that the other engines have: text is matched and
 * folded as Unicode, integers that overflow and divisions by zero are errors.
 *
 * Characters are mapped by the C library's tables in a UTF-8 locale, one to one; the few mappings
 * that change the number of characters and that PostgreSQL's "und-x-icu" makes as well are listed
 * here. */
#include "backend/sqlite/driver.h"
#include "base/regex.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

/* Once for a connection, when a character beyond ASCII is met: most programs never pay for it. */
static locale_t utf8_locale(corm_conn *conn) {
    if (!conn->locale_tried) {
        conn->locale_tried = true;
        conn->locale = corm__utf8_locale();
    }
    return conn->locale;
}

/* --- UTF-8. A byte that is no character stands for itself: it is never lost. --- */

enum { NO_CHARACTER = CORM__SQLITE_NO_CHARACTER };

static unsigned decode(const unsigned char **at, const unsigned char *end) {
    return corm__sqlite_decode(at, end);
}

static char *encode(char *out, unsigned c) {
    if (c >= NO_CHARACTER)
        c -= NO_CHARACTER, *out++ = (char)c;
    else if (c < 0x80)
        *out++ = (char)c;
    else if (c < 0x800)
        *out++ = (char)(0xC0 | c >> 6), *out++ = (char)(0x80 | (c & 0x3F));
    else if (c < 0x10000)
        *out++ = (char)(0xE0 | c >> 12), *out++ = (char)(0x80 | (c >> 6 & 0x3F)),
        *out++ = (char)(0x80 | (c & 0x3F));
    else
        *out++ = (char)(0xF0 | c >> 18), *out++ = (char)(0x80 | (c >> 12 & 0x3F)),
        *out++ = (char)(0x80 | (c >> 6 & 0x3F)), *out++ = (char)(0x80 | (c & 0x3F));
    return out;
}

/* --- case --- */

enum { LONGEST_MAPPING = 3 };
typedef struct special {
    unsigned from, to[LONGEST_MAPPING];
} special;

/* Unicode's SpecialCasing without conditions, except for Greek with iota subscript, which
 * `greek_upper` makes. */
static const special special_upper[] = {
    { 0xDF, { 'S', 'S' } },
    { 0x149, { 0x2BC, 'N' } },
    { 0x1F0, { 'J', 0x30C } },
    { 0x390, { 0x399, 0x308, 0x301 } },
    { 0x3B0, { 0x3A5, 0x308, 0x301 } },
    { 0x587, { 0x535, 0x552 } },
    { 0x1E96, { 'H', 0x331 } },
    { 0x1E97, { 'T', 0x308 } },
    { 0x1E98, { 'W', 0x30A } },
    { 0x1E99, { 'Y', 0x30A } },
    { 0x1E9A, { 'A', 0x2BE } },
    { 0x1F50, { 0x3A5, 0x313 } },
    { 0x1F52, { 0x3A5, 0x313, 0x300 } },
    { 0x1F54, { 0x3A5, 0x313, 0x301 } },
    { 0x1F56, { 0x3A5, 0x313, 0x342 } },
    { 0x1FB2, { 0x1FBA, 0x399 } },
    { 0x1FB3, { 0x391, 0x399 } },
    { 0x1FB4, { 0x386, 0x399 } },
    { 0x1FB6, { 0x391, 0x342 } },
    { 0x1FB7, { 0x391, 0x342, 0x399 } },
    { 0x1FBC, { 0x391, 0x399 } },
    { 0x1FC2, { 0x1FCA, 0x399 } },
    { 0x1FC3, { 0x397, 0x399 } },
    { 0x1FC4, { 0x389, 0x399 } },
    { 0x1FC6, { 0x397, 0x342 } },
    { 0x1FC7, { 0x397, 0x342, 0x399 } },
    { 0x1FCC, { 0x397, 0x399 } },
    { 0x1FD2, { 0x399, 0x308, 0x300 } },
    { 0x1FD3, { 0x399, 0x308, 0x301 } },
    { 0x1FD6, { 0x399, 0x342 } },
    { 0x1FD7, { 0x399, 0x308, 0x342 } },
    { 0x1FE2, { 0x3A5, 0x308, 0x300 } },
    { 0x1FE3, { 0x3A5, 0x308, 0x301 } },
    { 0x1FE4, { 0x3A1, 0x313 } },
    { 0x1FE6, { 0x3A5, 0x342 } },
    { 0x1FE7, { 0x3A5, 0x308, 0x342 } },
    { 0x1FF2, { 0x1FFA, 0x399 } },
    { 0x1FF3, { 0x3A9, 0x399 } },
    { 0x1FF4, { 0x38F, 0x399 } },
    { 0x1FF6, { 0x3A9, 0x342 } },
    { 0x1FF7, { 0x3A9, 0x342, 0x399 } },
    { 0x1FFC, { 0x3A9, 0x399 } },
    { 0xFB00, { 'F', 'F' } },
    { 0xFB01, { 'F', 'I' } },
    { 0xFB02, { 'F', 'L' } },
    { 0xFB03, { 'F', 'F', 'I' } },
    { 0xFB04, { 'F', 'F', 'L' } },
    { 0xFB05, { 'S', 'T' } },
    { 0xFB06, { 'S', 'T' } },
    { 0xFB13, { 0x544, 0x546 } },
    { 0xFB14, { 0x544, 0x535 } },
    { 0xFB15, { 0x544, 0x53B } },
    { 0xFB16, { 0x54E, 0x546 } },
    { 0xFB17, { 0x544, 0x53D } },
};

/* U+1F80 to U+1FAF: eight letters with breathing and iota subscript, then their title forms: ᾀ is
 * ἈΙ. */
static bool greek_upper(unsigned c, unsigned *to) {
    if (c < 0x1F80 || c > 0x1FAF) return false;
    static const unsigned capitals[] = { 0x1F08, 0x1F28, 0x1F68 };
    to[0] = capitals[(c - 0x1F80) / 16] + (c & 7);
    to[1] = 0x399;
    to[2] = 0;
    return true;
}

static void upper_character(unsigned c, locale_t locale, unsigned *to) {
    to[0] = c, to[1] = to[2] = 0;
    if (c < 0x80) {
        if (c >= 'a' && c <= 'z') to[0] = c - 32;
        return;
    }
    if (c >= NO_CHARACTER || !locale || greek_upper(c, to)) return;
    for (size_t i = 0; i < sizeof special_upper / sizeof *special_upper; i++) {
        if (special_upper[i].from != c) continue;
        memcpy(to, special_upper[i].to, sizeof special_upper[i].to);
        return;
    }
    to[0] = (unsigned)towupper_l((wint_t)c, locale);
}

static void lower_character(unsigned c, locale_t locale, unsigned *to) {
    to[0] = c, to[1] = to[2] = 0;
    if (c < 0x80) {
        if (c >= 'A' && c <= 'Z') to[0] = c + 32;
    } else if (c == 0x130)
        to[0] = 'i', to[1] = 0x307; /* İ */
    else if (c < NO_CHARACTER && locale)
        to[0] = (unsigned)towlower_l((wint_t)c, locale);
}

typedef enum mapping { FOLD, LOWER, UPPER } mapping;

/* What may stand inside a word without ending it. */
static bool is_ignorable(unsigned c) {
    return c == '\'' || c == '.' || c == ':' || c == '^' || c == '`' || c == 0xA8 || c == 0xAD ||
           c == 0xB7 || c == 0x2019 || (c >= 0x2B0 && c < 0x370);
}

static bool is_cased(unsigned c, locale_t locale) {
    return c < NO_CHARACTER && (iswlower_l((wint_t)c, locale) || iswupper_l((wint_t)c, locale));
}

/* A capital sigma that ends a word is ς, any other σ. before: a letter stands before it. */
static bool final_sigma(bool before, const unsigned char *p, const unsigned char *end,
                        locale_t locale) {
    while (before && p < end) {
        unsigned c = decode(&p, end);
        if (!is_ignorable(c)) return !is_cased(c, locale);
    }
    return before;
}

static char *map_text(char *out, const unsigned char *p, const unsigned char *end, locale_t locale,
                      mapping mapping) {
    unsigned to[LONGEST_MAPPING];
    bool letter_before = false;
    while (p < end) {
        unsigned c = decode(&p, end);
        if (mapping == UPPER)
            upper_character(c, locale, to);
        else
            lower_character(c, locale, to);
        if (mapping == FOLD && to[0] == 0x3C2) to[0] = 0x3C3;
        if (mapping == LOWER && c == 0x3A3 && locale && final_sigma(letter_before, p, end, locale))
            to[0] = 0x3C2;
        if (locale && mapping == LOWER && !is_ignorable(c))
            letter_before = is_cased(c, locale);
        for (int i = 0; i < LONGEST_MAPPING && (i == 0 || to[i]); i++) out = encode(out, to[i]);
    }
    return out;
}

static bool all_ascii(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] >= 0x80) return false;
    return true;
}

static void map_case(sqlite3_context *context, sqlite3_value *value, mapping mapping) {
    if (sqlite3_value_type(value) == SQLITE_NULL) return;
    const unsigned char *text = sqlite3_value_text(value);
    size_t size = (size_t)sqlite3_value_bytes(value);
    if (!text) {
        sqlite3_result_error_nomem(context);
        return;
    }
    bool ascii = all_ascii(text, size);
    char *out = sqlite3_malloc64(ascii ? size + 1
                                       : size * LONGEST_MAPPING +
                                             1); /* a mapping has at most three times the bytes */
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    char *end = map_text(out, text, text + size,
                         ascii ? (locale_t)0 : utf8_locale(sqlite3_user_data(context)), mapping);
    sqlite3_result_text64(context, out, (sqlite3_uint64)(end - out), sqlite3_free, SQLITE_UTF8);
}

static void fold_buffer(corm_buffer *text, locale_t locale) {
    corm_buffer folded = { 0 };
    const unsigned char *p = (const unsigned char *)corm__buffer_text(text);
    char *room = corm__buffer_reserve(&folded, text->length * LONGEST_MAPPING + 1);
    if (room) folded.length = (size_t)(map_text(room, p, p + text->length, locale, FOLD) - room);
    if (room) room[folded.length] = 0;
    folded.broken |= text->broken;
    corm__buffer_release(text);
    *text = folded;
}

static void fold(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    map_case(context, values[0], FOLD);
}
static void lower(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    map_case(context, values[0], LOWER);
}
static void upper(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    map_case(context, values[0], UPPER);
}

/* --- matching --- */

typedef struct span {
    const unsigned char *data;
    size_t size;
} span;

/* False when a value is NULL (so is the result) or memory is out (the error is set). */
static bool spans(sqlite3_context *context, sqlite3_value **values, span *a, span *b) {
    if (sqlite3_value_type(values[0]) == SQLITE_NULL ||
        sqlite3_value_type(values[1]) == SQLITE_NULL)
        return false;
    *a = (span){ sqlite3_value_text(values[0]), (size_t)sqlite3_value_bytes(values[0]) };
    *b = (span){ sqlite3_value_text(values[1]), (size_t)sqlite3_value_bytes(values[1]) };
    if (a->data && b->data) return true;
    sqlite3_result_error_nomem(context);
    return false;
}

static void starts_with(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    span text, part;
    if (!spans(context, values, &text, &part)) return;
    sqlite3_result_int(context,
                       part.size <= text.size && memcmp(text.data, part.data, part.size) == 0);
}

static void ends_with(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    span text, part;
    if (!spans(context, values, &text, &part)) return;
    sqlite3_result_int(context, part.size <= text.size && memcmp(text.data + text.size - part.size,
                                                                 part.data, part.size) == 0);
}

/* After a mismatch only the last % can take one character more, so one place to return to is
 * enough. 1, 0, or -1: the pattern ends with the escape. */
static int like_match(const unsigned char *text, const unsigned char *text_end,
                      const unsigned char *pattern, const unsigned char *pattern_end) {
    const unsigned char *retry_text = NULL, *retry_pattern = NULL;
    while (text < text_end || pattern < pattern_end) {
        if (pattern < pattern_end && *pattern == '%') {
            retry_pattern = ++pattern;
            retry_text = text;
            if (pattern == pattern_end) return 1;
            continue;
        }
        if (pattern < pattern_end && text < text_end) {
            const unsigned char *next_text = text, *next_pattern = pattern;
            unsigned wanted = decode(&next_pattern, pattern_end), c = decode(&next_text, text_end);
            bool any = wanted == '_';
            if (wanted == '\\') {
                if (next_pattern == pattern_end) return -1;
                wanted = decode(&next_pattern, pattern_end);
            }
            if (any || wanted == c) {
                text = next_text, pattern = next_pattern;
                continue;
            }
        }
        if (!retry_text || retry_text >= text_end) return 0;
        decode(&retry_text, text_end);
        text = retry_text;
        pattern = retry_pattern;
    }
    return 1;
}

static void like(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    span text, pattern;
    if (!spans(context, values, &text, &pattern)) return;
    int matches =
        like_match(text.data, text.data + text.size, pattern.data, pattern.data + pattern.size);
    if (matches < 0)
        sqlite3_result_error(context, "LIKE pattern must not end with its escape character", -1);
    else
        sqlite3_result_int(context, matches);
}

/* fold: the pattern is folded, as the text is already. */
static corm_matcher *compile(sqlite3_context *context, span pattern, bool fold, locale_t locale) {
    corm_buffer read = { 0 };
    char why[CORM__REGEX_WHY];
    corm_matcher *matcher = NULL;
    if (!corm__regex((const char *)pattern.data, pattern.size, fold, "$", &read, why)) {
        sqlite3_result_error(context, why, -1);
    } else {
        if (fold) fold_buffer(&read, locale);
        matcher = corm__sqlite_matcher(&read);
        if (!matcher) sqlite3_result_error_nomem(context);
    }
    corm__buffer_release(&read);
    return matcher;
}

/* The compiled pattern stays with the statement as long as the pattern is the same. */
static void match_regex(sqlite3_context *context, sqlite3_value **values, bool fold) {
    span text, pattern;
    if (!spans(context, values, &text, &pattern)) return;
    locale_t locale = utf8_locale(sqlite3_user_data(context));
    corm_matcher *matcher = sqlite3_get_auxdata(context, 1), *made = NULL;
    if (!locale)
        sqlite3_result_error_nomem(context);
    else if (!matcher)
        matcher = made = compile(context, pattern, fold, locale);
    if (matcher && locale)
        sqlite3_result_int(context, corm__sqlite_matches(matcher, text.data, text.size, locale));
    if (made) /* may free it at once: last */
        sqlite3_set_auxdata(context, 1, made, corm__sqlite_matcher_free);
}

static void regexp(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    match_regex(context, values, false);
}
static void iregexp(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    match_regex(context, values, true);
}

/* NULL counts as nothing, as with PostgreSQL's concat. */
static void concat(sqlite3_context *context, int n, sqlite3_value **values) {
    sqlite3_uint64 size = 0;
    for (int i = 0; i < n; i++)
        size += sqlite3_value_text(values[i]) ? (sqlite3_uint64)sqlite3_value_bytes(values[i]) : 0;
    char *out = sqlite3_malloc64(size + 1), *at = out;
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (int i = 0; i < n; i++) {
        const unsigned char *text = sqlite3_value_text(values[i]);
        if (!text) continue;
        memcpy(at, text, (size_t)sqlite3_value_bytes(values[i]));
        at += sqlite3_value_bytes(values[i]);
    }
    sqlite3_result_text64(context, out, size, sqlite3_free, SQLITE_UTF8);
}

/* --- arithmetic of integers and floating point numbers --- */

static void arithmetic(sqlite3_context *context, sqlite3_value **values, char op) {
    int left = sqlite3_value_numeric_type(values[0]), right = sqlite3_value_numeric_type(values[1]);
    if (left == SQLITE_NULL || right == SQLITE_NULL) return;
    bool integers = left == SQLITE_INTEGER && right == SQLITE_INTEGER, overflow = false;
    double x = sqlite3_value_double(values[0]), y = sqlite3_value_double(values[1]);
    int64_t a = sqlite3_value_int64(values[0]), b = sqlite3_value_int64(values[1]), result = 0;
    if ((op == '/' || op == '%') && (integers ? b == 0 : y == 0)) {
        sqlite3_result_error(context, "division by zero", -1);
        return;
    }
    if (!integers) {
        double real = op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y;
        if (op == '%')
            sqlite3_result_error(context, "the remainder of floating point numbers is not defined",
                                 -1);
        else if (!isfinite(real) && isfinite(x) && isfinite(y))
            sqlite3_result_error(context, "floating point overflow", -1);
        else
            sqlite3_result_double(context, real);
        return;
    }
    switch (op) {
    case '+': overflow = __builtin_add_overflow(a, b, &result); break;
    case '-': overflow = __builtin_sub_overflow(a, b, &result); break;
    case '*': overflow = __builtin_mul_overflow(a, b, &result); break;
    case '/':
        overflow = a == INT64_MIN && b == -1;
        if (!overflow) result = a / b;
        break;
    default: result = b == -1 ? 0 : a % b;
    }
    if (overflow)
        sqlite3_result_error(context, "integer overflow", -1);
    else
        sqlite3_result_int64(context, result);
}

/* A sum that has left the range is infinite. */
static void check_finite(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    if (isinf(sqlite3_value_double(values[0])))
        sqlite3_result_error(context, "floating point overflow", -1);
    else
        sqlite3_result_value(context, values[0]);
}

static void add(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    arithmetic(context, values, '+');
}
static void sub(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    arithmetic(context, values, '-');
}
static void mul(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    arithmetic(context, values, '*');
}
static void divide(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    arithmetic(context, values, '/');
}
static void mod(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    arithmetic(context, values, '%');
}

int corm__sqlite_functions(corm_conn *conn) {
    static const struct {
        const char *name;
        int n;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        { "corm_fold", 1, fold },
        { "corm_lower", 1, lower },
        { "corm_upper", 1, upper },
        { "corm_starts_with", 2, starts_with },
        { "corm_ends_with", 2, ends_with },
        { "corm_like", 2, like },
        { "corm_regexp", 2, regexp },
        { "corm_iregexp", 2, iregexp },
        { "corm_concat", -1, concat },
        { "corm_finite", 1, check_finite },
        { "corm_add", 2, add },
        { "corm_sub", 2, sub },
        { "corm_mul", 2, mul },
        { "corm_div", 2, divide },
        { "corm_mod", 2, mod },
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(conn->db, functions[i].name, functions[i].n,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, conn,
                                        functions[i].run, NULL, NULL, NULL);
    return rc;
}
