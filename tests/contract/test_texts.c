/* JSON, which is compared and ordered as its text; letters of two cases. */
#include "harness.h"
#include "db/db.h"
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

/* --- case --- */

CORM_ROW(Cased, text(letter), text(lower), text(upper), boolean(is_lower), boolean(is_upper),
         boolean(is_in));

/* Where there are letters of two cases, and more; between stand ideographs, syllables, surrogates
 * and what is nobody's. */
static const unsigned parts[][2] = { { 0x80, 0x3400 }, { 0xA000, 0xAC00 }, { 0xF900, 0x1F900 } };
enum { LETTERS = 0x3380 + 0xC00 + 0x10000, LETTERS_OF_THE_FIRST = 0x3380 };

/* In a memory of its own: what every other engine is held against. */
static corm_db *open_sqlite(void) {
    corm_error_info error;
    corm_settings *settings =
        corm_settings_load(&(corm_settings_options){ .url = "sqlite://:memory:",
                                                     .no_env_file = true,
                                                     .environment = (const char *const[]){ NULL } },
                           &error);
    assert_non_null(settings);
    corm_db *sqlite = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    assert_false(corm_failed(sqlite));
    assert_true(corm_exec(sqlite, "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT UNIQUE, "
                                  "colour TEXT)") >= 0);
    return sqlite;
}

static unsigned code_point(size_t i) {
    for (size_t k = 0;; i -= parts[k][1] - parts[k][0], k++)
        if (i < parts[k][1] - parts[k][0]) return parts[k][0] + (unsigned)i;
}

static void put_utf8(char *out, unsigned c) {
    if (c < 0x800)
        sprintf(out, "%c%c", 0xC0 | c >> 6, 0x80 | (c & 0x3F));
    else if (c < 0x10000)
        sprintf(out, "%c%c%c", 0xE0 | c >> 12, 0x80 | (c >> 6 & 0x3F), 0x80 | (c & 0x3F));
    else
        sprintf(out, "%c%c%c%c", 0xF0 | c >> 18, 0x80 | (c >> 12 & 0x3F), 0x80 | (c >> 6 & 0x3F),
                0x80 | (c & 0x3F));
}

/* What the engine makes of the first n letters, each between what comes before and after it. */
static Cased *cases_of(corm_db *of, const char *before, const char *after, size_t n) {
    Tag *tags = calloc(n, sizeof *tags);
    char(*texts)[32] = calloc(n, sizeof *texts);
    assert_true(tags && texts);
    for (size_t i = 0; i < n; i++) {
        strcpy(texts[i], before);
        put_utf8(texts[i] + strlen(texts[i]), code_point(i));
        strcat(texts[i], after);
        tags[i].name = texts[i];
    }
    assert_true(corm_delete(of, Tags, .all = true) >= 0);
    assert_true(corm_bulk_load(of, Tags, tags, n) >= 0);
    Cased *rows = corm_select(of, Cased, Tags,
                              .columns = COLUMNS(AS(letter, Tags.name), AS(lower, LOWER(Tags.name)),
                                                 AS(upper, UPPER(Tags.name)),
                                                 AS(is_lower, IEXACT(Tags.name, LOWER(Tags.name))),
                                                 AS(is_upper, IEXACT(Tags.name, UPPER(Tags.name))),
                                                 AS(is_in, ICONTAINS(Tags.name, UPPER(Tags.name)))),
                              .order_by = BY(ASC(Tags.id)));
    assert_int_equal(corm_len(rows), n);
    free(tags);
    free(texts);
    return rows;
}

/* Letters with a second case, and marks, that Unicode has had since 15, 16 and 17: an engine knows
 * those of the library that it is built with. */
static const unsigned newer[][2] = {
    { 0x19B, 0x19B },     { 0x264, 0x264 },     { 0x1C89, 0x1C8A },   { 0xA7CB, 0xA7DC },
    { 0x10D40, 0x10D8F }, { 0x10EC0, 0x10EFF }, { 0x16EA0, 0x16ED3 }, { 0x1DF25, 0x1DF2A },
};
/* Marks that Unicode passes over when it looks for the end of a word and SQLite does not: those
 * beyond U+036F, and three. They have no case. */
static bool is_mark_to_others(const Cased *row, unsigned c) {
    char letter[8];
    put_utf8(letter, c);
    return (c > 0x36F || c == 0xAF || c == 0xB4 || c == 0xB8) && strstr(row->upper, letter) &&
           strstr(row->lower, letter);
}

static bool is_newer(unsigned c) {
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
        if (c >= newer[i][0] && c <= newer[i][1]) return true;
    return false;
}

/* Before 10.10 MariaDB has the letters of Unicode 5.2. */
static void skip_old_letters(void) {
    if (strcmp(quirk->engine, "mariadb") == 0 && db->backend->version(db->conn) < 101000) skip();
}

