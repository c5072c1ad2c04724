#include "base/ascii.h"
#include "base/real.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_equal(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static bool names_equal(const char *a, const char *b) {
    size_t a_length, b_length;
    bool a_down, b_down;
    for (size_t i = 0;; i++) {
        const char *x = corm__names_item(a, i, &a_length, &a_down),
                   *y = corm__names_item(b, i, &b_length, &b_down);
        if (!x || !y) return !x && !y;
        if (a_length != b_length || a_down != b_down || memcmp(x, y, a_length) != 0) return false;
    }
}

/* --- defaults: 1, '1' and true are one default of a boolean column, 1.50 and 1.5 one of a decimal
 * column --- */

typedef struct literal {
    enum { NOTHING, NUMBER, QUOTED, EXPRESSION } kind;
    char text[64];
    const char *sql;
} literal;

static bool is_number(const char *text) {
    char *end;
    corm__real_parse(text, &end);
    return *text && !*end && strspn(text, "+-.0123456789eE") == strlen(text);
}

/* An SQL expression that is a literal, as the literal it is; others stay. Long texts stay too: they
 * are compared as they are. */
static literal literal_of(const corm_default *value) {
    literal result = { NOTHING, "", value->text ? value->text : "" };
    const char *text = result.sql;
    corm_token token;
    switch (value->kind) {
    case CORM_DEFAULT_NONE: return result;
    case CORM_DEFAULT_INTEGER:
        result.kind = NUMBER;
        snprintf(result.text, sizeof result.text, "%lld", (long long)value->integer);
        return result;
    case CORM_DEFAULT_REAL:
        result.kind = NUMBER;
        corm__format(result.text, sizeof result.text, "%.17g", value->real);
        return result;
    case CORM_DEFAULT_TEXT: result.kind = QUOTED; return result;
    case CORM_DEFAULT_SQL: break;
    }
    result.kind = EXPRESSION;
    token = corm__token_next(&text);
    bool negative = corm__token_is(token, "-");
    if (negative) token = corm__token_next(&text);
    if (corm__token_next(&text).kind != CORM_TOKEN_END || token.length >= sizeof result.text - 1)
        return result;
    if (token.kind == CORM_TOKEN_NUMBER) {
        result.kind = NUMBER;
        snprintf(result.text, sizeof result.text, "%s%.*s", negative ? "-" : "", (int)token.length,
                 token.start);
    } else if (token.kind == CORM_TOKEN_STRING && !negative && token.length >= 2 &&
               !memchr(token.start + 1, '\'', token.length - 2)) {
        result.kind = QUOTED;
        snprintf(result.text, sizeof result.text, "%.*s", (int)token.length - 2, token.start + 1);
        result.sql = NULL;
    } else if (!negative && (corm__token_is(token, "true") || corm__token_is(token, "false"))) {
        result.kind = NUMBER;
        snprintf(result.text, sizeof result.text, "%d", corm__token_is(token, "true"));
    } else if (!negative && corm__token_is(token, "null")) {
        result.kind = NOTHING;
    }
    return result;
}

static const char *content(const literal *value) {
    return value->kind == QUOTED && value->sql ? value->sql : value->text;
}

/* "-007.50" as "-7.5"; an exponent is left to strtod. False when it is no plain number or does not
 * fit. */
static bool plain_decimal(const char *text, char *out, size_t size) {
    bool negative = *text == '-';
    if (*text == '-' || *text == '+') text++;
    size_t length = strlen(text);
    if (!length || strspn(text, "0123456789.") != length || length + 3 > size) return false;
    while (text[0] == '0' && text[1] >= '0' && text[1] <= '9') text++, length--;
    if (strchr(text, '.'))
        while (length && text[length - 1] == '0') length--;
    if (length && text[length - 1] == '.') length--;
    bool zero = length == 0 || (length == 1 && *text == '0');
    snprintf(out, size, "%s%s%.*s", negative && !zero ? "-" : "", *text == '.' && !zero ? "0" : "",
             zero ? 1 : (int)length, zero ? "0" : text);
    return true;
}

