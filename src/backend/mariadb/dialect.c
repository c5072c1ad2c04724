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

/* Any unique key leads to the UPDATE. Where it is not this key that is taken, the row is another
 * one and must stay as it is: a subquery of two rows stops the statement (error 1242). NULL takes
 * no key. */
void corm__mariadb_key_taken(corm_buffer *out, const char *const *key, size_t n, bool nothing) {
    corm__buffer_puts(out, " ON DUPLICATE KEY UPDATE ");
    corm__mariadb_identifier(out, key[0]);
    corm__buffer_puts(out, " = IF(");
    for (size_t i = 0; i < n; i++) {
        if (i) corm__buffer_puts(out, " AND ");
        corm__mariadb_identifier(out, key[i]);
        corm__buffer_puts(out, " = VALUES(");
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

/* Case is that of Unicode, of the newest collation that the server has; the cast gives back the
 * session's, in which texts are equal when their code points are. A collation knows one letter for
 * one, so what Unicode writes with several, and the sigma that ends a word, come beside it. */
#define UTF8(x) "CONVERT(" x " USING utf8mb4) COLLATE utf8mb4_bin"
#define CASE(function, x)                                                                          \
    "CAST(" function "(" x " COLLATE utf8mb4_unicode_520_ci /*M!101000 COLLATE "                   \
    "utf8mb4_uca1400_as_ci */ /*!80000 COLLATE utf8mb4_0900_as_ci */) AS CHAR)"
#define SMALL(x) CASE("LOWER", "REPLACE(" x ", 'İ', 'i\u0307')")
/* Where it is searched for, sigma is sigma, so that a word found in another form is found. */
#define FOLD(x) "REPLACE(" SMALL(UTF8(x)) ", 'ς', 'σ')"
/* Behind a letter that has case and before none, whatever marks are between: no character is both,
 * so the server need not try fewer marks, and gives up no long text. It checks the whole text again
 * for each sigma that it finds: thousands in one text take seconds. */
#define CASED "\\p{Lu}\\p{Ll}\\p{Lt}ªºⅠ-ⅿⒶ-ⓩ🄰-🅉🅐-🅩🅰-🆉"
#define MARKS "\\p{Mn}\\p{Me}\\p{Cf}\\p{Lm}\\p{Sk}''.:·\\x{387}’‘․‧՟״︓﹒﹕＇．："
#define FINAL_SIGMA "([" CASED "][" MARKS "]*+)Σ(?![" MARKS "]*+[" CASED "])"
/* clang-format off */
#define LOWER(x)                                                                                   \
    SMALL("IF(LOCATE('Σ', " UTF8(x) ") > 0, REGEXP_REPLACE(" UTF8(x) ", '" FINAL_SIGMA             \
          "', CONCAT(/*M!100000 '\\1', */ /*!80000 '$1', */ 'ς')), " UTF8(x) ")")
/* The letters, each as the collation gives it, whose capital is several. */
#define SPECIAL_UPPER                                                                              \
    P("ß", "SS") P("ŉ", "ʼN") P("ǰ", "J\u030C") P("ΐ", "Ι\u0308\u0301") P("ΰ", "Υ\u0308\u0301")    \
    P("և", "ԵՒ") P("ẖ", "H\u0331") P("ẗ", "T\u0308") P("ẘ", "W\u030A") P("ẙ", "Y\u030A")           \
    P("ẚ", "Aʾ") P("ὐ", "Υ\u0313") P("ὒ", "Υ\u0313\u0300") P("ὔ", "Υ\u0313\u0301")                 \
    P("ὖ", "Υ\u0313\u0342") P("ᾈ", "ἈΙ") P("ᾉ", "ἉΙ") P("ᾊ", "ἊΙ") P("ᾋ", "ἋΙ") P("ᾌ", "ἌΙ")       \
    P("ᾍ", "ἍΙ") P("ᾎ", "ἎΙ") P("ᾏ", "ἏΙ") P("ᾘ", "ἨΙ") P("ᾙ", "ἩΙ") P("ᾚ", "ἪΙ") P("ᾛ", "ἫΙ")     \
    P("ᾜ", "ἬΙ") P("ᾝ", "ἭΙ") P("ᾞ", "ἮΙ") P("ᾟ", "ἯΙ") P("ᾨ", "ὨΙ") P("ᾩ", "ὩΙ") P("ᾪ", "ὪΙ")     \
    P("ᾫ", "ὫΙ") P("ᾬ", "ὬΙ") P("ᾭ", "ὭΙ") P("ᾮ", "ὮΙ") P("ᾯ", "ὯΙ") P("ᾲ", "ᾺΙ") P("ᾴ", "ΆΙ")     \
    P("ᾶ", "Α\u0342") P("ᾷ", "Α\u0342Ι") P("ᾼ", "ΑΙ") P("ῂ", "ῊΙ") P("ῄ", "ΉΙ")                    \
    P("ῆ", "Η\u0342") P("ῇ", "Η\u0342Ι") P("ῌ", "ΗΙ") P("ῒ", "Ι\u0308\u0300")                      \
    P("\u1FD3", "Ι\u0308\u0301") P("ῖ", "Ι\u0342") P("ῗ", "Ι\u0308\u0342")                         \
    P("ῢ", "Υ\u0308\u0300") P("\u1FE3", "Υ\u0308\u0301") P("ῤ", "Ρ\u0313") P("ῦ", "Υ\u0342")       \
    P("ῧ", "Υ\u0308\u0342") P("ῲ", "ῺΙ") P("ῴ", "ΏΙ") P("ῶ", "Ω\u0342") P("ῷ", "Ω\u0342Ι")         \
    P("ῼ", "ΩΙ") P("ﬀ", "FF") P("ﬁ", "FI") P("ﬂ", "FL") P("ﬃ", "FFI") P("ﬄ", "FFL")                \
    P("ﬅ", "ST") P("ﬆ", "ST") P("ﬓ", "ՄՆ") P("ﬔ", "ՄԵ") P("ﬕ", "ՄԻ") P("ﬖ", "ՎՆ") P("ﬗ", "ՄԽ")
/* clang-format on */
#define P(letter, capitals) ", '" letter "', '" capitals "')"
#define TIMES5(x) x x x x x
#define REPLACE75 TIMES5(TIMES5("REPLACE(REPLACE(REPLACE("))
#define UPPER(x)                                                                                   \
    "IF(" UTF8(x) " REGEXP '[ßŉǰΐΰևẖ-ẚὐ-ὖᾀ-ῼﬀ-ﬗ]', " REPLACE75 CASE("UPPER", UTF8(x))              \
        SPECIAL_UPPER ", " CASE("UPPER", UTF8(x)) ")"
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
    [CORM_OP_REGEX] = "{0} REGEXP CONCAT('(?s)', {1})",
    [CORM_OP_IREGEX] = FOLD("{0}") " REGEXP CONCAT('(?s)', " FOLD("{1}") ")",
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
    [CORM_OP_IS_DISTINCT] = "NOT ({0} <=> {1})",
#define SQL(op, name, takes, gives, sqlite, postgresql, mariadb) [CORM_OP_##op] = mariadb,
    CORM__FUNCTIONS(SQL)
#undef SQL
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
    if (op == CORM_OP_ASC_NULLS_FIRST) return "{0}";
    if (op == CORM_OP_RANDOM) return "RAND()";
    if (op == CORM_OP_LOCK_UPDATE) return " FOR UPDATE";
    if (op == CORM_OP_LOCK_SHARE || op == CORM_OP_LOCK_KEY_SHARE) return " LOCK IN SHARE MODE";
    if (op == CORM_OP_DESC_NULLS_LAST) return "{0} DESC";
    if (op == CORM_OP_DIV && is_real(type)) return DIVIDE("{0} / {1}");
    /* A sum that leaves the range would be 0; computing with it is an error. */
    if (op == CORM_OP_SUM && is_real(type)) return "(SUM({0}) + 0)";
    if (op == CORM_OP_AVG && is_real(type)) return "(AVG({0}) + 0)";
    const char *decimal = type && type->kind == CORM_DECIMAL ? decimal_expression(op) : NULL;
    return decimal ? decimal : templates[op];
}
