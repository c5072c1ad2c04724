/* corm_validate, and hooks. */
#include "harness.h"

CORM_MODEL(Parcel, Parcels, "parcels", identity(id), varchar(state, 10, .choices = "open, sent"),
           varchar(word, 3, .null = true, .choices = "a, b"), smallint(weight),
           decimal(price, 5, 2), enumeration(level, Level));

static void assert_violation(const corm_violation *violation, size_t row, const char *column,
                             corm_status status, const char *text) {
    assert_int_equal(violation->row, row);
    assert_string_equal(violation->column, column);
    assert_int_equal(violation->status, status);
    if (!strstr(violation->message, text)) fail_msg("%s, not '%s'", violation->message, text);
}

static void test_validate__lists_every_violation(void **state) {
    (void)state;
    uint64_t before = corm_query_count(db);
    Kinds rows[2] = { { .short_text = "sixsix",
                        .long_text = "a",
                        .bytes = { "", 0 },
                        .document = "{}",
                        .price = corm_decimal_of(12345678, 2),
                        .level = (Level)7 },
                      { .short_text = "five5",
                        .document = "{}",
                        .bytes = { "x", 1 },
                        .day = { 9999999 },
                        .single = 1.0F } };
    corm_violation *found = corm_validate(db, AllKinds, rows, 2);
    assert_rows(found, 5);
    assert_violation(&found[0], 0, "price", CORM_ERROR_RANGE, "all_kinds.price");
    assert_violation(&found[1], 0, "short_text", CORM_ERROR_RANGE, "all_kinds.short_text");
    assert_int_equal(found[2].row, 0);
    assert_string_equal(found[2].column, "level");
    assert_violation(&found[3], 1, "long_text", CORM_ERROR_NOT_NULL, "all_kinds.long_text");
    assert_violation(&found[4], 1, "day", CORM_ERROR_RANGE, "all_kinds.day");
    corm_free(found);
    assert_int_equal(corm_failed(db), 0);
    /* What corm_insert fills in or leaves out is no violation; the row stays as it is. */
    Badge badge = { .number = 1, .code = "c" };
    found = corm_validate(db, Badges, &badge, 1);
    assert_rows(found, 0);
    assert_null(badge.place);
    assert_int_equal(badge.made.us, 0);
    corm_free(found);
    found = corm_validate(db, Badges, &badge, 0);
    assert_rows(found, 0);
    corm_free(found);
    Parcel parcels[] = { { .state = "open", .word = "b" },
                         { .state = "lost'; --", .word = "c", .price = corm_decimal_of(1, 3) },
                         { .state = "sent", .price = corm_decimal_of(99999, 2) } };
    found = corm_validate(db, Parcels, parcels, 3);
    assert_rows(found, 3);
    assert_violation(&found[0], 1, "state", CORM_ERROR_CHECK, "'lost'; --' is none of its choices");
    assert_violation(&found[1], 1, "word", CORM_ERROR_CHECK, "none of its choices");
    assert_violation(&found[2], 1, "price", CORM_ERROR_RANGE, "parcels.price");
    corm_free(found);
    assert_refused(corm_validate(db, Badges, (Badge *)NULL, 1), CORM_ERROR_USAGE, "NULL");
    assert_int_equal(corm_query_count(db), before);
}

/* Each violation is what the insert fails with. */
static void test_validate__says_what_an_insert_would(void **state) {
    (void)state;
    Tag tags[] = { { .name = NULL },
                   { .name = "a name that is longer than forty characters, much" } };
    for (int i = 0; i < 2; i++) {
        corm_violation *found = corm_validate(db, Tags, &tags[i], 1);
        assert_rows(found, 1);
        assert_refused(corm_insert(db, Tags, &tags[i]), found->status, found->message);
        corm_free(found);
    }
}

CORM_MODEL(Guest, Guests, "accounts", identity(id), varchar(name, 40, .unique = true),
           integer(amount), timestamp(opened, .auto_now_add = true),
           version(edition, .column = "edition_number"), before_insert(guest_before_insert),
           after_insert(guest_after_insert), before_update(guest_before_update),
           after_update(guest_after_update), before_delete(guest_before_delete),
           after_delete(guest_after_delete));

static char called[64];

