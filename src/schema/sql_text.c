#include "schema/sql_text.h"
#include "base/ascii.h"
#include "schema/schema.h"
#include <string.h>

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}
static bool is_operator(char c) { return c && strchr("+-*/<>=~!@#%^&|`?", c); }

static const char *skip_space(const char *p) {
    for (;;) {
        while (corm__is_space(*p)) p++;
        if (p[0] == '-' && p[1] == '-') {
            while (*p && *p != '\n') p++;
        } else if (p[0] == '/' && p[1] == '*') {
            const char *end = strstr(p + 2, "*/");
            p = end ? end + 2 : p + strlen(p);
        } else {
            return p;
        }
    }
}

static const char *skip_quoted(const char *p) {
    for (char quote = *p++; *p; p++) {
        if (*p != quote) continue;
        if (p[1] != quote) return p + 1;
        p++;
    }
    return p;
}

/* Behind a text in dollar quotes ($$ … $$, $tag$ … $tag$); NULL when none begins here. */
static const char *skip_dollars(const char *start) {
    const char *p = start + 1;
    while (is_word(*p) || (p > start + 1 && corm__is_digit(*p))) p++;
    if (*p++ != '$') return NULL;
    size_t length = (size_t)(p - start);
    while (*p && strncmp(p, start, length) != 0) p++;
    return *p ? p + length : p;
}

static const char *skip_number(const char *p) {
    while (corm__is_digit(*p) || *p == '.') p++;
    if ((*p == 'e' || *p == 'E') &&
        (corm__is_digit(p[1]) || ((p[1] == '+' || p[1] == '-') && corm__is_digit(p[2])))) {
        p += 2;
        while (corm__is_digit(*p)) p++;
    }
    return p;
}

/* As PostgreSQL: an operator of several characters ends with + or - only when it has one of
 * ~!@#%^&|`? too, so that "a=-1" is a, =, -, 1.
 */
static const char *skip_operator(const char *start) {
    const char *p = start;
    bool special = false;
    while (is_operator(*p) &&
           !(p > start && ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*')))) {
        if (strchr("~!@#%^&|`?", *p)) special = true;
        p++;
    }
    while (!special && p - start > 1 && (p[-1] == '+' || p[-1] == '-')) p--;
    return p;
}

corm_token corm__token_next(const char **text) {
    const char *start = skip_space(*text), *p = start, *end;
    corm_token_kind kind = CORM_TOKEN_SYMBOL;
    if (!*p) {
        kind = CORM_TOKEN_END;
    } else if (*p == '\'') {
        kind = CORM_TOKEN_STRING;
        p = skip_quoted(p);
    } else if (*p == '$' && (end = skip_dollars(p))) {
        kind = CORM_TOKEN_STRING;
        p = end;
    } else if (*p == '"') {
        kind = CORM_TOKEN_QUOTED;
        p = skip_quoted(p);
    } else if (corm__is_digit(*p) || (*p == '.' && corm__is_digit(p[1]))) {
        kind = CORM_TOKEN_NUMBER;
        p = skip_number(p);
    } else if (is_word(*p)) {
        kind = CORM_TOKEN_WORD;
        while (is_word(*p) || corm__is_digit(*p) || *p == '$') p++;
    } else if (p[0] == ':' && p[1] == ':') {
        p += 2;
    } else if (is_operator(*p)) {
        p = skip_operator(p);
    } else {
        p++;
    }
    *text = p;
    return (corm_token){ kind, start, (size_t)(p - start) };
}

bool corm__token_is(corm_token token, const char *text) {
    return (token.kind == CORM_TOKEN_WORD || token.kind == CORM_TOKEN_SYMBOL) &&
           strlen(text) == token.length &&
           corm__compare_nocase_n(token.start, text, token.length) == 0;
}

static bool names(corm_token token, const char *name) {
    size_t length = strlen(name);
    if (token.kind == CORM_TOKEN_WORD)
        return token.length == length && corm__compare_nocase_n(token.start, name, length) == 0;
    return token.kind == CORM_TOKEN_QUOTED && token.length == length + 2 &&
           memcmp(token.start + 1, name, length) == 0;
}

/* The column, and not a function or a type (DATE '2026-11-22') of its name. */
static bool names_column(corm_token token, const char *behind, const char *name) {
    if (!names(token, name)) return false;
    corm_token next = corm__token_next(&behind);
    return token.kind != CORM_TOKEN_WORD ||
           (!corm__token_is(next, "(") && next.kind != CORM_TOKEN_STRING);
}

/* SQLite takes quoted names without regard to case. */
bool corm__sql_mentions(const char *sql, const char *name) {
    size_t length = strlen(name);
    for (corm_token token; sql && (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        bool quoted = token.kind == CORM_TOKEN_QUOTED && token.length == length + 2;
        if (quoted ? corm__compare_nocase_n(token.start + 1, name, length) == 0
                   : names_column(token, sql, name))
            return true;
    }
    return false;
}

void corm__sql_rename(corm_buffer *out, const char *sql, const char *name, const char *new_name) {
    for (const char *copied = sql, *p = sql;;) {
        corm_token token = corm__token_next(&p);
        corm__buffer_add(out, copied, (size_t)(token.start - copied));
        copied = p;
        if (token.kind == CORM_TOKEN_END) return;
        if (!names_column(token, p, name)) {
            corm__buffer_add(out, token.start, token.length);
        } else {
            bool quoted = token.kind == CORM_TOKEN_QUOTED || !corm__identifier_is_plain(new_name);
            const char *quote = quoted ? "\"" : "";
            corm__buffer_printf(out, "%s%s%s", quote, new_name, quote);
        }
    }
}
