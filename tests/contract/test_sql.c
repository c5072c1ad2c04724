#include "harness.h"
const struct CMUnitTest sql_tests[] = { { 0 } };
const size_t n_sql_tests = 0;
