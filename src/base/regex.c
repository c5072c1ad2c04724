/* PostgreSQL, PCRE (MariaDB) and ICU (MySQL) agree on what POSIX says of an extended regular
 * expression, and on little else. So one is read here, before an engine sees it: what POSIX leaves
 * undefined is refused, and the rest is written in the form that all of them read alike. Whether a
 * text matches is all that is asked, so that it does not matter which match they find.
 *
 * A bracket becomes a set of ASCII characters and a list of what lies beyond. Classes are ASCII's,
 * but for letters, which are Unicode's as the engine knows them. Without regard to case text and
 * pattern are folded by the engine; a range would lose what lies between its capitals, so here it
 * becomes one of what folding leaves.
 *
 * What a pattern costs is limited, as it may come from anybody: engines make a copy of what is
 * repeated for each repetition and a call on the C stack for each parenthesis, PCRE has 65,535
 * bytes for all. The unit is a byte of PCRE's. PostgreSQL's time grows by the cube of how many
 * pieces in a row may be empty. */
#include "base/regex.h"
#include "base/ascii.h"
#include "base/error.h"
#include "base/text.h"
#include <stdint.h>
#include <string.h>
#include <wctype.h>

enum {
    LONGEST_PATTERN = 20000,
    LARGEST_PATTERN = 60000,
    LARGEST_PIECE = 25000,
    MOST_OPTIONAL = 600, /* what stands in a group, and a group with ?, counts twice */
    DEEPEST_GROUP = 100,
    MOST_TIMES = 255, /* RE_DUP_MAX of POSIX, and PostgreSQL's */
    GROUP_COST = 10,
    BRACKET_COST = 40,
    DOTTED_I = 0x130, /* the one letter that folds to two characters */
    LAST_WITH_CASE = 0x1E943
};

typedef struct reader {
    const char *start, *p;
    bool fold;
    const char *end;
    corm_buffer *out;
    char *why;
    locale_t locale; /* of fold, when needed */
} reader;

static bool refuse(const reader *r, const char *at, const char *what) {
    size_t column = 1;
    for (const char *p = r->start; p < at; p++) column += (*p & 0xC0) != 0x80;
    corm__error_set(r->why, CORM__REGEX_WHY, "invalid regular expression, column %zu: %s", column,
                    what);
    return false;
}

locale_t corm__utf8_locale(void) {
    static const char *const names[] = { "C.UTF-8", "C.utf8", "en_US.UTF-8", "C", NULL };
    locale_t locale = (locale_t)0;
    for (int i = 0; names[i] && !locale; i++)
        locale = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
    return locale;
}

/* The next character of what is valid UTF-8. */
static unsigned take(const char **p) {
    unsigned c = (unsigned char)*(*p)++;
    if (c < 0x80) return c;
    c &= c < 0xE0 ? 0x1F : c < 0xF0 ? 0x0F : 0x07;
    while ((**p & 0xC0) == 0x80) c = c << 6 | (*(*p)++ & 0x3F);
    return c;
}

static void put(corm_buffer *out, unsigned c) {
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = { 0, 0xC0, 0xE0, 0xF0 };
    corm__buffer_putc(out, (char)(leads[more] | c >> 6 * more));
    while (more--) corm__buffer_putc(out, (char)(0x80 | (c >> 6 * more & 0x3F)));
}

static bool is_mark(unsigned c) { return c > ' ' && c < 0x7F && !corm__is_alnum((char)c); }

/* A character that stands for itself. */
static void put_literal(const reader *r, unsigned c) {
    if (is_mark(c)) corm__buffer_putc(r->out, '\\');
    put(r->out, c);
}

/* --- brackets --- */

typedef struct set {
    uint32_t ascii[4];
    corm_buffer wide; /* as it is written */
} set;

static bool has(const set *set, unsigned c) { return set->ascii[c / 32] >> c % 32 & 1; }

static void add_ascii(const reader *r, set *set, unsigned low, unsigned high) {
    for (unsigned c = low; c <= high && c < 0x80; c++) {
        unsigned folded = r->fold ? (unsigned)corm__to_lower((char)c) : c;
        set->ascii[folded / 32] |= 1U << folded % 32;
    }
}

static void add_wide(set *set, unsigned low, unsigned high) {
    if (!low) return;
    put(&set->wide, low);
    if (high == low) return;
    corm__buffer_putc(&set->wide, '-');
    put(&set->wide, high);
}

/* From the first to the last that folding leaves as it is, and what others become. */
static void add_folded(reader *r, set *set, unsigned low, unsigned high) {
    unsigned first = 0, last = 0, run = 0, run_end = 0;
    if (!r->locale) r->locale = corm__utf8_locale();
    for (unsigned c = low; c <= high && c <= LAST_WITH_CASE; c++) {
        unsigned folded = r->locale ? (unsigned)towlower_l((wint_t)c, r->locale) : c;
        if (folded == c) {
            if (!first) first = c;
            last = c;
        } else if (c != DOTTED_I && (folded < low || folded > high)) {
            if (folded != run_end + 1) {
                add_wide(set, run, run_end);
                run = folded;
            }
            run_end = folded;
        }
    }
    add_wide(set, run, run_end);
    if (high > LAST_WITH_CASE) last = high;
    add_wide(set, first ? first : high > LAST_WITH_CASE ? low : 0, last);
}

