#include "sqlite_fixture.h"
#define CORM_NO_SHORT_NAMES
#include <corm/query.h>

static corm_conn *conn;

static int setup(void **state) {
    (void)state;
    conn = open_database(":memory:");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    BACKEND->close(conn);
    return 0;
}

/* The dialect's template of op with SQL texts as operands. */
static const char *sql_of(int op, corm_column type, const char *left, const char *right) {
    static char out[512];
    const char *template = BACKEND->expression(op, &type);
    assert_non_null(template);
    size_t n = (size_t)snprintf(out, sizeof out, "SELECT ");
    for (; *template && n < sizeof out - 1; template++) {
        const char *operand = strncmp(template, "{0}", 3) == 0   ? left
                              : strncmp(template, "{1}", 3) == 0 ? right
                                                                 : NULL;
        bool list = strncmp(template, "{*}", 3) == 0;
        if (operand) n += (size_t)snprintf(out + n, sizeof out - n, "%s", operand), template += 2;
        else if (list)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s, %s", left, right), template += 2;
        else if (strncmp(template, "{s}", 3) == 0 || strncmp(template, "{p}", 3) == 0)
            n += (size_t)snprintf(out + n, sizeof out - n, "%d", type.places), template += 2;
        else out[n++] = *template;
        out[n] = 0;
    }
    return out;
}

static const corm_column text = { .kind = CORM_TEXT }, bigint = { .kind = CORM_BIGINT },
                         money = { .kind = CORM_DECIMAL, .digits = 9, .places = 2 };

static void assert_matches(int op, const char *left, const char *right, int expected) {
    int64_t found = integer_of(conn, sql_of(op, text, left, right));
    if (found != expected) fail_msg("%s is %d", sql_of(op, text, left, right), (int)found);
}

static void test_functions__text_matching_minds_case(void **state) {
    (void)state;
    assert_matches(CORM_OP_CONTAINS, "'Stew'", "'te'", 1);
    assert_matches(CORM_OP_CONTAINS, "'Stew'", "'TE'", 0);
    assert_matches(CORM_OP_CONTAINS, "'100%'", "'%'", 1);
    assert_matches(CORM_OP_CONTAINS, "'Stew'", "'_'", 0);
    assert_matches(CORM_OP_STARTS_WITH, "'Stew'", "'St'", 1);
    assert_matches(CORM_OP_STARTS_WITH, "'Stew'", "'st'", 0);
    assert_matches(CORM_OP_STARTS_WITH, "'Stew'", "''", 1);
    assert_matches(CORM_OP_ENDS_WITH, "'Stew'", "'ew'", 1);
    assert_matches(CORM_OP_ENDS_WITH, "'ew'", "'Stew'", 0);
    assert_matches(CORM_OP_LIKE, "'Stew'", "'S%w'", 1);
    assert_matches(CORM_OP_LIKE, "'Stew'", "'s%w'", 0);
    assert_matches(CORM_OP_LIKE, "'λόγος'", "'λ_γ__'", 1);
    assert_matches(CORM_OP_LIKE, "'a%b'", "'a\\%b'", 1);
    assert_matches(CORM_OP_LIKE, "'aXb'", "'a\\%b'", 0);
    assert_matches(CORM_OP_LIKE, "'mississippi'", "'m%iss%pi'", 1);
    assert_matches(CORM_OP_LIKE, "'mississippi'", "'m%iss%po'", 0);
    assert_matches(CORM_OP_LIKE, "''", "'%'", 1);
    assert_matches(CORM_OP_LIKE, "'abc'", "'ab'", 0);
    assert_matches(CORM_OP_LIKE, "'ab'", "'abc'", 0);
    assert_matches(CORM_OP_LIKE, "'aab'", "'%ab'", 1);
    assert_string_equal(text_of(conn, sql_of(CORM_OP_LIKE, text, "NULL", "'x'")), "");
    corm_error_info error;
    assert_int_equal(try_with(conn, "SELECT corm_like('ab', 'a\\')", NULL, 0, &error),
                     CORM_ERROR_SQL);
    assert_string_equal(error.sqlstate, "22025");
}

