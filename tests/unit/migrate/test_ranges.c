/* usage: test_ranges sqlite|postgresql|mariadb
 * A new type holds values up to an edge: all up to it stay, and what is beyond is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <corm/corm.h>

#include "database.h"
#include "project.h"

#define DECIMAL(p, s) { .kind = CORM_DECIMAL, .digits = p, .places = s }
#define KIND(k) { .kind = k }

/* last is the last that the new type holds, next the one behind it. */
static const struct range {
    const char *name;
    corm_column from, to;
    const char *last, *next;
} ranges[] = {
    { "decimal to fewer digits", DECIMAL(10, 2), DECIMAL(6, 2), "9999.99", "10000.00" },
    { "and below zero", DECIMAL(10, 2), DECIMAL(6, 2), "-9999.99", "-10000.00" },
    { "a long decimal to fewer digits", DECIMAL(24, 2), DECIMAL(20, 2), "999999999999999999.99",
      "1000000000000000000.00" },
    { "a long decimal to a short one", DECIMAL(24, 2), DECIMAL(18, 2), "9999999999999999.99",
      "10000000000000000.00" },
    { "decimal to more places", DECIMAL(8, 2), DECIMAL(8, 4), "9999.99", "10000.00" },
    { "decimal to integer", DECIMAL(12, 0), KIND(CORM_INTEGER), "2147483647", "2147483648" },
    { "decimal to smallint", DECIMAL(12, 0), KIND(CORM_SMALLINT), "-32768", "-32769" },
    { "bigint to integer", KIND(CORM_BIGINT), KIND(CORM_INTEGER), "2147483647", "2147483648" },
    { "bigint to smallint", KIND(CORM_BIGINT), KIND(CORM_SMALLINT), "32767", "32768" },
    { "integer to smallint", KIND(CORM_INTEGER), KIND(CORM_SMALLINT), "-32768", "-32769" },
    { "integer to decimal", KIND(CORM_INTEGER), DECIMAL(4, 2), "99", "100" },
    { "double to integer", KIND(CORM_DOUBLE_PRECISION), KIND(CORM_INTEGER), "2147483647",
      "2147483648" },
    { "double to decimal", KIND(CORM_DOUBLE_PRECISION), DECIMAL(6, 2), "9999.5", "10000" },
    { "text to smallint", KIND(CORM_TEXT), KIND(CORM_SMALLINT), "'32767'", "'32768'" },
    { "text to decimal", KIND(CORM_TEXT), DECIMAL(6, 2), "'9999.99'", "'10000'" },
};

static void write_project(project *p, const struct range *range) {
    static corm_column columns[3], after;
    static corm_operation first[2], second[2];
    columns[0] = (corm_column)ID;
    columns[1] = range->from;
    after = range->to;
    columns[1].name = after.name = "v";
    first[0] = (corm_operation){
        .kind = CORM_CREATE_TABLE, .table = "t", .primary_key = "id", .columns = columns
    };
    second[0] = (corm_operation){ .kind = CORM_ALTER_COLUMN, .table = "t", .column = after };
    set(p, first, second);
}

static void insert(fixture *f, const corm_column *column, const char *value) {
    char sql[200], units[60];
    if (!on_postgresql && !on_mariadb && column->kind == CORM_DECIMAL) { /* SQLite keeps units */
        size_t n = 0;
        for (; *value; value++)
            if (*value != '.') units[n++] = *value;
        units[n] = 0;
        const char *wide = "INSERT INTO t (v) VALUES (corm_wide('%s', %d))";
        snprintf(sql, sizeof sql, column->digits > 18 ? wide : "INSERT INTO t (v) VALUES (%s)",
                 units, column->places);
    } else {
        snprintf(sql, sizeof sql, "INSERT INTO t (v) VALUES (%s)", value);
    }
    OK(corm_exec(f->db, sql));
}

static const char *try_range(fixture *f, const struct range *range) {
    project p;
    write_project(&p, range);
    OK(migrate_to(f, &p, "0001", false));
    insert(f, &range->from, range->last);
    if (migrate_to(f, &p, NULL, false)) return "what fits is refused";
    if (number(f, "SELECT count(*) FROM t WHERE v IS NOT NULL") != 1) return "the value is gone";
    OK(corm_exec(f->db, "DELETE FROM t"));
    OK(migrate_to(f, &p, "0001", false));
    insert(f, &range->from, range->last);
    insert(f, &range->from, range->next);
    if (!migrate_to(f, &p, NULL, false)) return "what does not fit is taken";
    if (number(f, "SELECT count(DISTINCT v) FROM t") != 2) return "what was refused changed rows";
    assert_tables(f, &p, 1);
    OK(corm_exec(f->db, "DELETE FROM t"));
    OK(migrate_to(f, &p, "zero", false));
    return NULL;
}

static void test_ranges__values_up_to_the_edge_stay(void **state) {
    int failed = 0;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        fixture *f = *state;
        const char *what = try_range(f, &ranges[i]);
        if (!what) continue;
        failed++;
        print_error("FAILED: %s: %s: %s %s\n", ranges[i].name, what, corm_error(f->db)->message,
                    corm_error(f->db)->sql);
        teardown(state);
        setup(state);
    }
    assert_int_equal(failed, 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ranges__values_up_to_the_edge_stay, setup, teardown),
    };
    return run_on(argc, argv, "ranges", tests, 1);
}
