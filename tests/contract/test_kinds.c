#include "harness.h"
const struct CMUnitTest kind_tests[] = { { 0 } };
const size_t n_kind_tests = 0;
