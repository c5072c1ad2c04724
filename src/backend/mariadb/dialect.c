#include "backend/mariadb/mariadb.h"
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

void corm__mariadb_identifier(corm_buffer *out, const char *name) { quote(out, name, '`'); }

void corm__mariadb_literal(corm_buffer *out, const char *text) {
    if (!strchr(text, '\\')) {
        quote(out, text, '\'');
        return;
    }
    corm__buffer_puts(out, "_utf8mb4 X'");
    for (; *text; text++) corm__buffer_printf(out, "%02X", (unsigned char)*text);
    corm__buffer_putc(out, '\'');
}

void corm__mariadb_placeholder(corm_buffer *out, int number, corm_kind kind, corm_kind element) {
    (void)number, (void)kind, (void)element;
    corm__buffer_putc(out, '?');
}

/* Any unique key leads to the UPDATE. Where it is not the primary key that is taken, the row is
 * another one and must stay as it is: a subquery of two rows stops the statement (error 1242). */
void corm__mariadb_key_taken(corm_buffer *out, const char *const *key, size_t n, bool nothing) {
    corm__buffer_puts(out, " ON DUPLICATE KEY UPDATE ");
    corm__mariadb_identifier(out, key[0]);
    corm__buffer_puts(out, " = IF(");
    for (size_t i = 0; i < n; i++) {
        if (i) corm__buffer_puts(out, " AND ");
        corm__mariadb_identifier(out, key[i]);
        corm__buffer_puts(out, " <=> VALUES(");
        corm__mariadb_identifier(out, key[i]);
        corm__buffer_putc(out, ')');
    }
    corm__buffer_puts(out, ", ");
    corm__mariadb_identifier(out, key[0]);
    corm__buffer_puts(out, ", (SELECT 1 UNION ALL SELECT 2))");
    if (!nothing) corm__buffer_puts(out, ", ");
}

const char *corm__mariadb_collation(bool is_mysql) {
    return is_mysql ? "utf8mb4_0900_bin" : "utf8mb4_nopad_bin";
}

/* Case is folded by the rules of Unicode; the cast gives back the session's collation, in which
 * texts are equal when their code points are. Final sigma is made an ordinary one, so that a word
 * found in another form is found. */
#define UNICODE(x) "CONVERT(" x " USING utf8mb4) COLLATE utf8mb4_unicode_520_ci"
#define LOWER(x) "CAST(LOWER(" UNICODE(x) ") AS CHAR)"
#define UPPER(x) "CAST(UPPER(" UNICODE(x) ") AS CHAR)"
#define FOLD(x) "REPLACE(" LOWER(x) ", 'ς', 'σ')"
/* A division by zero gives NULL in a SELECT, and an error elsewhere: an error on every engine, here
 * that of an integer that is too large.
 */
#define DIVIDE(sql) "IF({1} = 0, 9223372036854775807 + ({1} = 0), " sql ")"