static bool number_equal(const char *a, const char *b, corm_kind kind) {
    char x[64], y[64];
    bool floating = kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION;
    if (!floating && plain_decimal(a, x, sizeof x) && plain_decimal(b, y, sizeof y))
        return strcmp(x, y) == 0;
    double p = corm__real_parse(a, NULL), q = corm__real_parse(b, NULL);
    return kind == CORM_REAL ? (float)p == (float)q : p == q;
}

static int truth(const char *text) {
    static const char *const no[] = { "0", "f", "false", "n", "no", "off", NULL }, *const yes[] = {
        "1", "t", "true", "y", "yes", "on", NULL
    };
    for (int i = 0; no[i]; i++) {
        if (corm__compare_nocase(text, no[i]) == 0) return 0;
        if (corm__compare_nocase(text, yes[i]) == 0) return 1;
    }
    return -1;
}

/* "2026-11-22 10:00" and "2026-11-22 10:00:00.000000" are one moment. */
static bool moment_equal(const char *a, const char *b, corm_kind kind) {
    corm_timestamp p, q;
    corm_time x, y;
    if (kind == CORM_TIMESTAMP && corm_timestamp_parse(a, &p) == 0 &&
        corm_timestamp_parse(b, &q) == 0)
        return p.us == q.us;
    if (kind == CORM_TIME && corm_time_parse(a, &x) == 0 && corm_time_parse(b, &y) == 0)
        return x.us == y.us;
    return strcmp(a, b) == 0;
}

static bool default_equal_as(corm_kind kind, const corm_default *x, const corm_default *y) {
    literal a = literal_of(x), b = literal_of(y);
    if (a.kind == EXPRESSION || b.kind == EXPRESSION)
        return a.kind == b.kind && corm__sql_equal(a.sql, b.sql);
    if (a.kind == NOTHING || b.kind == NOTHING) return a.kind == b.kind;
    const char *p = content(&a), *q = content(&b);
    switch (kind) {
    case CORM_BOOLEAN: return truth(p) >= 0 ? truth(p) == truth(q) : strcmp(p, q) == 0;
    case CORM_UUID: return corm__compare_nocase(p, q) == 0;
    case CORM_TIME:
    case CORM_TIMESTAMP: return a.kind == b.kind && moment_equal(p, q, kind);
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_ENUMERATION: return strcmp(p, q) == 0;
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT:
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION:
    case CORM_DECIMAL:
        return is_number(p) && is_number(q) ? number_equal(p, q, kind) : strcmp(p, q) == 0;
    default:
        return a.kind == b.kind &&
               (a.kind == NUMBER ? number_equal(p, q, kind) : strcmp(p, q) == 0);
    }
}

bool corm__default_equal(const corm_default *a, const corm_default *b) {
    return default_equal_as(CORM_NULL, a, b);
}

/* --- columns --- */

static corm_kind stored(corm_kind kind) { return kind == CORM_ENUMERATION ? CORM_VARCHAR : kind; }

bool corm__column_same_type(const corm_column *a, const corm_column *b) {
    if (stored(a->kind) != stored(b->kind)) return false;
    switch (stored(a->kind)) {
    case CORM_VARCHAR: return a->max_length == b->max_length;
    case CORM_DECIMAL: return a->digits == b->digits && a->places == b->places;
    case CORM_IDENTITY:
    case CORM_ARRAY: return a->element == b->element;
    default: return true;
    }
}

/* To the database PROTECT is RESTRICT. */
static corm_on_delete in_database(corm_on_delete on_delete) {
    return on_delete == CORM_PROTECT ? CORM_RESTRICT : on_delete;
}