static bool add(reader *r, set *set, const char *at, unsigned low, unsigned high) {
    if (high < low) return refuse(r, at, "a range that goes backwards");
    add_ascii(r, set, low, high);
    if (low < 0x80) low = 0x80;
    if (high < low) return true;
    if (!r->fold) {
        add_wide(set, low, high);
    } else if (low < high) {
        add_folded(r, set, low, high);
    } else {
        if (low == DOTTED_I) return refuse(r, at, "İ in brackets is two characters in small");
        add_wide(set, low, high);
    }
    return true;
}

/* The class [:…:] at p. */
static bool add_class(reader *r, set *set) {
    static const struct {
        char name[8], ascii[8], wide[12];
    } classes[] = {
        { "alpha", "", "[:alpha:]" },
        { "alnum", "09", "[:alpha:]" },
        { "upper", "", "[:upper:]" },
        { "lower", "", "[:lower:]" },
        { "digit", "09", "" },
        { "xdigit", "09AFaf", "" },
        { "space", "\t\r  ", "" },
        { "blank", "\t\t  ", "" },
        { "punct", "!/:@[`{~", "" },
        { "cntrl", "\1\x1f\x7f\x7f", "\xC2\x80-\xC2\x9F" },
        { "graph", "!~", "\xC2\xA1-\U0010FFFF" },
        { "print", " ~", "\xC2\xA0-\U0010FFFF" },
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        size_t length = strlen(classes[i].name);
        if (strncmp(r->p + 2, classes[i].name, length) != 0 ||
            strncmp(r->p + 2 + length, ":]", 2) != 0)
            continue;
        for (size_t j = 0; j < sizeof classes[i].ascii && classes[i].ascii[j]; j += 2)
            add_ascii(r, set, (unsigned char)classes[i].ascii[j],
                      (unsigned char)classes[i].ascii[j + 1]);
        bool cased = r->fold && strstr("upper lower", classes[i].name);
        corm__buffer_puts(&set->wide, cased ? "[:alpha:]" : classes[i].wide);
        r->p += length + 4;
        return true;
    }
    return refuse(r, r->p, "no class; one is [:alpha:], [:digit:], [:space:], …");
}

static void put_set(const reader *r, const set *set, bool negated) {
    corm__buffer_puts(r->out, negated ? "[^" : "[");
    for (unsigned c = 1; c < 0x80; c++) {
        unsigned end = c;
        while (end < 0x80 && has(set, end)) end++;
        if (end == c) continue;
        put_literal(r, c);
        if (end - c > 2) corm__buffer_putc(r->out, '-');
        if (end - c > 1) put_literal(r, end - 1);
        c = end;
    }
    corm__buffer_append(r->out, &set->wide);
    corm__buffer_putc(r->out, ']');
}

static bool read_set(reader *r, set *set) {
    const char *open = r->p - 1;
    bool negated = *r->p == '^';
    if (negated) r->p++;
    const char *first = r->p;
    do {
        const char *at = r->p;
        if (!*at) return refuse(r, open, "a [ without its ]");
        if (at[0] == '[' && at[1] && strchr(":.=", at[1])) {
            if (!add_class(r, set)) return false;
            if (r->p[0] == '-' && r->p[1] != ']') return refuse(r, r->p, "a range of a class");
            continue;
        }
        if (*at == '-' && at != first && at[1] && at[1] != ']')
            return refuse(r, at, "a - is the first or the last in brackets");
        unsigned low = take(&r->p), high = low;
        if (r->p[0] == '-' && r->p[1] && r->p[1] != ']') {
            r->p++;
            if (r->p[0] == '[' && r->p[1] && strchr(":.=", r->p[1]))
                return refuse(r, r->p, "a range of a class");
            high = take(&r->p);
        }
        if (!add(r, set, at, low, high)) return false;
    } while (*r->p != ']');
    r->p++;
    put_set(r, set, negated);
    return true;
}

/* --- outside of brackets --- */

static bool read_escape(reader *r) {
    char c = *r->p;
    if (!is_mark((unsigned char)c) || strchr("<>`'", c))
        return refuse(r, r->p - 1,
                      c == 'd'   ? "POSIX has no \\d: write [[:digit:]]"
                      : c == 'w' ? "POSIX has no \\w: write [[:alnum:]_]"
                      : c == 's' ? "POSIX has no \\s: write [[:space:]]"
                                 : "a \\ before what needs none");
    r->p++;
    return true;
}

static unsigned long read_number(const char **p) {
    unsigned long n = 0;
    for (; corm__is_digit(**p); ++*p)
        if (n <= MOST_TIMES) n = n * 10 + (unsigned long)(**p - '0');
    return n;
}

/* What stands before the character that was just read. */
typedef enum place { BEHIND_NOTHING, BEHIND_ANCHOR, BEHIND_ATOM, BEHIND_REPETITION } place;

