/* The SQL that queries are made of. Where SQLite's own operator means something else than
 * PostgreSQL's (case, overflow, division by zero, NULLs in order), a function of functions.c or
 * decimal.c stands in. */
#include "backend/sqlite/driver.h"
#include "base/buffer.h"
#define CORM_NO_SHORT_NAMES
#include <corm/operator.h>

void corm__sqlite_identifier(corm_buffer *out, const char *name) {
    corm__buffer_putc(out, '"');
    for (; *name; name++) {
        if (*name == '"') corm__buffer_putc(out, '"');
        corm__buffer_putc(out, *name);
    }
    corm__buffer_putc(out, '"');
}

void corm__sqlite_placeholder(corm_buffer *out, int number, corm_kind kind, corm_kind element) {
    (void)kind;
    (void)element;
    corm__buffer_printf(out, "?%d", number);
}

/* The result of these may be wider than an INTEGER: it is the text that columns of that width hold,
 * which sorts as the values do. */
#define WIDE(sql) "corm_wide(" sql ", {p})"

static const char *decimal_expression(int op, int digits) {
    switch (op) {
    case CORM_OP_ADD: return WIDE("corm_decimal_add({0}, {1})");
    case CORM_OP_SUB: return WIDE("corm_decimal_sub({0}, {1})");
    case CORM_OP_MUL: return WIDE("corm_decimal_mul({0}, {1}, {s})");
    case CORM_OP_DIV: return WIDE("corm_decimal_div({0}, {1}, {s})");
    case CORM_OP_MOD: return WIDE("corm_decimal_mod({0}, {1})");
    case CORM_OP_SUM: return WIDE("corm_decimal_sum({0})");
    case CORM_OP_AVG: return "corm_decimal_avg({0}, {p})";
    case CORM_OP_COALESCE:
        return digits > CORM__SQLITE_INTEGER_DIGITS ? WIDE("coalesce({*}, NULL)") : NULL;
    case CORM_OP_WIDEN: return WIDE("{0}");
    default: return NULL;
    }
}

static const char *const templates[CORM_OP_COUNT_OF_OPS] = {
    [CORM_OP_EQ] = "{0} = {1}",
    [CORM_OP_NE] = "{0} <> {1}",
    [CORM_OP_LT] = "{0} < {1}",
    [CORM_OP_LTE] = "{0} <= {1}",
    [CORM_OP_GT] = "{0} > {1}",
    [CORM_OP_GTE] = "{0} >= {1}",
    [CORM_OP_ONE_OF] = "{0} IN (SELECT value FROM corm_array({1}))",
    [CORM_OP_BETWEEN] = "{0} BETWEEN {1} AND {2}",
    [CORM_OP_IS_NULL] = "{0} IS NULL",
    [CORM_OP_IS_NOT_NULL] = "{0} IS NOT NULL",
    [CORM_OP_CONTAINS] = "instr({0}, {1}) > 0",
    [CORM_OP_ICONTAINS] = "instr(corm_fold({0}), corm_fold({1})) > 0",
    [CORM_OP_STARTS_WITH] = "corm_starts_with({0}, {1})",
    [CORM_OP_ISTARTS_WITH] = "corm_starts_with(corm_fold({0}), corm_fold({1}))",
    [CORM_OP_ENDS_WITH] = "corm_ends_with({0}, {1})",
    [CORM_OP_IENDS_WITH] = "corm_ends_with(corm_fold({0}), corm_fold({1}))",
    [CORM_OP_IEXACT] = "corm_fold({0}) = corm_fold({1})",
    [CORM_OP_LIKE] = "corm_like({0}, {1})",
    [CORM_OP_ILIKE] = "corm_like(corm_fold({0}), corm_fold({1}))",
    [CORM_OP_REGEX] = "corm_regexp({0}, {1})",
    [CORM_OP_IREGEX] = "corm_iregexp(corm_fold({0}), {1})",
    [CORM_OP_NOT] = "NOT ({0})",
    [CORM_OP_ADD] = "corm_add({0}, {1})",
    [CORM_OP_SUB] = "corm_sub({0}, {1})",
    [CORM_OP_MUL] = "corm_mul({0}, {1})",
    [CORM_OP_DIV] = "corm_div({0}, {1})",
    [CORM_OP_MOD] = "corm_mod({0}, {1})",
    [CORM_OP_COUNT_ROWS] = "COUNT(*)",
    [CORM_OP_COUNT] = "COUNT({0})",
    [CORM_OP_COUNT_DISTINCT] = "COUNT(DISTINCT {0})",
    [CORM_OP_SUM] = "SUM({0})",
    [CORM_OP_AVG] = "AVG({0})",
    [CORM_OP_MIN] = "MIN({0})",
    [CORM_OP_MAX] = "MAX({0})",
    [CORM_OP_LOWER] = "corm_lower({0})",
    [CORM_OP_UPPER] = "corm_upper({0})",
    [CORM_OP_LENGTH] = "length({0})",
    [CORM_OP_COALESCE] = "coalesce({*}, NULL)", /* SQLite's wants two arguments */
    [CORM_OP_CONCAT] = "corm_concat({*})",
    [CORM_OP_ITEMS] = "corm_array({0}) AS items_",
    [CORM_OP_IS_DISTINCT] = "{0} IS NOT {1}",
#define SQL(op, name, takes, gives, sqlite, postgresql, mariadb) [CORM_OP_##op] = sqlite,
    CORM__FUNCTIONS(SQL)
#undef SQL
};

/* SQLite would store what its columns do not hold. */
static const char *assigned(const corm_column *type) {
    switch (type ? type->kind : CORM_NULL) {
    case CORM_SMALLINT: return "corm_cast({0}, 'BIGINT', 'SMALLINT')";
    case CORM_INTEGER: return "corm_cast({0}, 'BIGINT', 'INTEGER')";
    case CORM_BIGINT: return "corm_cast({0}, 'BIGINT', 'BIGINT')";
    case CORM_VARCHAR:
        return type->max_length > 0 ? "corm_cast({0}, 'TEXT', 'VARCHAR({l})')" : NULL;
    case CORM_JSON: return "corm_cast({0}, 'TEXT', 'JSON_TEXT')";
    case CORM_DECIMAL: return "corm_cast({0}, 'DECIMAL({d}, {p})', 'DECIMAL({d}, {p})')";
    default: return NULL;
    }
}

const char *corm__sqlite_expression(int op, const corm_column *type) {
    if (op <= 0 || op >= CORM_OP_COUNT_OF_OPS) return NULL;
    if (op == CORM_OP_SET) return assigned(type);
    /* PostgreSQL sorts NULL as the greatest. A column that cannot be NULL keeps the plain form, for
     * which an index serves. */
    if (op == CORM_OP_ASC) return type && !type->null ? "{0}" : "{0} NULLS LAST";
    if (op == CORM_OP_DESC) return type && !type->null ? "{0} DESC" : "{0} DESC NULLS FIRST";
    if (op == CORM_OP_ASC_NULLS_FIRST) return "{0}";
    if (op == CORM_OP_RANDOM) return "random()";
    if (op == CORM_OP_DESC_NULLS_LAST) return "{0} DESC";
    if (type && (type->kind == CORM_REAL || type->kind == CORM_DOUBLE_PRECISION)) {
        if (op == CORM_OP_SUM) return "corm_finite(SUM({0}))";
        if (op == CORM_OP_AVG) return "corm_finite(AVG({0}))";
    }
    const char *decimal =
        type && type->kind == CORM_DECIMAL ? decimal_expression(op, type->digits) : NULL;
    return decimal ? decimal : templates[op];
}
