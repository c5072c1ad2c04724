/* Whether a text matches a regular expression that base/regex.h has read. The C library's regexec
 * is not asked: ranges beyond ASCII are none to glibc without a collation, and what it takes for a
 * letter, and how long, is another library's on another system.
 *
 * The pattern becomes steps, and all places in them that the text so far can lead to are followed
 * at once (Thompson's construction, as a machine of Pike's): the time is at most the length of the
 * text times the number of steps, whatever the pattern. */
#include "backend/sqlite/driver.h"
#include "base/ascii.h"
#include "base/buffer.h"
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

unsigned corm__sqlite_decode(const unsigned char **at, const unsigned char *end) {
    const unsigned char *p = *at;
    unsigned c = *p++;
    int more = c < 0x80                ? 0
               : c >= 0xC2 && c < 0xE0 ? 1
               : c >= 0xE0 && c < 0xF0 ? 2
               : c >= 0xF0 && c < 0xF5 ? 3
                                       : -1;
    if (more > 0 && end - p >= more) {
        unsigned value = c & (0x3Fu >> more);
        int i = 0;
        for (; i < more && (p[i] & 0xC0) == 0x80; i++) value = value << 6 | (p[i] & 0x3F);
        if (i == more) {
            *at = p + more;
            return value;
        }
    }
    *at = p;
    return more == 0 ? c : CORM__SQLITE_NO_CHARACTER + c;
}

typedef enum op {
    STEP_CHARACTER,
    STEP_ANY,
    STEP_SET,
    STEP_START,
    STEP_END,
    STEP_JUMP,
    STEP_SPLIT,
    STEP_MATCH
} op;
typedef struct step {
    op op;
    int x; /* a character; or how far to jump, or to split to besides the next */
    const unsigned char *set;
} step;

struct corm_matcher {
    corm_buffer pattern, code;
    int *marks, *stack, *places[2]; /* in one piece of memory */
    int n, mark;
};

typedef struct compiler {
    corm_buffer *code;
    const unsigned char *p, *end;
} compiler;

static int count(const compiler *c) { return (int)(c->code->length / sizeof(step)); }

static step *at(const compiler *c, int i) { return (step *)(void *)c->code->data + i; }

static void append(compiler *c, op op, int x) {
    step step = { op, x, c->p };
    corm__buffer_add(c->code, &step, sizeof step);
}

static void insert(compiler *c, int where, op op, int x) {
    append(c, op, x);
    if (corm__buffer_broken(c->code)) return;
    int last = count(c) - 1;
    step step = *at(c, last);
    memmove(at(c, where + 1), at(c, where), (size_t)(last - where) * sizeof step);
    *at(c, where) = step;
}

static void copy(compiler *c, int from, int n) {
    size_t size = (size_t)n * sizeof(step);
    char *to = corm__buffer_reserve(c->code, size);
    if (!to) return;
    memcpy(to, at(c, from), size);
    c->code->length += size;
}

static int number(compiler *c) {
    int n = 0;
    while (corm__is_digit((char)*c->p)) n = n * 10 + (*c->p++ - '0');
    return n;
}

/* What stands from start on, as often as * + ? or {m,n} at c->p says. */
static void repeat(compiler *c, int start) {
    int length = count(c) - start, low = *c->p == '+', high = *c->p == '?' ? 1 : -1;
    if (*c->p++ == '{') {
        low = high = number(c);
        if (*c->p == ',') {
            c->p++;
            high = corm__is_digit((char)*c->p) ? number(c) : -1;
        }
        c->p++;
    }
    for (int i = 1; i < low; i++) copy(c, start, length);
    if (low && high < 0) {
        append(c, STEP_SPLIT, -length);
    } else if (high < 0) {
        insert(c, start, STEP_SPLIT, length + 2);
        append(c, STEP_JUMP, -length - 1);
    } else if (!high) {
        c->code->length = (size_t)start * sizeof(step);
    } else if (!low) {
        insert(c, start, STEP_SPLIT, length + 1);
        low = 1, start++;
    }
    for (; low < high; low++) {
        append(c, STEP_SPLIT, length + 1);
        copy(c, start, length);
    }
}

static void skip_set(compiler *c) {
    for (; *c->p != ']'; c->p++)
        if (*c->p == '[') /* [:alpha:] */
            c->p += 8;
        else if (*c->p == '\\')
            c->p++;
    c->p++;
}

static void read_alternatives(compiler *c);

static void read_piece(compiler *c) {
    int start = count(c);
    unsigned character = corm__sqlite_decode(&c->p, c->end);
    switch (character) {
    case '(':
        read_alternatives(c);
        c->p++;
        break;
    case '[':
        append(c, STEP_SET, 0);
        skip_set(c);
        break;
    case '.': append(c, STEP_ANY, 0); break;
    case '^': append(c, STEP_START, 0); break;
    case '$': append(c, STEP_END, 0); break;
    case '\\': character = *c->p++; /* fall through */
    default: append(c, STEP_CHARACTER, (int)character);
    }
    if (c->p < c->end && strchr("*+?{", *c->p)) repeat(c, start);
}

