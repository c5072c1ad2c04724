/* Relations that no constraint holds: what points at nothing is in no relation, and keeps its
 * value. */
#include "harness.h"

static Box boxes[4];
static Tag blue;

/* Racks 2 and 5 are there. */
static void fill_boxes(void) {
    Rack racks[] = { { .number = 2 }, { .number = 5, .note = "tall" } };
    boxes[0] = (Box){ .rack_id = 1 };
    boxes[1] = (Box){ .rack_id = 2, .spare_id = CORM_SOME(5) };
    boxes[2] = (Box){ .rack_id = 3, .spare_id = CORM_SOME(7) };
    boxes[3] = (Box){ .rack_id = 5 };
    blue = (Tag){ .name = "blue" };
    assert_ok(corm_insert_many(db, Racks, racks, 2));
    for (size_t i = 0; i < 4; i++) assert_ok(corm_insert(db, Boxes, &boxes[i]));
    assert_ok(corm_add(db, Boxes, racks, boxes[0].id, ((int64_t[]){ 2, 9 }), 2));
    assert_ok(corm_add(db, Boxes, racks, boxes[1].id, ((int64_t[]){ 8, 9 }), 2));
    assert_ok(corm_add(db, Boxes, racks, boxes[3].id, ((int64_t[]){ 5 }), 1));
    assert_ok(corm_insert(db, Tags, &blue));
    assert_ok(corm_add(db, Boxes, tags, boxes[0].id, ((int64_t[]){ blue.id, 4711 }), 2));
    assert_ok(corm_add(db, Boxes, tags, boxes[2].id, ((int64_t[]){ 4711 }), 1));
}

#define count(...) corm_count(db, Boxes, .where = __VA_ARGS__)

static void test_unconstrained__conditions_look_for_the_row(void **state) {
    (void)state;
    fill_boxes();
    assert_int_equal(count(IS_NOT_NULL(Boxes.rack)), 2);
    assert_int_equal(count(IS_NULL(Boxes.rack)), 2);
    assert_int_equal(count(IS_NOT_NULL(Boxes.rack->number)), 2);
    assert_int_equal(count(EQ(Boxes.rack->number, 3)), 0);
    assert_int_equal(count(EQ(Boxes.rack->number, 2)), 1);
    assert_int_equal(count(IN(Boxes.rack->number, 1, 2)), 1);
    assert_int_equal(count(ONE_OF(Boxes.rack->number, ((int64_t[]){ 1, 2, 3 }), 3)), 1);
    assert_int_equal(count(NE(Boxes.rack->number, 2)), 1);
    assert_int_equal(count(NOT(EQ(Boxes.rack->number, 2))), 3);
    assert_int_equal(count(EQ(Boxes.rack->number, COL(Boxes.rack_id))), 2);
    assert_int_equal(count(IS_NOT_NULL(Boxes.rack->note)), 1);
    assert_int_equal(count(OR(IS_NULL(Boxes.rack), EQ(Boxes.rack->note, "tall"))), 3);
    assert_int_equal(count(IS_NULL(Boxes.spare)), 3);
    assert_int_equal(count(IS_NOT_NULL(Boxes.spare)), 1);
    assert_true(corm_exists(db, Boxes, .where = IS_NOT_NULL(Boxes.spare)));
    assert_false(corm_exists(db, Boxes, .where = EQ(Boxes.spare->number, 7)));
    /* the column is what it is */
    assert_int_equal(count(EQ(Boxes.rack_id, 3)), 1);
    assert_int_equal(count(IS_NULL(Boxes.spare_id)), 2);
}

static void test_unconstrained__many_to_many(void **state) {
    (void)state;
    fill_boxes();
    assert_int_equal(count(IS_NOT_NULL(Boxes.racks)), 2);
    assert_int_equal(count(IS_NULL(Boxes.racks)), 2);
    assert_int_equal(count(EQ(Boxes.racks->number, 9)), 0);
    assert_int_equal(count(EQ(Boxes.racks->number, 2)), 1);
    assert_int_equal(count(NOT(EQ(Boxes.racks->number, 9))), 4);
    assert_int_equal(count(OR(EQ(Boxes.racks->number, 9), EQ(Boxes.rack_id, 1))), 1);
    assert_int_equal(count(IS_NOT_NULL(Boxes.tags)), 1);
    assert_int_equal(count(EQ(Boxes.tags->id, 4711)), 0);
    assert_int_equal(corm_count(db, Racks, .where = IS_NOT_NULL(Racks.linked)), 2);
    assert_int_equal(corm_count(db, Racks, .where = EQ(Racks.linked->id, boxes[0].id)), 1);
    assert_int_equal(corm_count(db, Racks, .where = IS_NOT_NULL(Racks.boxes)), 2);
    assert_ok(corm_delete(db, Boxes, .where = EQ(Boxes.id, boxes[3].id)));
    assert_int_equal(corm_count(db, Racks, .where = IS_NOT_NULL(Racks.linked)), 1);
    assert_ok(corm_remove(db, Boxes, racks, boxes[1].id, ((int64_t[]){ 8, 9 }), 2));
}