bool corm__reference_equal(const corm_reference *a, const corm_reference *b) {
    if (!a->table || !b->table) return !a->table && !b->table;
    return text_equal(a->table, b->table) && text_equal(a->column, b->column) &&
           in_database(a->on_delete) == in_database(b->on_delete) &&
           a->deferrable == b->deferrable && text_equal(a->name, b->name) &&
           a->not_valid == b->not_valid;
}

bool corm__column_same_default(const corm_column *a, const corm_column *b) {
    return default_equal_as(a->kind, &a->default_value, &b->default_value);
}

/* What is the first difference besides the name? NULL: none. */
static const char *column_difference(const corm_column *a, const corm_column *b) {
    if (!corm__column_same_type(a, b)) return "type";
    if (a->null != b->null) return "null";
    if (!corm__column_same_default(a, b)) return "default";
    if (!corm__sql_equal(a->generated, b->generated)) return "generated expression";
    if (!text_equal(a->collation, b->collation)) return "collation";
    if (!text_equal(a->comment, b->comment)) return "comment";
    return NULL;
}

bool corm__column_equal(const corm_column *a, const corm_column *b) {
    return text_equal(a->name, b->name) && !column_difference(a, b) &&
           corm__reference_equal(&a->references, &b->references);
}

/* --- indexes and constraints --- */

static bool method_equal(const char *a, const char *b) {
    return corm__compare_nocase(a && *a ? a : "btree", b && *b ? b : "btree") == 0;
}

bool corm__index_equal(const corm_index *a, const corm_index *b) {
    return text_equal(a->name, b->name) && names_equal(a->columns, b->columns) &&
           corm__sql_equal(a->expression, b->expression) && corm__sql_equal(a->where, b->where) &&
           names_equal(a->include, b->include) && method_equal(a->method, b->method) &&
           a->unique == b->unique && a->nulls_not_distinct == b->nulls_not_distinct;
}

bool corm__constraint_equal(const corm_constraint *a, const corm_constraint *b) {
    return text_equal(a->name, b->name) && a->kind == b->kind &&
           names_equal(a->columns, b->columns) && corm__sql_equal(a->check, b->check) &&
           a->deferrable == b->deferrable && a->nulls_not_distinct == b->nulls_not_distinct &&
           names_equal(a->include, b->include) && corm__sql_equal(a->elements, b->elements) &&
           method_equal(a->method, b->method) && corm__sql_equal(a->where, b->where) &&
           a->not_valid == b->not_valid;
}

/* --- tables --- */

