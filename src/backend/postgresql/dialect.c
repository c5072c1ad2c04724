#include "backend/postgresql/postgresql.h"
#define CORM_NO_SHORT_NAMES
#include <corm/operator.h>
#include <string.h>

static void quote(corm_buffer *out, const char *text, char mark) {
    corm__buffer_putc(out, mark);
    for (const char *p; (p = strchr(text, mark)); text = p + 1) {
        corm__buffer_add(out, text, (size_t)(p - text + 1));
        corm__buffer_putc(out, mark);
    }
    corm__buffer_puts(out, text);
    corm__buffer_putc(out, mark);
}

void corm__pg_identifier(corm_buffer *out, const char *name) { quote(out, name, '"'); }

/* standard_conforming_strings may be off on this server: a backslash needs the E form, which is the
 * same everywhere. */
void corm__pg_literal(corm_buffer *out, const char *text) {
    if (!strchr(text, '\\')) {
        quote(out, text, '\'');
        return;
    }
    corm__buffer_puts(out, "E'");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') corm__buffer_putc(out, *text);
        corm__buffer_putc(out, *text);
    }
    corm__buffer_putc(out, '\'');
}

static const char *plain_type(corm_kind kind) {
    switch (kind) {
    case CORM_SMALLINT: return "smallint";
    case CORM_INTEGER: return "integer";
    case CORM_IDENTITY:
    case CORM_BIGINT: return "bigint";
    case CORM_BOOLEAN: return "boolean";
    case CORM_REAL: return "real";
    case CORM_DOUBLE_PRECISION: return "double precision";
    case CORM_DECIMAL: return "numeric";
    case CORM_VARCHAR:
    case CORM_ENUMERATION: return "varchar";
    case CORM_TEXT: return "text";
    case CORM_BLOB: return "bytea";
    case CORM_DATE: return "date";
    case CORM_TIME: return "time";
    case CORM_TIMESTAMP: return "timestamptz";
    case CORM_INTERVAL: return "interval";
    case CORM_UUID: return "uuid";
    case CORM_JSON: return "json";
    case CORM_NULL:
    case CORM_ARRAY:
    case CORM_EXPRESSION:
    case CORM_KIND_COUNT: break;
    }
    return "text";
}

void corm__pg_type_name(corm_buffer *out, const corm_column *column) {
    if (column->kind == CORM_ARRAY) {
        corm__buffer_printf(out, "%s[]", plain_type(column->element));
        return;
    }
    corm__buffer_puts(out,
                      plain_type(column->kind == CORM_IDENTITY && column->element ? column->element
                                                                                  : column->kind));
    if ((column->kind == CORM_VARCHAR || column->kind == CORM_ENUMERATION) &&
        column->max_length > 0)
        corm__buffer_printf(out, "(%d)", column->max_length);
    if (column->kind == CORM_DECIMAL && column->digits > 0)
        corm__buffer_printf(out, "(%d, %d)", column->digits, column->places);
}

/* The types of parameters are told at prepare, but for arrays. */
void corm__pg_placeholder(corm_buffer *out, int number, corm_kind kind, corm_kind element) {
    corm__buffer_printf(out, "$%d", number);
    if (kind == CORM_ARRAY)
        corm__buffer_printf(out, "::%s[]",
                            plain_type(element == CORM_VARCHAR || element == CORM_ENUMERATION
                                           ? CORM_TEXT
                                           : element));
}

/* Case is folded by ICU's root collation, which knows every script whatever the database's own
 * locale is, and final sigma is made an ordinary one, so that a word found in another form is
 * found. Servers are built with ICU everywhere but by hand; without it these operators are an error
 * of the server. */
#define FOLD(x) "replace(lower((" x ") COLLATE \"und-x-icu\"), 'ς', 'σ')"

/* With the scale of the left operand, on every engine. */
static const char *decimal_expression(int op) {
    switch (op) {
    case CORM_OP_MUL: return "round({0} * {1}, {p})";
    case CORM_OP_DIV: return "round({0} / {1}, {p})";
    default: return NULL;
    }
}