static void test_unconstrained__writes_take_the_rows_that_conditions_find(void **state) {
    (void)state;
    fill_boxes();
    assert_int_equal(corm_update(db, Boxes, .where = IS_NULL(Boxes.rack),
                                 .set = SET(TO(Boxes.rack_id, 4))), 2);
    assert_int_equal(count(EQ(Boxes.rack_id, 4)), 2);
    assert_int_equal(corm_delete(db, Boxes, .where = EQ(Boxes.rack->number, 4)), 0);
    assert_int_equal(corm_delete(db, Boxes, .where = EQ(Boxes.racks->number, 9)), 0);
    assert_int_equal(corm_delete(db, Boxes, .where = IS_NOT_NULL(Boxes.rack),
                                 .order_by = BY(DESC(Boxes.rack->number)), .limit = 1), 1);
    assert_int_equal(count(EQ(Boxes.id, boxes[3].id)), 0);
    assert_int_equal(corm_delete(db, Boxes, .where = IS_NOT_NULL(Boxes.rack)), 1);
    assert_int_equal(corm_count(db, Boxes), 2);
}

static void test_unconstrained__with(void **state) {
    (void)state;
    fill_boxes();
    Box *rows = corm_all(db, Boxes,
                         .with = WITH(Boxes.rack, Boxes.spare, Boxes.racks, Boxes.tags,
                                      Boxes.rack->boxes),
                         .order_by = BY(Boxes.rack->number));
    assert_rows(rows, 4);
    static const size_t order[] = { 1, 3, 0, 2 }, links[] = { 0, 1, 1, 0 }, tags[] = { 0, 0, 1, 0 };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(rows[i].id, boxes[order[i]].id);
        assert_int_equal(rows[i].rack_id, boxes[order[i]].rack_id);
        assert_int_equal(corm_len(rows[i].racks), links[i]);
        assert_int_equal(corm_len(rows[i].tags), tags[i]);
    }
    assert_int_equal(rows[0].rack->number, 2);
    assert_int_equal(corm_len(rows[0].rack->boxes), 1);
    assert_int_equal(rows[0].spare->number, 5);
    assert_string_equal(rows[1].rack->note, "tall");
    assert_null(rows[1].spare);
    assert_null(rows[2].rack);
    assert_null(rows[3].rack);
    assert_null(rows[3].spare);
    assert_int_equal(rows[3].spare_id.value, 7);
    corm_free(rows);
    size_t n = 0, missing = 0;
    corm_each(box, db, Boxes, .with = WITH(Boxes.rack)) n++, missing += !box->rack;
    assert_false(corm_failed(db));
    assert_int_equal(n, 4);
    assert_int_equal(missing, 2);
}

CORM_ROW(Stock, bigint(boxes), bigint(held), optional_bigint(most));
CORM_ROW(Links, bigint(box), bigint(racks), optional_bigint(least));
CORM_ROW(OfRack, optional_bigint(rack), bigint(boxes));

static void test_unconstrained__reports(void **state) {
    (void)state;
    fill_boxes();
    Stock *stock = corm_select(db, Stock, Boxes,
                               .columns = COLUMNS(AS(boxes, COUNT()),
                                                  AS(held, COUNT_OF(Boxes.rack->number)),
                                                  AS(most, MAX_OF(Boxes.rack->number))));
    assert_rows(stock, 1);
    assert_int_equal(stock->boxes, 4);
    assert_int_equal(stock->held, 2);
    assert_int_equal(stock->most.value, 5);
    corm_free(stock);
    Links *links = corm_select(db, Links, Boxes,
                               .columns = COLUMNS(AS(box, Boxes.id),
                                                  AS(racks, COUNT_OF(Boxes.racks->number)),
                                                  AS(least, MIN_OF(Boxes.racks->number))),
                               .order_by = BY(Boxes.id));
    assert_rows(links, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(links[i].racks, i == 0 || i == 3);
        assert_int_equal(links[i].least.set, i == 0 || i == 3);
    }
    corm_free(links);
    OfRack *racks =
        corm_select(db, OfRack, Boxes,
                    .columns = COLUMNS(AS(rack, Boxes.rack->number), AS(boxes, COUNT())),
                    .order_by = BY(Boxes.rack->number));
    assert_rows(racks, 3);
    assert_int_equal(racks[0].rack.value, 2);
    assert_false(racks[2].rack.set);
    assert_int_equal(racks[2].boxes, 2);
    corm_free(racks);
    OfRack *joined =
        corm_select(db, OfRack, Boxes,
                    .columns = COLUMNS(AS(rack, Boxes.racks->number), AS(boxes, COUNT())));
    assert_rows(joined, 2);
    assert_int_equal(joined[0].boxes + joined[1].boxes, 2);
    corm_free(joined);
}

const struct CMUnitTest unconstrained_tests[] = {
    TEST(test_unconstrained__conditions_look_for_the_row),
    TEST(test_unconstrained__many_to_many),
    TEST(test_unconstrained__writes_take_the_rows_that_conditions_find),
    TEST(test_unconstrained__with),
    TEST(test_unconstrained__reports),
};
const size_t n_unconstrained_tests = sizeof unconstrained_tests / sizeof *unconstrained_tests;
