#include "core/models.h"
#include "tests/test.h"

static void a_visit_is_counted(corm_db *db) {
    int64_t before = corm_count(db, Visits);
    Visit row = { .path = "/" };
    CHECK(corm_insert(db, Visits, &row) == 0);
    CHECK(row.id > 0);
    CHECK(corm_count(db, Visits) == before + 1);
}

static void the_last_visit_comes_first(corm_db *db) {
    Visit rows[] = { { .path = "/first" }, { .path = "/second" } };
    CHECK(corm_insert_many(db, Visits, rows, 2) == 0);
    Visit *last = corm_first(db, Visits, .order_by = BY(DESC(Visits.created), DESC(Visits.id)));
    CHECK(last && last->id == rows[1].id);
    corm_free(last);
}

int main(void) {
    return run_tests(
        (const test[]){ TEST(a_visit_is_counted), TEST(the_last_visit_comes_first), { 0 } });
}
