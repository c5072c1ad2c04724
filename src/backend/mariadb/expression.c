/* Expressions. The server keeps what it has parsed, and prints it in its own words: `a` or "a",
 * 'it\'s', lcase(x), x MOD y, concat(a,b), and a boolean b as b <> 0, NOT b as b = 0. One pass over
 * the text turns that back into standard SQL; what is left (spaces, brackets, BETWEEN) is the
 * business of the comparison by meaning. */
#include "backend/mariadb/declaration.h"
#include "base/ascii.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <string.h>

/* --- writing --- */

static void write_identifier(corm_buffer *out, corm_token token) {
    corm__buffer_putc(out, '`');
    for (size_t i = 1; i + 1 < token.length; i++) {
        if (token.start[i] == '"') i++; /* doubled */
        if (token.start[i] == '`') corm__buffer_putc(out, '`');
        corm__buffer_putc(out, token.start[i]);
    }
    corm__buffer_putc(out, '`');
}

static void write_string(corm_buffer *out, corm_token token) {
    if (!memchr(token.start, '\\', token.length)) {
        corm__buffer_add(out, token.start, token.length);
        return;
    }
    corm__buffer_puts(out, "X'");
    for (size_t i = 1; i + 1 < token.length; i++) {
        if (token.start[i] == '\'') i++;
        corm__buffer_printf(out, "%02X", (unsigned)(unsigned char)token.start[i]);
    }
    corm__buffer_putc(out, '\'');
}

static bool calls(corm_token token, const char *rest, const char *name) {
    return corm__token_is(token, name) && corm__token_is(corm__token_next(&rest), "(");
}

void corm__mariadb_write_sql(corm_buffer *out, const char *sql) {
    for (const char *copied = sql, *p = sql;;) {
        corm_token token = corm__token_next(&p);
        corm__buffer_add(out, copied, (size_t)(token.start - copied));
        copied = p;
        if (token.kind == CORM_TOKEN_END) return;
        if (token.kind == CORM_TOKEN_QUOTED)
            write_identifier(out, token);
        else if (token.kind == CORM_TOKEN_STRING)
            write_string(out, token);
        else if (calls(token, p, "length"))
            corm__buffer_puts(out, "char_length");
        else
            corm__buffer_add(out, token.start, token.length);
    }
}

/* --- reading --- */

enum { MAX_DEPTH = 64 };
typedef struct reader {
    const char *p;
    corm_buffer *out;
    const corm_table *table;
    int depth;
    bool concat[MAX_DEPTH]; /* the brackets at this depth are those of concat(…): its commas are ||
                             */
} reader;

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static const char *skip_space(const char *p) {
    while (*p == ' ' || *p == '\t' || *p == '\n') p++;
    return p;
}

/* 'it\'s' as 'it''s'. */
static void read_string(reader *r) {
    corm__buffer_putc(r->out, '\'');
    for (r->p++; *r->p && (*r->p != '\'' || r->p[1] == '\''); r->p++) {
        char c = *r->p;
        if (c == '\'') r->p++;
        if (c == '\\' && r->p[1]) {
            c = *++r->p;
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == 'Z' ? '\032' : c;
        }
        if (c == '\'') corm__buffer_putc(r->out, '\'');
        corm__buffer_putc(r->out, c);
    }
    corm__buffer_putc(r->out, '\'');
    if (*r->p) r->p++;
}

static const corm_column *column_of(const reader *r, const char *name, size_t length) {
    for (const corm_column *c = r->table ? r->table->columns : NULL; c && c->name; c++)
        if (strlen(c->name) == length && memcmp(c->name, name, length) == 0) return c;
    return NULL;
}

