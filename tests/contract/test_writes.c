#include "harness.h"
const struct CMUnitTest write_tests[] = { { 0 } };
const size_t n_write_tests = 0;