/* One of * + ? {; copies: how many an engine makes of what is repeated. */
static bool read_repetition(reader *r, place place, unsigned long *copies) {
    const char *at = r->p - 1;
    if (place == BEHIND_REPETITION)
        return refuse(r, at, "a repetition is repeated: put it into parentheses");
    if (place != BEHIND_ATOM) return refuse(r, at, "nothing to repeat");
    *copies = *at == '+' ? 2 : 1;
    if (*at == '{') {
        bool some = corm__is_digit(*r->p), most = true;
        unsigned long low = read_number(&r->p), high = low;
        if (*r->p == ',') {
            r->p++;
            most = corm__is_digit(*r->p);
            high = most ? read_number(&r->p) : low;
        }
        if (!some || *r->p != '}' || high < low || high > MOST_TIMES)
            return refuse(r, at, "a bound is {m}, {m,} or {m,n} with numbers up to 255");
        r->p++;
        *copies = most && high ? high : high + 1;
    }
    corm__buffer_add(r->out, at, (size_t)(r->p - at));
    return true;
}

/* A character, a set or any character. */
static bool read_atom(reader *r, unsigned c) {
    set set = { 0 };
    bool good = true;
    switch (c) {
    case '.': corm__buffer_putc(r->out, '.'); break;
    case '[':
        good = read_set(r, &set);
        corm__buffer_release(&set.wide);
        break;
    case '\\':
        good = read_escape(r);
        if (good) put_literal(r, (unsigned char)r->p[-1]);
        break;
    case DOTTED_I: corm__buffer_puts(r->out, r->fold ? "(İ)" : "İ"); break;
    default: put_literal(r, c);
    }
    return good;
}

static bool read_all(reader *r) {
    struct {
        const char *at;
        unsigned long cost, optional;
    } groups[DEEPEST_GROUP + 1] = { 0 };
    unsigned long piece = 0, each = 0, copies = 1; /* of a character PCRE makes none */
    unsigned long optional = 0;                    /* in the piece */
    int depth = 0;
    bool in_group = false; /* the piece is one */
    place place = BEHIND_NOTHING;
    while (*r->p) {
        const char *at = r->p;
        size_t written = r->out->length;
        unsigned c = take(&r->p);
        if (c == '(') {
            if (depth == DEEPEST_GROUP) return refuse(r, at, "too many parentheses in each other");
            corm__buffer_putc(r->out, '(');
            place = BEHIND_NOTHING;
            groups[++depth].at = at;
            groups[depth].cost = GROUP_COST;
            groups[depth].optional = 0;
        } else if (c == '|' || c == ')') {
            if (c == ')' && !depth) return refuse(r, at, "a ) without its (");
            if (place == BEHIND_NOTHING) return refuse(r, at, "nothing stands before it");
            corm__buffer_putc(r->out, (char)c);
            place = c == '|' ? BEHIND_NOTHING : BEHIND_ATOM;
            optional = c == '|' ? 0 : groups[depth].optional;
            each = piece = c == '|' ? 4 : groups[depth--].cost;
            groups[depth].cost += piece;
            groups[depth].optional += optional;
            in_group = c == ')';
        } else if (c == '^' || c == '$') {
            corm__buffer_puts(r->out, c == '^' ? "^" : r->end);
            place = BEHIND_ANCHOR;
            groups[depth].cost++;
        } else if (c < 0x80 && strchr("*+?{", (int)c)) {
            if (!read_repetition(r, place, &copies)) return false;
            place = BEHIND_REPETITION;
            piece += each * (copies - 1);
            groups[depth].cost += each * (copies - 1);
            groups[depth].optional += optional * (copies - 1);
            if (c == '*' || c == '?' || (c == '{' && at[1] == '0'))
                groups[depth].optional += depth || (in_group && c != '*') ? 2 : 1;
        } else {
            if (!read_atom(r, c)) return false;
            place = BEHIND_ATOM;
            piece = r->out->length - written + (c == '[' ? BRACKET_COST : 1);
            groups[depth].cost += piece;
            each = 2;
            optional = 0;
            in_group = false;
        }
        if (piece > LARGEST_PIECE || groups[depth].cost > LARGEST_PATTERN)
            return refuse(r, at, "too long, or too much is repeated");
        if (groups[depth].optional > MOST_OPTIONAL)
            return refuse(r, at, "too many pieces may be empty");
    }
    if (depth) return refuse(r, groups[depth].at, "a ( without its )");
    return place != BEHIND_NOTHING || r->p == r->start ||
           refuse(r, r->p, "nothing stands behind the |");
}

bool corm__regex(const char *pattern, size_t size, bool fold, const char *end, corm_buffer *out,
                 char why[CORM__REGEX_WHY]) {
    reader r = { pattern, pattern, fold, end, out, why, (locale_t)0 };
    if (size > LONGEST_PATTERN) return refuse(&r, pattern, "more than 20,000 bytes");
    if (!corm__text_valid(pattern, size, NULL)) return refuse(&r, pattern, "it is not valid UTF-8");
    bool good = read_all(&r);
    if (r.locale) freelocale(r.locale);
    return good;
}
