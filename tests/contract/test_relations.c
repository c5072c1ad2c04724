#include "harness.h"
const struct CMUnitTest relation_tests[] = { { 0 } };
const size_t n_relation_tests = 0;
