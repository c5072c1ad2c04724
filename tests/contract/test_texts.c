/* JSON compared and ordered: as its text, by code points, on each engine. */
#include "harness.h"
#include <stdlib.h>

CORM_ROW(Document, json(document, .null = true));
CORM_ROW(Counted, json(document, .null = true), bigint(n));
CORM_ROW(Number, bigint(n));

/* Some that are equal as JSON, or where case, accents or a space at the end do not count. */
static const char *const documents[] = { "{\"a\": 1}", "{\"a\":1}", NULL,    "[]",
                                         "\"B\"",      "\"a\"",     "\"ﬁ\"", "\"😀\"",
                                         "\"é\"",      "[] ",       "[]",    "\"A\"" };
enum { N_DOCUMENTS = sizeof documents / sizeof *documents };

static void fill_documents(void) {
    Optional rows[N_DOCUMENTS] = { 0 };
    for (int i = 0; i < N_DOCUMENTS; i++) rows[i].document = documents[i];
    assert_ok(corm_insert_many(db, Optionals, rows, N_DOCUMENTS));
}

/* rows are these documents in this order, "-" being NULL, with a bar between two. */
#define assert_documents(rows, expected)                                                           \
    do {                                                                                           \
        char text_[400] = "";                                                                      \
        for (size_t i_ = 0; i_ < corm_len(rows); i_++)                                             \
            sprintf(text_ + strlen(text_), "%s%s", i_ ? "|" : "",                                  \
                    (rows)[i_].document ? (rows)[i_].document : "-");                              \
        assert_ok((rows) ? 0 : -1);                                                                \
        assert_string_equal(text_, expected);                                                      \
        corm_free(rows);                                                                           \
    } while (0)
#define assert_found(expected, ...)                                                                \
    do {                                                                                           \
        Optional *rows_ =                                                                          \
            corm_all(db, Optionals, .where = __VA_ARGS__, .order_by = BY(ASC(Optionals.id)));      \
        assert_documents(rows_, expected);                                                         \
    } while (0)

static void test_json__is_compared_as_its_text(void **state) {
    (void)state;
    static const char *const some[] = { "[]", "\"é\"", "[ ]" };
    static const char *many[3000];
    fill_documents();
    assert_found("{\"a\":1}", EQ(Optionals.document, "{\"a\":1}"));
    assert_found("\"a\"", EQ(Optionals.document, "\"a\""));
    assert_found("", EQ(Optionals.document, "no JSON"));
    assert_found("{\"a\":1}|[]|[]", IN(Optionals.document, "{\"a\":1}", "[]", "no JSON"));
    assert_found("{\"a\": 1}|-|\"B\"|\"ﬁ\"|\"😀\"|\"é\"|\"A\"",
                 NOT(IN(Optionals.document, "[]", "[] ", "{\"a\":1}", "\"a\"")));
    assert_found("[]|\"é\"|[]", ONE_OF(Optionals.document, some, 3));
    for (int i = 0; i < 3000; i++) many[i] = some[i % 3];
    assert_found("[]|\"é\"|[]", ONE_OF(Optionals.document, many, 3000));
    assert_found("{\"a\": 1}|{\"a\":1}|[]|[] |[]",
                 AND(NE(Optionals.document, "\"a\""), GT(Optionals.document, "\"😀\"")));
    assert_found("[]|\"B\"|\"a\"|\"ﬁ\"|\"😀\"|\"é\"|[] |[]|\"A\"", LT(Optionals.document, "z"));
    assert_found("\"B\"|\"a\"|\"A\"", LTE(Optionals.document, "\"a\""));
    assert_found("{\"a\": 1}|{\"a\":1}|[] ", GTE(Optionals.document, "[] "));
    assert_found("\"a\"|\"ﬁ\"|\"é\"", BETWEEN(Optionals.document, "\"a\"", "\"ﬁ\""));
    assert_found("[]|\"B\"|\"a\"|\"ﬁ\"|\"😀\"|\"é\"|[]|\"A\"",
                 LT(COALESCE(Optionals.document, Optionals.document), "[] "));
    assert_found("-", IS_NULL(Optionals.document));
    assert_int_equal(
        corm_count(db, Optionals, .where = EQ(Optionals.document, COL(Optionals.document))),
        N_DOCUMENTS - 1);
    assert_refused(
        corm_count(db, Optionals, .where = EQ(Optionals.document, COL(Optionals.long_text))),
        CORM_ERROR_USAGE, "(json) and Optionals.long_text (text)");
    assert_refused(corm_count(db, Optionals, .where = CONTAINS(COL(Optionals.document), "a")),
                   CORM_ERROR_USAGE, "CONTAINS needs a text");
    assert_refused(corm_count(db, Optionals, .where = EQ(Optionals.document, "\xff")),
                   CORM_ERROR_TYPE, "not valid UTF-8");
}