/* Behind a boolean column: "<> 0" goes, "= 0" is NOT, "= 1" is a comparison with true. */
static void read_boolean(reader *r, size_t start) {
    const char *p = skip_space(r->p);
    bool differs = strncmp(p, "<> ", 3) == 0, equal = strncmp(p, "= ", 2) == 0;
    if (!differs && !equal) return;
    p = skip_space(p + (differs ? 2 : 1));
    if ((*p != '0' && *p != '1') || is_word(p[1]) || p[1] == '.') return;
    bool one = *p == '1';
    r->p = p + 1;
    if (one) {
        corm__buffer_puts(r->out, differs ? " <> true" : " = true");
    } else if (equal && !r->out->broken) {
        corm_buffer name = { 0 };
        corm__buffer_puts(&name, r->out->data + start);
        r->out->length = start;
        r->out->data[start] = 0;
        corm__buffer_puts(r->out, "NOT ");
        corm__buffer_append(r->out, &name);
        corm__buffer_release(&name);
    }
}

/* `a` or "a": without quotes when it needs none. */
static void read_identifier(reader *r) {
    char quote = *r->p++;
    size_t start = r->out->length;
    const char *begin = r->p, *end;
    char name[260];
    while (*r->p && (*r->p != quote || r->p[1] == quote)) r->p += 1 + (*r->p == quote);
    end = r->p;
    corm__error_set(name, sizeof name, "%.*s", (int)(end - begin), begin);
    bool plain = corm__identifier_is_plain(name);
    if (*r->p) r->p++;
    if (!plain) corm__buffer_putc(r->out, '"');
    for (const char *p = begin; p < end; p += 1 + (*p == quote)) {
        if (*p == '"') corm__buffer_putc(r->out, '"');
        corm__buffer_putc(r->out, *p);
    }
    if (!plain) corm__buffer_putc(r->out, '"');
    const corm_column *column = column_of(r, begin, (size_t)(end - begin));
    if (column && column->kind == CORM_BOOLEAN) read_boolean(r, start);
}

static bool word_is(const char *word, size_t length, const char *text) {
    return strlen(text) == length && corm__compare_nocase_n(word, text, length) == 0;
}

static void read_word(reader *r) {
    static const struct {
        const char *theirs, *ours;
    } functions[] = { { "lcase", "lower" },
                      { "ucase", "upper" },
                      { "char_length", "length" },
                      { "octet_length", "octet_length" } };
    const char *word = r->p;
    while (is_word(*r->p)) r->p++;
    size_t length = (size_t)(r->p - word);
    bool call = *r->p == '(';
    if (*word == '_' && (*r->p == '\'' || strncmp(r->p, " '", 2) == 0)) return; /* _utf8mb4'…' */
    if (word_is(word, length, "charset")) { /* char(5) charset utf8mb4 */
        r->p = skip_space(r->p);
        while (is_word(*r->p)) r->p++;
        return;
    }
    if (!call && word_is(word, length, "mod")) {
        corm__buffer_putc(r->out, '%');
        return;
    }
    if (call && word_is(word, length, "concat") && r->depth + 1 < MAX_DEPTH) {
        corm__buffer_putc(r->out, '(');
        r->concat[++r->depth] = true;
        r->p++;
        return;
    }
    for (size_t i = 0; call && i < sizeof functions / sizeof *functions; i++)
        if (word_is(word, length, functions[i].theirs)) {
            corm__buffer_puts(r->out, functions[i].ours);
            return;
        }
    corm__buffer_add(r->out, word, length);
}

static void read_symbol(reader *r) {
    char c = *r->p++;
    if (c == '(') {
        r->depth++;
        if (r->depth < MAX_DEPTH) r->concat[r->depth] = false;
    }
    if (c == ',' && r->depth < MAX_DEPTH && r->concat[r->depth])
        corm__buffer_puts(r->out, " || ");
    else
        corm__buffer_putc(r->out, c);
    if (c == ')' && r->depth > 0) r->depth--;
}

char *corm__mariadb_read_sql(corm_arena *arena, const corm_table *table, const char *sql) {
    corm_buffer out = { 0 };
    reader r = { .p = sql, .out = &out, .table = table };
    corm__buffer_puts(&out, "");
    while (*r.p) {
        if (*r.p == '\'')
            read_string(&r);
        else if (*r.p == '`' || *r.p == '"')
            read_identifier(&r);
        else if (is_word(*r.p))
            read_word(&r);
        else
            read_symbol(&r);
    }
    char *copy = corm__buffer_copy(&out, arena);
    corm__buffer_release(&out);
    return copy;
}