static bool differs(char *difference, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool differs(char *difference, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (difference && size) corm__vformat(difference, size, format, arguments);
    va_end(arguments);
    return false;
}

/* "varchar(255) NULL DEFAULT 5", for a difference. */
static const char *describe(const corm_column *column, char *out, size_t size) {
    char type[32] = "", value[96] = "";
    if (stored(column->kind) == CORM_VARCHAR)
        snprintf(type, sizeof type, "(%d)", column->max_length);
    if (column->kind == CORM_DECIMAL)
        snprintf(type, sizeof type, "(%d, %d)", column->digits, column->places);
    if (column->kind == CORM_ARRAY)
        snprintf(type, sizeof type, " of %s", corm_kind_name(column->element));
    literal given = literal_of(&column->default_value);
    if (given.kind == EXPRESSION) snprintf(value, sizeof value, " DEFAULT %.80s", given.sql);
    if (given.kind == NUMBER) snprintf(value, sizeof value, " DEFAULT %s", given.text);
    if (given.kind == QUOTED) snprintf(value, sizeof value, " DEFAULT '%.80s'", content(&given));
    snprintf(out, size, "%s%s%s%s", corm_kind_name(stored(column->kind)), type,
             column->null ? " NULL" : "", value);
    return out;
}

/* The names of the constraints count too. */
bool corm__foreign_key_equal(const corm_table *a, const corm_column *x, const corm_table *b,
                             const corm_column *y) {
    corm_reference p = x->references, q = y->references;
    corm_arena arena = { 0 };
    if (p.table && q.table && !text_equal(p.name, q.name)) {
        p.name = corm__foreign_key_name(&arena, a, x);
        q.name = corm__foreign_key_name(&arena, b, y);
        if (!p.name || !q.name) corm__comparison_fail();
    }
    bool equal = corm__reference_equal(&p, &q);
    corm__arena_release(&arena);
    return equal;
}

static bool columns_equal(const corm_table *a, const corm_table *b, char *difference, size_t size) {
    char p[200], q[200];
    for (const corm_column *x = a->columns; x && x->name; x++) {
        const corm_column *y = corm__column_find(b, x->name);
        if (!y)
            return differs(difference, size, "column %s.%s is missing in the second", a->name,
                           x->name);
        const char *what = column_difference(x, y);
        if (what)
            return differs(difference, size, "%s of column %s.%s: %s and %s", what, a->name,
                           x->name, describe(x, p, sizeof p), describe(y, q, sizeof q));
        if (!corm__foreign_key_equal(a, x, b, y))
            return differs(difference, size, "foreign key of column %s.%s", a->name, x->name);
    }
    for (const corm_column *y = b->columns; y && y->name; y++)
        if (!corm__column_find(a, y->name))
            return differs(difference, size, "column %s.%s is missing in the first", a->name,
                           y->name);
    return true;
}

static bool indexes_equal(const corm_table *a, const corm_table *b, char *difference, size_t size) {
    for (const corm_index *x = a->indexes; x && x->name; x++) {
        const corm_index *y = corm__index_find(b, x->name);
        if (!y)
            return differs(difference, size, "index %s of %s is missing in the second", x->name,
                           a->name);
        if (!corm__index_equal(x, y))
            return differs(difference, size, "index %s of %s: (%s) and (%s)", x->name, a->name,
                           x->columns ? x->columns : x->expression,
                           y->columns ? y->columns : y->expression);
    }
    for (const corm_index *y = b->indexes; y && y->name; y++)
        if (!corm__index_find(a, y->name))
            return differs(difference, size, "index %s of %s is missing in the first", y->name,
                           a->name);
    return true;
}

static const char *body_of(const corm_constraint *constraint) {
    const char *body = constraint->check     ? constraint->check
                       : constraint->columns ? constraint->columns
                                             : constraint->elements;
    return body ? body : "";
}

static const char *state_of(const corm_constraint *constraint) {
    return constraint->not_valid ? " not valid" : constraint->deferrable ? " deferrable" : "";
}

static bool constraints_equal(const corm_table *a, const corm_table *b, char *difference,
                              size_t size) {
    for (const corm_constraint *x = a->constraints; x && x->name; x++) {
        const corm_constraint *y = corm__constraint_find(b, x->name);
        if (!y)
            return differs(difference, size, "constraint %s of %s is missing in the second",
                           x->name, a->name);
        if (!corm__constraint_equal(x, y))
            return differs(difference, size, "constraint %s of %s: (%s)%s and (%s)%s", x->name,
                           a->name, body_of(x), state_of(x), body_of(y), state_of(y));
    }
    for (const corm_constraint *y = b->constraints; y && y->name; y++)
        if (!corm__constraint_find(a, y->name))
            return differs(difference, size, "constraint %s of %s is missing in the first", y->name,
                           a->name);
    return true;
}

bool corm__table_equal(const corm_table *a, const corm_table *b, char *difference, size_t size) {
    if (difference && size) difference[0] = 0;
    if (!text_equal(a->name, b->name))
        return differs(difference, size, "name: %s and %s", a->name, b->name);
    if (!names_equal(a->primary_key, b->primary_key))
        return differs(difference, size, "primary key of %s: (%s) and (%s)", a->name,
                       a->primary_key ? a->primary_key : "", b->primary_key ? b->primary_key : "");
    if (!text_equal(a->comment, b->comment))
        return differs(difference, size, "comment of %s", a->name);
    return columns_equal(a, b, difference, size) && indexes_equal(a, b, difference, size) &&
           constraints_equal(a, b, difference, size);
}
