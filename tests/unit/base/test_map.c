#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/map.h"

static void test_map__finds_what_was_set_after_growing_and_removing(void **state) {
    (void)state;
    static char keys[1000][8];
    corm_map map = { 0 };
    for (int i = 0; i < 1000; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        assert_int_equal(corm__map_set(&map, keys[i], keys[i]), 0);
    }
    for (int i = 0; i < 1000; i += 2) assert_ptr_equal(corm__map_remove(&map, keys[i]), keys[i]);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(corm__map_get(&map, keys[i]), i % 2 ? keys[i] : NULL);
    assert_int_equal(map.count, 500);
    size_t position = 0, n = 0;
    while (corm__map_next(&map, &position)) n++;
    assert_int_equal(n, 500);
    corm__map_release(&map);
}

static void test_map__what_is_not_there_is_not_removed(void **state) {
    (void)state;
    corm_map map = { 0 };
    assert_null(corm__map_remove(&map, "a"));
    assert_int_equal(corm__map_set(&map, "a", &map), 0);
    assert_null(corm__map_remove(&map, "b"));
    assert_ptr_equal(corm__map_remove(&map, "a"), &map);
    assert_null(corm__map_remove(&map, "a"));
    assert_int_equal(map.count, 0);
    corm__map_release(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map__finds_what_was_set_after_growing_and_removing),
        cmocka_unit_test(test_map__what_is_not_there_is_not_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
