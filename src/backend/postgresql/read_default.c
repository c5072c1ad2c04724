/* Defaults as PostgreSQL stores them: 'draft'::character varying, '-1'::integer, (0)::numeric. A
 * literal with casts around is the literal; all else is SQL. */
#include "backend/postgresql/introspect.h"
#include "base/real.h"
#include "schema/sql_text.h"
#include <stdlib.h>
#include <string.h>

static bool is_integer(corm_kind kind) {
    return kind == CORM_IDENTITY || kind == CORM_SMALLINT || kind == CORM_INTEGER ||
           kind == CORM_BIGINT;
}
static bool is_real(corm_kind kind) { return kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION; }

/* After a literal: only casts, such as ::character varying(20)[]. */
static bool only_casts(const char *sql) {
    int depth = 0;
    bool cast = false;
    for (corm_token token; (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        if (corm__token_is(token, "::"))
            cast = true;
        else if (corm__token_is(token, "("))
            depth++;
        else if (corm__token_is(token, ")"))
            depth--;
        else if (token.kind == CORM_TOKEN_SYMBOL && !corm__token_is(token, "[") &&
                 !corm__token_is(token, "]") && !corm__token_is(token, ".") &&
                 !corm__token_is(token, ","))
            return false;
        else if (!cast && !corm__token_is(token, "[") && !corm__token_is(token, "]"))
            return false;
    }
    return depth <= 0;
}

/* The text of 'it''s' or E'a\\b'. */
static char *unquote(corm_arena *arena, corm_token token) {
    const char *p = token.start, *end = token.start + token.length - 1;
    bool escapes = *p == 'E' || *p == 'e';
    p += escapes ? 2 : 1;
    char *out = corm__arena_bytes(arena, token.length + 1), *to = out;
    if (!out) return NULL;
    while (p < end) {
        if ((*p == '\'' || (escapes && *p == '\\')) && p + 1 < end) p++;
        *to++ = *p++;
    }
    *to = 0;
    return out;
}

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \x6162 as ab, when that is a text. */
static void decode_bytes(char *text) {
    if (text[0] != '\\' || text[1] != 'x') return;
    char *to = text;
    for (const char *p = text + 2; digit(p[0]) >= 0 && digit(p[1]) >= 0; p += 2)
        *to++ = (char)(digit(p[0]) * 16 + digit(p[1]));
    *to = 0;
}

/* -00:00:01.5 as microseconds, when it is hours, minutes and seconds alone. */
static void set_interval(const char *text, corm_default *out) {
    bool negative = *text == '-';
    char *end;
    long long part[3] = { 0 }, us = 0;
    for (int i = 0; i < 3; i++) {
        if (digit(text[negative && !i]) < 0) return;
        part[i] = strtoll(text + (negative && !i), &end, 10);
        if (*end != (i < 2 ? ':' : *end ? '.' : 0)) return;
        text = end + (*end != 0);
    }
    for (long long unit = 100000; digit(*text) >= 0 && unit; unit /= 10)
        us += digit(*text++) * unit;
    if (*text || part[0] > INT64_MAX / 3600000000 - 1) return;
    us += ((part[0] * 60 + part[1]) * 60 + part[2]) * 1000000;
    *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = negative ? -us : us };
}

static void set_number(const char *text, corm_kind kind, corm_default *out) {
    char *end;
    if (kind == CORM_INTERVAL) set_interval(text, out);
    if (is_real(kind)) {
        double real = corm__real_parse(text, &end);
        if (!*end) *out = (corm_default){ .kind = CORM_DEFAULT_REAL, .real = real, .text = NULL };
        return;
    }
    if (!is_integer(kind) && kind != CORM_DECIMAL) return;
    long long integer = strtoll(text, &end, 10);
    if (!*end && *text) *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = integer };
}

bool corm__pg_read_default(corm_arena *arena, const char *expression, corm_kind kind,
                           corm_default *out) {
    const char *sql = expression;
    corm_token token = corm__token_next(&sql);
    while (corm__token_is(token, "(")) token = corm__token_next(&sql);
    *out = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = expression };
    bool negative = corm__token_is(token, "-");
    if (negative) token = corm__token_next(&sql);
    if ((corm__token_is(token, "E") || corm__token_is(token, "e")) && *sql == '\'') {
        const char *start = token.start;
        token = corm__token_next(&sql);
        token =
            (corm_token){ CORM_TOKEN_STRING, start, (size_t)(token.start + token.length - start) };
    }
    if (!only_casts(sql)) return true;
    if (corm__token_is(token, "null")) {
        *out = (corm_default){ 0 };
    } else if (corm__token_is(token, "true") || corm__token_is(token, "false")) {
        *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER,
                               .integer = corm__token_is(token, "true") };
    } else if (token.kind == CORM_TOKEN_NUMBER) {
        char *text = corm__arena_printf(arena, "%s%.*s", negative ? "-" : "", (int)token.length,
                                        token.start);
        if (!text) return false;
        *out = (corm_default){ .kind = CORM_DEFAULT_TEXT, .text = text };
        set_number(text, kind, out);
    } else if (token.kind == CORM_TOKEN_STRING && token.length >= 2 && !negative) {
        char *text = unquote(arena, token);
        if (!text) return false;
        if (kind == CORM_BLOB) decode_bytes(text);
        *out = (corm_default){ .kind = CORM_DEFAULT_TEXT, .text = text };
        set_number(text, kind, out);
    }
    return true;
}