static const char *const templates[CORM_OP_COUNT_OF_OPS] = {
    [CORM_OP_EQ] = "{0} = {1}",
    [CORM_OP_NE] = "{0} <> {1}",
    [CORM_OP_LT] = "{0} < {1}",
    [CORM_OP_LTE] = "{0} <= {1}",
    [CORM_OP_GT] = "{0} > {1}",
    [CORM_OP_GTE] = "{0} >= {1}",
    [CORM_OP_BETWEEN] = "{0} BETWEEN {1} AND {2}",
    [CORM_OP_IS_NULL] = "{0} IS NULL",
    [CORM_OP_IS_NOT_NULL] = "{0} IS NOT NULL",
    [CORM_OP_CONTAINS] = "LOCATE({1}, {0}) > 0",
    [CORM_OP_ICONTAINS] = "LOCATE(" FOLD("{1}") ", " FOLD("{0}") ") > 0",
    [CORM_OP_STARTS_WITH] = "LEFT({0}, CHAR_LENGTH({1})) = {1}",
    [CORM_OP_ISTARTS_WITH] = "LEFT(" FOLD("{0}") ", CHAR_LENGTH(" FOLD("{1}") ")) = " FOLD("{1}"),
    [CORM_OP_ENDS_WITH] = "RIGHT({0}, CHAR_LENGTH({1})) = {1}",
    [CORM_OP_IENDS_WITH] = "RIGHT(" FOLD("{0}") ", CHAR_LENGTH(" FOLD("{1}") ")) = " FOLD("{1}"),
    [CORM_OP_IEXACT] = FOLD("{0}") " = " FOLD("{1}"),
    [CORM_OP_LIKE] = "{0} LIKE {1} ESCAPE '\\'",
    [CORM_OP_ILIKE] = FOLD("{0}") " LIKE " FOLD("{1}") " ESCAPE '\\'",
    [CORM_OP_REGEX] = "{0} REGEXP {1}",
    [CORM_OP_IREGEX] = "{0} REGEXP CONCAT('(?i)', {1})",
    [CORM_OP_NOT] = "NOT ({0})",
    [CORM_OP_ADD] = "({0} + {1})",
    [CORM_OP_SUB] = "({0} - {1})",
    [CORM_OP_MUL] = "({0} * {1})",
    [CORM_OP_DIV] = DIVIDE("{0} DIV {1}"),
    [CORM_OP_MOD] = DIVIDE("{0} % {1}"),
    [CORM_OP_COUNT_ROWS] = "COUNT(*)",
    [CORM_OP_COUNT] = "COUNT({0})",
    [CORM_OP_COUNT_DISTINCT] = "COUNT(DISTINCT {0})",
    [CORM_OP_SUM] = "SUM({0})",
    [CORM_OP_AVG] = "AVG({0})",
    [CORM_OP_MIN] = "MIN({0})",
    [CORM_OP_MAX] = "MAX({0})",
    [CORM_OP_LOWER] = LOWER("{0}"),
    [CORM_OP_UPPER] = UPPER("{0}"),
    [CORM_OP_LENGTH] = "CHAR_LENGTH({0})",
    [CORM_OP_COALESCE] = "COALESCE({*})",
    [CORM_OP_CONCAT] = "CONCAT_WS('', {*})", /* CONCAT is NULL when one of them is */
};

static bool is_real(const corm_column *type) {
    return type && (type->kind == CORM_REAL || type->kind == CORM_DOUBLE_PRECISION);
}

/* With the scale of the left operand, on every engine. */
static const char *decimal_expression(int op) {
    switch (op) {
    case CORM_OP_MUL: return "ROUND({0} * {1}, {p})";
    case CORM_OP_DIV: return DIVIDE("ROUND({0} / {1}, {p})");
    default: return NULL;
    }
}

/* An array is a text of JSON: one parameter for any number of items. */
#define JSON_ITEMS(x, type) "JSON_TABLE(" x ", '$[*]' COLUMNS (item " type " PATH '$')) AS list_"
#define INTEGERS(x) "(SELECT item AS value FROM " JSON_ITEMS(x, "BIGINT") ")"
#define TEXTS(x) "(SELECT CAST(item AS CHAR) AS value FROM " JSON_ITEMS(x, "LONGTEXT") ")"
#define UUIDS(x) "(SELECT UNHEX(item) AS value FROM " JSON_ITEMS(x, "CHAR(32)") ")"

static const char *items(int op, const corm_column *type) {
    bool rows = op == CORM_OP_ITEMS;
    switch (type ? type->kind : CORM_NULL) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: return rows ? INTEGERS("{0}") " AS items_" : "{0} IN " INTEGERS("{1}");
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON: return rows ? TEXTS("{0}") " AS items_" : "{0} IN " TEXTS("{1}");
    case CORM_UUID: return rows ? UUIDS("{0}") " AS items_" : "{0} IN " UUIDS("{1}");
    default: return NULL;
    }
}

const char *corm__mariadb_expression(int op, const corm_column *type) {
    if (op <= 0 || op >= CORM_OP_COUNT_OF_OPS) return NULL;
    if (op == CORM_OP_ONE_OF || op == CORM_OP_ITEMS) return items(op, type);
    /* PostgreSQL sorts NULL as the greatest. A column that cannot be NULL keeps the plain form, for
     * which an index serves. */
    if (op == CORM_OP_ASC) return type && !type->null ? "{0}" : "{0} IS NULL, {0}";
    if (op == CORM_OP_DESC) return type && !type->null ? "{0} DESC" : "{0} IS NULL DESC, {0} DESC";
    if (op == CORM_OP_DIV && is_real(type)) return DIVIDE("{0} / {1}");
    /* A sum that leaves the range would be 0; computing with it is an error. */
    if (op == CORM_OP_SUM && is_real(type)) return "(SUM({0}) + 0)";
    if (op == CORM_OP_AVG && is_real(type)) return "(AVG({0}) + 0)";
    const char *decimal = type && type->kind == CORM_DECIMAL ? decimal_expression(op) : NULL;
    return decimal ? decimal : templates[op];
}
