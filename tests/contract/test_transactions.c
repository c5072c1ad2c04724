#include "harness.h"
const struct CMUnitTest transaction_tests[] = { { 0 } };
const size_t n_transaction_tests = 0;