#define FORWARDS "\"A\"|\"B\"|\"a\"|\"é\"|\"ﬁ\"|\"😀\"|[]|[]|[] |{\"a\": 1}|{\"a\":1}|-"
#define DIFFERENT "\"A\"|\"B\"|\"a\"|\"é\"|\"ﬁ\"|\"😀\"|[]|[] |{\"a\": 1}|{\"a\":1}|-"

static void test_json__is_ordered_by_code_points(void **state) {
    (void)state;
    fill_documents();
    Optional *all = corm_all(db, Optionals, .order_by = BY(ASC(Optionals.document)));
    assert_documents(all, FORWARDS);
    all = corm_all(db, Optionals, .order_by = BY(DESC(Optionals.document)), .limit = 3);
    assert_documents(all, "-|{\"a\":1}|{\"a\": 1}");
    Document *rows =
        corm_select(db, Document, Optionals, .columns = COLUMNS(AS(document, Optionals.document)),
                    .order_by = BY(ASC(Optionals.document)));
    assert_documents(rows, FORWARDS);
    rows = corm_select(db, Document, Optionals,
                       .columns = COLUMNS(AS(document, Optionals.document)), .limit = 4);
    assert_documents(rows, "\"A\"|\"B\"|\"a\"|\"é\"");
    rows = corm_select(db, Document, Optionals, .distinct = true,
                       .columns = COLUMNS(AS(document, Optionals.document)),
                       .order_by = BY(ASC(Optionals.document)));
    assert_documents(rows, DIFFERENT);
    rows = corm_select(db, Document, Optionals, .distinct = true,
                       .columns = COLUMNS(AS(document, Optionals.document)),
                       .order_by = BY(DESC(COALESCE(Optionals.document))), .limit = 2);
    assert_documents(rows, "-|{\"a\":1}");
}

static void test_json__is_grouped_by(void **state) {
    (void)state;
    fill_documents();
    Counted *groups =
        corm_select(db, Counted, Optionals,
                    .columns = COLUMNS(AS(document, Optionals.document), AS(n, COUNT())),
                    .having = GT(MIN_OF(Optionals.document), "\"é\""),
                    .order_by = BY(DESC(COUNT()), DESC(Optionals.document)));
    assert_rows(groups, 6);
    assert_int_equal(groups[0].n, 2);
    assert_int_equal(groups[1].n, 1);
    assert_documents(groups, "[]|{\"a\":1}|{\"a\": 1}|[] |\"😀\"|\"ﬁ\"");
    Number *count = corm_select(db, Number, Optionals,
                                .columns = COLUMNS(AS(n, COUNT_DISTINCT(Optionals.document))));
    assert_rows(count, 1);
    assert_int_equal(count->n, 10);
    corm_free(count);
    Document *ends = corm_select(db, Document, Optionals,
                                 .columns = COLUMNS(AS(document, MIN_OF(Optionals.document))));
    assert_documents(ends, "\"A\"");
    ends = corm_select(db, Document, Optionals,
                       .columns = COLUMNS(AS(document, MAX_OF(Optionals.document))),
                       .order_by = BY(ASC(MAX_OF(Optionals.document))));
    assert_documents(ends, "{\"a\":1}");
}

static void test_json__of_other_rows_and_in_changes(void **state) {
    (void)state;
    fill_documents();
    assert_int_equal(corm_update(db, Optionals, .where = LT(Optionals.document, "\"a\""),
                                 .set = SET(TO(Optionals.document,
                                               COALESCE(Optionals.document, Optionals.document)))),
                     2);
    assert_int_equal(corm_update(db, Optionals, .where = EQ(Optionals.document, "[] "),
                                 .set = SET(TO(Optionals.document, COL(Optionals.document)))),
                     1);
    assert_int_equal(corm_update(db, Optionals, .all = true,
                                 .order_by = BY(DESC(Optionals.document)), .limit = 2,
                                 .set = SET(TO(Optionals.document, "{}"))),
                     2);
    assert_found("{\"a\": 1}|{}|{}|[]|\"B\"|\"a\"|\"ﬁ\"|\"😀\"|\"é\"|[] |[]|\"A\"",
                 IS_NOT_NULL(Optionals.id));
    assert_int_equal(corm_delete(db, Optionals, .where = IN(Optionals.document, "{}", "[]")), 4);
    assert_int_equal(corm_delete(db, Optionals, .all = true,
                                 .order_by = BY(ASC(Optionals.document)), .limit = 1),
                     1);
    assert_found("{\"a\": 1}|\"B\"|\"a\"|\"ﬁ\"|\"😀\"|\"é\"|[] ", IS_NOT_NULL(Optionals.id));
}

const struct CMUnitTest text_tests[] = {
    TEST(test_json__is_compared_as_its_text),
    TEST(test_json__is_ordered_by_code_points),
    TEST(test_json__is_grouped_by),
    TEST(test_json__of_other_rows_and_in_changes),
};
const size_t n_text_tests = sizeof text_tests / sizeof *text_tests;