static void test_functions__folding_knows_every_script(void **state) {
    (void)state;
    assert_matches(CORM_OP_ICONTAINS, "'ΕΛΛΆΣ'", "'λλά'", 1);
    assert_matches(CORM_OP_IEXACT, "'ΟΔΟΣ'", "'οδος'", 1);
    assert_matches(CORM_OP_IEXACT, "'ОДЕСА'", "'одеса'", 1);
    assert_matches(CORM_OP_ISTARTS_WITH, "'İstanbul'", "'i̇s'", 1);
    assert_matches(CORM_OP_IENDS_WITH, "'straße'", "'SSE'", 0);
    assert_matches(CORM_OP_ILIKE, "'ÇORBA'", "'ç_rb%'", 1);
    assert_string_equal(text_of(conn, "SELECT corm_upper('straße ŉ ﬁ ᾳ և ñ ᾠ')"),
                        "STRASSE ʼN FI ΑΙ ԵՒ Ñ ὨΙ");
    assert_string_equal(text_of(conn, "SELECT corm_lower('ΟΔΟΣ ΣΑΣ. Σ İÑ')"), "οδος σας. σ i̇ñ");
    /* as PostgreSQL's lower(… COLLATE "und-x-icu") says */
    assert_string_equal(
        text_of(conn, "SELECT corm_lower('ΑΣ.Α ΑΣ. ΑΣ''Α 1Σ ΑΣ1 Α.Σ ΑΣΣ ΑΣ-Α ΆΣ: Α·Σ')"),
        "ασ.α ας. ασ'α 1σ ας1 α.ς ασς ας-α άς: α·ς");
    assert_string_equal(text_of(conn, "SELECT hex(corm_fold(CAST(x'C041FF42' AS TEXT)))"),
                        "C061FF62");
    assert_int_equal(integer_of(conn, sql_of(CORM_OP_LENGTH, text, "'λόγος'", "")), 5);
}

static void test_functions__regular_expressions(void **state) {
    (void)state;
    assert_matches(CORM_OP_REGEX, "'Stew 12'", "'^S[a-z]+ [0-9]{2}$'", 1);
    assert_matches(CORM_OP_REGEX, "'stew'", "'^S'", 0);
    assert_matches(CORM_OP_IREGEX, "'stew'", "'^S'", 1);
    assert_matches(CORM_OP_REGEX, "'λόγος'", "'^.{5}$'", 1);
    assert_matches(CORM_OP_IREGEX, "'ΛΌΓΟΣ'", "'^λό'", 1);
    assert_string_equal(text_of(conn, sql_of(CORM_OP_REGEX, text, "NULL", "'x'")), "");
    corm_error_info error;
    assert_int_equal(try_with(conn, "SELECT corm_regexp('a', '(')", NULL, 0, &error),
                     CORM_ERROR_SQL);
    assert_string_equal(error.sqlstate, "2201B");
    assert_int_equal(integer_of(conn, "WITH t (p) AS (VALUES ('a'), ('b'), ('[ab]')) SELECT "
                                      "sum(corm_regexp('xb', p)) FROM t"),
                     2);
}

/* pattern: of n times before, a in the middle, and n times after. */
static int status_of_pattern(const char *before, const char *middle, const char *after, int n) {
    corm_buffer sql = { 0 };
    corm_error_info error = { 0 };
    corm__buffer_puts(&sql, "SELECT corm_regexp('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '");
    for (int i = 0; i < n; i++) corm__buffer_puts(&sql, before);
    corm__buffer_puts(&sql, middle);
    for (int i = 0; i < n; i++) corm__buffer_puts(&sql, after);
    corm__buffer_puts(&sql, "')");
    int status = try_with(conn, corm__buffer_text(&sql), NULL, 0, &error);
    corm__buffer_release(&sql);
    return status;
}

static void test_functions__patterns_that_cost_too_much_are_refused(void **state) {
    (void)state;
    assert_int_equal(status_of_pattern("(", "a", ")", 20000), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("(", "a", ")", 101), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("(", "a", "){1,100}", 3), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("(", "a", "{1,100})", 3), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("", "a", "{100}", 2), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("", "a", "{9999999999999999999999}", 1), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("(a*)", "\\1\\2c", "", 12), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("a", "", "", 30000), CORM_ERROR_SQL);
    assert_int_equal(status_of_pattern("(", "a", ")", 100), CORM_OK);
    assert_int_equal(status_of_pattern("", "[](]a{2,200}[[:alpha:](){9}]", "", 1), CORM_OK);
    assert_int_equal(status_of_pattern("(a)?", "\\(", "", 50), CORM_OK);
    assert_int_equal(status_of_pattern("[ab]{1,50}", "", "", 50), CORM_OK);
}

static int status_of(const char *sql) {
    corm_error_info error;
    return try_with(conn, sql, NULL, 0, &error);
}

