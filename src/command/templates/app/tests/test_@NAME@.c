#include "@NAME@/models.h"
#include "tests/test.h"

CORM_ROW(Answer, integer(answer));

/* Put tests of your models in its place. */
static void the_database_answers(corm_db *db) {
    Answer *row = corm_sql(db, Answer, "SELECT 42 AS answer");
    CHECK(row && corm_len(row) == 1 && row->answer == 42);
    corm_free(row);
}

int main(void) { return run_tests((const test[]){ TEST(the_database_answers), { 0 } }); }