/* Prints what differs from SQLite and should not; gives how much that is. */
static int compare_cases(const char *before, const char *after, size_t n) {
    int wrong = 0;
    corm_db *sqlite = open_sqlite();
    Cased *wanted = cases_of(sqlite, before, after, n), *got = cases_of(db, before, after, n);
    for (size_t i = 0; i < n; i++) {
        const Cased *a = &wanted[i], *b = &got[i];
        unsigned c = code_point(i);
        assert_string_equal(a->letter, b->letter);
        bool lower = strcmp(a->lower, b->lower) == 0,
             rest = strcmp(a->upper, b->upper) == 0 && a->is_lower == b->is_lower &&
                    a->is_upper == b->is_upper && a->is_in == b->is_in;
        bool sigma = *before || *after;
        if ((lower && rest) || is_newer(c) || (rest && sigma && is_mark_to_others(a, c))) continue;
        print_error("U+%04X %s: lower %s, not %s; upper %s, not %s; found %d%d%d, not %d%d%d\n", c,
                    a->letter, b->lower, a->lower, b->upper, a->upper, b->is_lower, b->is_upper,
                    b->is_in, a->is_lower, a->is_upper, a->is_in);
        wrong++;
    }
    corm_free(wanted);
    corm_free(got);
    corm_close(sqlite);
    return wrong;
}

static void test_case__of_every_letter(void **state) {
    (void)state;
    skip_old_letters();
    assert_int_equal(compare_cases("", "", LETTERS), 0);
}

static void test_case__of_a_sigma_beside_every_letter(void **state) {
    (void)state;
    static const char *const beside[][2] = {
        { "", "Σ" }, { "αΣ", "" }, { "α", "Σ" }, { "αΣ", "α" }
    };
    skip_old_letters();
    for (int i = 0; i < 4; i++)
        assert_int_equal(compare_cases(beside[i][0], beside[i][1], LETTERS_OF_THE_FIRST), 0);
}

/* Expected answers, of all engines. */
static void test_case__of_some_words(void **state) {
    (void)state;
    static const struct {
        const char *text, *lower, *upper;
    } words[] = {
        { "Straße", "straße", "STRASSE" },
        { "ﬃŉǰ", "ﬃŉǰ", "FFIʼNJ\u030C" },
        { "İSTANBUL ıi", "i\u0307stanbul ıi", "İSTANBUL II" },
        { "ΟΔΥΣΣΕΥΣ", "οδυσσευς", "ΟΔΥΣΣΕΥΣ" },
        { "ΣΑΣ, 'Σ' Σ. ΑΣΣ", "σας, 'σ' σ. ασς", "ΣΑΣ, 'Σ' Σ. ΑΣΣ" },
        { "ΑΣ'Α ΑΣ.' 日Σ", "ασ'α ας.' 日σ", "ΑΣ'Α ΑΣ.' 日Σ" },
        { "ᾳᾼᾷὖΐ", "ᾳᾳᾷὖΐ", "ΑΙΑΙΑ\u0342ΙΥ\u0313\u0342Ι\u0308\u0301" },
        { "ⴀႠ𐐀𐐨Ժժ", "ⴀⴀ𐐨𐐨ժժ", "ႠႠ𐐀𐐀ԺԺ" },
        { "և ﬓ ẞ", "և ﬓ ß", "ԵՒ ՄՆ ẞ" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        Tag tag = { .name = words[i].text };
        assert_ok(corm_insert(db, Tags, &tag));
        Cased *row = corm_select(
            db, Cased, Tags,
            .columns = COLUMNS(AS(letter, Tags.name), AS(lower, LOWER(Tags.name)),
                               AS(upper, UPPER(COALESCE(Tags.name, VALUE("?")))),
                               AS(is_lower, IEXACT(Tags.name, words[i].lower)),
                               AS(is_upper, EQ(UPPER(LOWER(Tags.name)), UPPER(Tags.name))),
                               AS(is_in, ICONTAINS(CONCAT(VALUE("<"), Tags.name), words[i].lower))),
            .where = EQ(Tags.id, tag.id));
        assert_rows(row, 1);
        assert_string_equal(row->lower, words[i].lower);
        assert_string_equal(row->upper, words[i].upper);
        assert_true(row->is_lower && row->is_in);
        corm_free(row);
    }
}

/* MariaDB's matches are limited in what they try. */
static void test_lower__ends_a_word_before_any_number_of_marks(void **state) {
    (void)state;
    enum { MARKS = 11000000 };
    char *text = malloc(MARKS + sizeof "AΣ");
    assert_non_null(text);
    memset(text, '\'', MARKS + sizeof "AΣ");
    memcpy(text, "AΣ", strlen("AΣ"));
    text[MARKS] = 0;
    assert_ok(corm_insert(db, Tags, (&(Tag){ .name = "long", .colour = text })));
    assert_int_equal(corm_count(db, Tags, .where = STARTS_WITH(LOWER(Tags.colour), "aς'")), 1);
    free(text);
}

const struct CMUnitTest text_tests[] = {
    TEST(test_lower__ends_a_word_before_any_number_of_marks),
    TEST(test_json__is_compared_as_its_text),
    TEST(test_json__is_ordered_by_code_points),
    TEST(test_json__is_grouped_by),
    TEST(test_json__of_other_rows_and_in_changes),
    TEST(test_case__of_some_words),
    TEST(test_case__of_every_letter),
    TEST(test_case__of_a_sigma_beside_every_letter),
};
const size_t n_text_tests = sizeof text_tests / sizeof *text_tests;