/* Up to the ) or the end. The jumps behind the alternatives are a chain until the end is known. */
static void read_alternatives(compiler *c) {
    int start = count(c), jump = -1;
    while (c->p < c->end && *c->p != ')') {
        if (*c->p != '|') {
            read_piece(c);
            continue;
        }
        c->p++;
        insert(c, start, STEP_SPLIT, count(c) - start + 2);
        append(c, STEP_JUMP, jump);
        start = count(c);
        jump = start - 1;
    }
    while (jump >= 0 && !corm__buffer_broken(c->code)) {
        int before = at(c, jump)->x;
        at(c, jump)->x = count(c) - jump;
        jump = before;
    }
}

void corm__sqlite_matcher_free(void *data) {
    corm_matcher *matcher = data;
    corm__buffer_release(&matcher->pattern);
    corm__buffer_release(&matcher->code);
    free(matcher->marks);
    free(matcher);
}

corm_matcher *corm__sqlite_matcher(corm_buffer *pattern) {
    corm_matcher *matcher = calloc(1, sizeof *matcher);
    if (!matcher) return NULL;
    matcher->pattern = *pattern;
    *pattern = (corm_buffer){ 0 };
    const unsigned char *text = (const unsigned char *)corm__buffer_text(&matcher->pattern);
    compiler c = { &matcher->code, text, text + matcher->pattern.length };
    read_alternatives(&c);
    append(&c, STEP_MATCH, 0);
    matcher->n = count(&c);
    size_t n = (size_t)matcher->n;
    matcher->marks = calloc(5 * n + 1, sizeof *matcher->marks);
    if (corm__buffer_broken(&matcher->pattern) || corm__buffer_broken(&matcher->code) ||
        !matcher->marks) {
        corm__sqlite_matcher_free(matcher);
        return NULL;
    }
    matcher->places[0] = matcher->marks + n;
    matcher->places[1] = matcher->places[0] + n;
    matcher->stack = matcher->places[1] + n; /* two steps of each, and the first */
    return matcher;
}

/* Adds step and where it leads to without a character; true when that is the end of the pattern. */
static bool follow(corm_matcher *matcher, int place, bool at_start, bool at_end, int *places,
                   int *n) {
    const step *code = (const step *)(const void *)matcher->code.data;
    int *stack = matcher->stack, top = 0;
    stack[top++] = place;
    while (top) {
        int i = stack[--top];
        if (matcher->marks[i] == matcher->mark) continue;
        matcher->marks[i] = matcher->mark;
        switch (code[i].op) {
        case STEP_MATCH: return true;
        case STEP_SPLIT: stack[top++] = i + 1; /* fall through */
        case STEP_JUMP: stack[top++] = i + code[i].x; break;
        case STEP_START:
        case STEP_END:
            if (code[i].op == STEP_START ? at_start : at_end) stack[top++] = i + 1;
            break;
        default: places[(*n)++] = i;
        }
    }
    return false;
}

static unsigned member(const unsigned char **p) {
    if (**p == '\\') ++*p;
    return corm__sqlite_decode(p, *p + 4); /* valid, and a ] behind it */
}

static bool is_in(const unsigned char *p, unsigned c, locale_t locale) {
    bool negated = *p == '^';
    if (negated) p++;
    while (*p != ']') {
        if (*p == '[') { /* [:alpha:], [:upper:], [:lower:] */
            bool is = c >= CORM__SQLITE_NO_CHARACTER ? false
                      : p[2] == 'a'                  ? iswalpha_l((wint_t)c, locale)
                      : p[2] == 'u'                  ? iswupper_l((wint_t)c, locale)
                                                     : iswlower_l((wint_t)c, locale);
            if (is) return !negated;
            p += 9;
            continue;
        }
        unsigned low = member(&p), high = low;
        if (*p == '-') {
            p++;
            high = member(&p);
        }
        if (c >= low && c <= high) return !negated;
    }
    return negated;
}

bool corm__sqlite_matches(corm_matcher *matcher, const unsigned char *text, size_t size,
                          locale_t locale) {
    const step *code = (const step *)(const void *)matcher->code.data;
    const unsigned char *p = text, *end = text + size;
    int *places = matcher->places[0], *next = matcher->places[1], n = 0;
    memset(matcher->marks, 0, (size_t)matcher->n * sizeof *matcher->marks);
    matcher->mark = 1;
    bool found = follow(matcher, 0, true, p == end, places, &n);
    while (!found && p < end) {
        unsigned c = corm__sqlite_decode(&p, end);
        int n_next = 0;
        matcher->mark++;
        for (int i = 0; i < n && !found; i++) {
            const step *step = &code[places[i]];
            bool fits = step->op == STEP_ANY   ? true
                        : step->op == STEP_SET ? is_in(step->set, c, locale)
                                               : (unsigned)step->x == c;
            if (fits) found = follow(matcher, places[i] + 1, false, p == end, next, &n_next);
        }
        if (!found) found = follow(matcher, 0, false, p == end, next, &n_next);
        int *other = places;
        places = next, next = other, n = n_next;
    }
    return found;
}