/* In the kind that arithmetic gives on every engine: bigint of integers, double precision of
 * floating point numbers. */
static const char *number_expression(int op, bool real) {
    switch (op) {
    case CORM_OP_ADD: return real ? "({0}::float8 + {1}::float8)" : "({0}::bigint + {1}::bigint)";
    case CORM_OP_SUB: return real ? "({0}::float8 - {1}::float8)" : "({0}::bigint - {1}::bigint)";
    case CORM_OP_MUL: return real ? "({0}::float8 * {1}::float8)" : "({0}::bigint * {1}::bigint)";
    case CORM_OP_DIV: return real ? "({0}::float8 / {1}::float8)" : "({0}::bigint / {1}::bigint)";
    case CORM_OP_SUM: return real ? "sum({0}::float8)" : NULL;
    default: return NULL;
    }
}

/* The server has no least of these, before PostgreSQL 18 at least. */
static const char *least_expression(int op, corm_kind kind) {
    bool least = op == CORM_OP_MIN;
    if (!least && op != CORM_OP_MAX) return NULL;
    switch ((int)kind) {
    case CORM_BOOLEAN: return least ? "bool_and({0})" : "bool_or({0})";
    case CORM_UUID:
        return least ? "min({0}::text COLLATE \"C\")::uuid" : "max({0}::text COLLATE \"C\")::uuid";
    default:
        return least ? "decode(min(encode({0}, 'hex') COLLATE \"C\"), 'hex')"
                     : "decode(max(encode({0}, 'hex') COLLATE \"C\"), 'hex')";
    }
}

static const char *own_expression(int op, corm_kind kind) {
    switch ((int)kind) {
    case CORM_BOOLEAN:
    case CORM_UUID:
    case CORM_BLOB: return least_expression(op, kind);
    case CORM_JSON: return op == CORM_OP_SET ? "({0})::json" : NULL;
    case CORM_DECIMAL: return decimal_expression(op);
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return number_expression(op, true);
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: return number_expression(op, false);
    default: return NULL;
    }
}

/* The server neither compares nor orders json: it is its text, by code points as on every engine.
 */
const char *corm__pg_stored(corm_conn *conn, const char *table, const corm_column *column,
                            bool write) {
    (void)conn, (void)table;
    return column->kind == CORM_JSON && !write ? "({0})::text COLLATE \"C\"" : NULL;
}