/* A guest of amount 13 is refused, one of 14 by the database, one of 15 after it was written. */
static int note(corm_db *own, const Guest *guest, const char *what) {
    strncat(called, what, sizeof called - strlen(called) - 1);
    assert_ptr_equal(own, db);
    assert_true(corm_transaction_depth(own) > 0);
    if (what[0] == 'a') return guest->amount == 15 ? CORM_ERROR_RANGE : 0;
    if (guest->amount == 14) return corm_exec(own, "SELECT nonsense FROM nowhere");
    return guest->amount == 13;
}
int guest_before_insert(corm_db *own, void *row) {
    Guest *guest = row;
    if (!guest->name) guest->name = "nobody";
    return note(own, guest, "bi ");
}
int guest_after_insert(corm_db *own, void *row) {
    assert_true(((Guest *)row)->id > 0);
    return note(own, row, "ai ");
}
int guest_before_update(corm_db *own, void *row) { return note(own, row, "bu "); }
int guest_after_update(corm_db *own, void *row) { return note(own, row, "au "); }
int guest_before_delete(corm_db *own, void *row) { return note(own, row, "bd "); }
int guest_after_delete(corm_db *own, void *row) { return note(own, row, "ad "); }

static void assert_called(const char *what) {
    assert_string_equal(called, what);
    called[0] = 0;
}

static void test_hook__is_called_by_calls_of_one_row(void **state) {
    (void)state;
    called[0] = 0;
    Guest guest = { .amount = 1 };
    assert_ok(corm_insert(db, Guests, &guest));
    assert_called("bi ai ");
    assert_int_equal(corm_count(db, Guests, .where = EQ(Guests.name, "nobody")), 1);
    guest.amount = 2;
    assert_ok(corm_save(db, Guests, &guest));
    assert_called("bu au ");
    assert_ok(corm_save_columns(db, Guests, &guest, Guests.amount));
    assert_called("bu au ");
    assert_ok(corm_save(db, Guests, (&(Guest){ .name = "x" })));
    assert_called("bi ai ");
    assert_ok(corm_delete_row(db, Guests, &guest));
    assert_called("bd ad ");
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_ok(corm_insert_many(db, Guests, ((Guest[]){ { .name = "m" }, { .name = "n" } }), 2));
    assert_int_equal(corm_update(db, Guests, .all = true, .set = SET(TO(Guests.amount, 13))), 3);
    assert_int_equal(corm_delete(db, Guests, .where = EQ(Guests.name, "m")), 1);
    assert_called("");
    /* A row that is not there is no row that was written. */
    assert_refused(corm_save(db, Guests, &guest), CORM_ERROR_STALE, "");
    assert_called("bu ");
    assert_refused(corm_insert(db, Guests, (Guest *)NULL), CORM_ERROR_USAGE, "NULL");
    assert_called("");
}

static void test_hook__that_refuses_undoes_the_call(void **state) {
    (void)state;
    Guest guest = { .name = "a", .amount = 13 };
    assert_refused(corm_insert(db, Guests, &guest), CORM_ERROR_CHECK, "a hook of Guest refuses");
    guest.amount = 14;
    corm_insert(db, Guests, &guest);
    assert_true(corm_error(db)->status == CORM_ERROR_NO_TABLE);
    guest.amount = 15;
    assert_refused(corm_insert(db, Guests, &guest), CORM_ERROR_RANGE, "refuses the row");
    assert_int_equal(guest.id, 0);
    assert_int_equal(guest.edition, 0);
    assert_int_equal(corm_count(db, Guests), 0);
    guest = (Guest){ .name = "a", .amount = 1 };
    assert_ok(corm_begin(db));
    assert_ok(corm_insert(db, Guests, &guest));
    guest.amount = 15;
    assert_refused(corm_save_columns(db, Guests, &guest, Guests.amount), CORM_ERROR_RANGE, "");
    assert_refused(corm_delete_row(db, Guests, &guest), CORM_ERROR_RANGE, "");
    assert_ok(corm_commit(db)); /* the level of the program goes on */
    assert_int_equal(corm_count(db, Guests, .where = EQ(Guests.amount, 1)), 1);
    assert_int_equal(corm_transaction_depth(db), 0);
}

const struct CMUnitTest validate_tests[] = {
    TEST(test_validate__lists_every_violation),
    TEST(test_validate__says_what_an_insert_would),
    TEST(test_hook__is_called_by_calls_of_one_row),
    TEST(test_hook__that_refuses_undoes_the_call),
};
const size_t n_validate_tests = sizeof validate_tests / sizeof *validate_tests;