static void test_functions__arithmetic_is_exact_or_fails(void **state) {
    (void)state;
    assert_int_equal(integer_of(conn, sql_of(CORM_OP_DIV, bigint, "-7", "2")), -3);
    assert_int_equal(integer_of(conn, sql_of(CORM_OP_MOD, bigint, "-7", "2")), -1);
    assert_int_equal(status_of(sql_of(CORM_OP_DIV, bigint, "7", "0")), CORM_ERROR_RANGE);
    assert_int_equal(status_of(sql_of(CORM_OP_ADD, bigint, "9223372036854775807", "1")),
                     CORM_ERROR_RANGE);
    assert_int_equal(status_of(sql_of(CORM_OP_MUL, bigint, "9223372036854775807", "2")),
                     CORM_ERROR_RANGE);
    assert_string_equal(text_of(conn, sql_of(CORM_OP_ADD, bigint, "NULL", "1")), "");
    assert_int_equal(
        status_of("WITH t (v) AS (VALUES (9223372036854775807), (1)) SELECT SUM(v) FROM t"),
        CORM_ERROR_RANGE);
    assert_string_equal(text_of(conn, sql_of(CORM_OP_ADD, money, "150", "275")),
                        "000000000000000000000000000000000004.25");
    assert_string_equal(text_of(conn, sql_of(CORM_OP_MUL, money, "150", "333")),
                        "000000000000000000000000000000000005.00"); /* 1.50 × 3.33 = 4.995 */
    assert_string_equal(text_of(conn, sql_of(CORM_OP_MUL, money, "-150", "333")),
                        "-999999999999999999999999999999999994.99 -5.00");
    assert_string_equal(text_of(conn, sql_of(CORM_OP_DIV, money, "1000", "300")),
                        "000000000000000000000000000000000003.33");
    assert_string_equal(text_of(conn, sql_of(CORM_OP_DIV, money, "-2000", "300")),
                        "-999999999999999999999999999999999993.32 -6.67");
    assert_int_equal(status_of(sql_of(CORM_OP_DIV, money, "7", "0")), CORM_ERROR_RANGE);
    assert_string_equal(text_of(conn, sql_of(CORM_OP_ADD, money, "'99999999999999999999'", "1")),
                        "000000000000000001000000000000000000.00");
    assert_string_equal(text_of(conn, sql_of(CORM_OP_SUB, money, "'-9223372036854775808'", "1")),
                        "-999999999999999999907766279631452241.90 -92233720368547758.09");
    assert_int_equal(
        status_of(sql_of(CORM_OP_ADD, money, "'99999999999999999999999999999999999999'", "1")),
        CORM_ERROR_RANGE);
    assert_string_equal(
        text_of(conn, "SELECT corm_decimal_mul('-1234567890123456789', '9876543210987654321', 0)"),
        "-12193263113702179522374638011112635269");
    assert_string_equal(
        text_of(conn, "SELECT corm_decimal_div('12193263113702179522374638011112635269', "
                      "'-9876543210987654321', 0)"),
        "-1234567890123456789");
    assert_string_equal(
        text_of(conn, "SELECT corm_decimal_div('99999999999999999999999999999999999999', '7', 0)"),
        "14285714285714285714285714285714285714");
    assert_string_equal(
        text_of(conn, "SELECT corm_decimal_mod('-99999999999999999999999999999999999999', "
                      "'10000000000000000000000')"),
        "-9999999999999999999999");
    assert_string_equal(
        text_of(conn, "SELECT corm_decimal_mul('100000000000000000000', '12345', 2)"),
        "12345000000000000000000");
    assert_string_equal(text_of(conn, "SELECT corm_decimal_add('18446744073709551615', '1')"),
                        "18446744073709551616");
    assert_string_equal(
        text_of(conn, "SELECT corm_decimal_sub('-18446744073709551616', '-18446744073709551617')"),
        "1");
    assert_int_equal(
        status_of(sql_of(CORM_OP_MUL, money, "'99999999999999999999999999999999999999'", "1000")),
        CORM_ERROR_RANGE);
    assert_string_equal(
        text_of(conn, "WITH t (v) AS (VALUES (9223372036854775807), (9223372036854775807), (NULL)) "
                      "SELECT corm_decimal_sum(v) FROM t"),
        "18446744073709551614");
    assert_string_equal(
        text_of(conn,
                "WITH t (v) AS (VALUES (100), (201), (NULL)) SELECT corm_decimal_avg(v, 2) FROM t"),
        "1.505");
    assert_string_equal(text_of(conn, "SELECT corm_decimal_sum(1) WHERE 0"), "");
    char sum[600]; /* below 5, as a text */
    snprintf(sum, sizeof sum,
             "WITH t (v) AS (VALUES ('-99999999999999999999')) %s < corm_wide(500, 2) FROM t",
             sql_of(CORM_OP_SUM, money, "v", ""));
    assert_int_equal(integer_of(conn, sum), 1);
}

static void test_functions__null_and_lists(void **state) {
    (void)state;
    assert_string_equal(text_of(conn, sql_of(CORM_OP_CONCAT, text, "'a'", "NULL")), "a");
    assert_string_equal(text_of(conn, sql_of(CORM_OP_CONCAT, text, "'a'", "5")), "a5");
    assert_string_equal(text_of(conn, sql_of(CORM_OP_COALESCE, text, "NULL", "'b'")), "b");
    assert_string_equal(
        text_of(conn, "WITH t (v) AS (VALUES (1), (NULL), (2)) SELECT group_concat(coalesce(v, "
                      "'null')) FROM (SELECT v FROM t ORDER BY v NULLS LAST)"),
        "1,2,null");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_functions__text_matching_minds_case),
        TEST(test_functions__folding_knows_every_script),
        TEST(test_functions__regular_expressions),
        TEST(test_functions__patterns_that_cost_too_much_are_refused),
        TEST(test_functions__arithmetic_is_exact_or_fails),
        TEST(test_functions__null_and_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