const char *corm__pg_expression(int op, const corm_column *type) {
    const char *own = type ? own_expression(op, type->kind) : NULL;
    if (own) return own;
    switch ((corm_op)op) {
    case CORM_OP_EQ: return "{0} = {1}";
    case CORM_OP_NE: return "{0} <> {1}";
    case CORM_OP_LT: return "{0} < {1}";
    case CORM_OP_LTE: return "{0} <= {1}";
    case CORM_OP_GT: return "{0} > {1}";
    case CORM_OP_GTE: return "{0} >= {1}";
    case CORM_OP_ONE_OF: return "{0} = ANY({1})";
    case CORM_OP_BETWEEN: return "{0} BETWEEN {1} AND {2}";
    case CORM_OP_IS_NULL: return "{0} IS NULL";
    case CORM_OP_IS_NOT_NULL: return "{0} IS NOT NULL";
    case CORM_OP_CONTAINS: return "strpos({0}, {1}) > 0";
    case CORM_OP_ICONTAINS: return "strpos(" FOLD("{0}") ", " FOLD("{1}") ") > 0";
    case CORM_OP_STARTS_WITH: return "starts_with({0}, {1})";
    case CORM_OP_ISTARTS_WITH: return "starts_with(" FOLD("{0}") ", " FOLD("{1}") ")";
    case CORM_OP_ENDS_WITH: return "right({0}, length({1})) = {1}";
    case CORM_OP_IENDS_WITH:
        return "right(" FOLD("{0}") ", length(" FOLD("{1}") ")) = " FOLD("{1}");
    case CORM_OP_IEXACT: return FOLD("{0}") " = " FOLD("{1}");
    case CORM_OP_LIKE: return "{0} LIKE {1} ESCAPE E'\\\\'";
    case CORM_OP_ILIKE: return FOLD("{0}") " LIKE " FOLD("{1}") " ESCAPE E'\\\\'";
    case CORM_OP_REGEX: return "({0}) COLLATE \"und-x-icu\" ~ {1}";
    case CORM_OP_IREGEX: return FOLD("{0}") " ~ " FOLD("{1}");
    case CORM_OP_NOT: return "NOT ({0})";
    case CORM_OP_ADD: return "({0} + {1})";
    case CORM_OP_SUB: return "({0} - {1})";
    case CORM_OP_MUL: return "({0} * {1})";
    case CORM_OP_DIV: return "({0} / {1})";
    case CORM_OP_MOD: return "mod({0}, {1})";
    case CORM_OP_COUNT_ROWS: return "count(*)";
    case CORM_OP_COUNT: return "count({0})";
    case CORM_OP_COUNT_DISTINCT: return "count(DISTINCT {0})";
    case CORM_OP_SUM: return "sum({0})";
    case CORM_OP_AVG: return "avg({0})";
    case CORM_OP_MIN: return "min({0})";
    case CORM_OP_MAX: return "max({0})";
    case CORM_OP_LOWER: return "lower(({0}) COLLATE \"und-x-icu\")";
    case CORM_OP_UPPER: return "upper(({0}) COLLATE \"und-x-icu\")";
    case CORM_OP_LENGTH: return "length({0})";
    case CORM_OP_COALESCE: return "coalesce({*})";
    case CORM_OP_CONCAT: return "concat({*})";
    case CORM_OP_ASC: return "{0}";
    case CORM_OP_DESC: return "{0} DESC";
    case CORM_OP_LOCK_UPDATE: return " FOR UPDATE OF {0}";
    case CORM_OP_LOCK_SHARE: return " FOR SHARE OF {0}";
    case CORM_OP_LOCK_KEY_SHARE: return " FOR KEY SHARE OF {0}";
    case CORM_OP_RANDOM: return "random()";
    case CORM_OP_ASC_NULLS_FIRST: return type && !type->null ? "{0}" : "{0} NULLS FIRST";
    case CORM_OP_DESC_NULLS_LAST: return type && !type->null ? "{0} DESC" : "{0} DESC NULLS LAST";
    case CORM_OP_ITEMS: return "unnest({0}) AS items_(value)";
    case CORM_OP_PATH:
    case CORM_OP_VALUE:
    case CORM_OP_IN:
    case CORM_OP_AND:
    case CORM_OP_OR:
    case CORM_OP_SET:
    case CORM_OP_HAS:
    case CORM_OP_EXISTS:
    case CORM_OP_IN_QUERY:
    case CORM_OP_SUBQUERY:
    case CORM_OP_DESCENDANTS:
    case CORM_OP_ANCESTORS:
    case CORM_OP_WITH_ROWS:
    case CORM_OP_WITH_COUNT:
    case CORM_OP_LIST:
    case CORM_OP_DEFAULT:
    case CORM_OP_NAMED:
    case CORM_OP_NULLS_FIRST:
    case CORM_OP_NULLS_LAST:
    case CORM_OP_WIDEN:
    case CORM_OP_XOR:
    case CORM_OP_CASE:
    case CORM_OP_WHEN:
    case CORM_OP_ELSE:
    case CORM_OP_COUNT_OF_OPS: break;
    case CORM_OP_IS_DISTINCT: return "{0} IS DISTINCT FROM {1}";
#define SQL(op, name, takes, gives, sqlite, postgresql, mariadb)                                   \
    case CORM_OP_##op: return postgresql;
        CORM__FUNCTIONS(SQL)
#undef SQL
    }
    return NULL;
}
