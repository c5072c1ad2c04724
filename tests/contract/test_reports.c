#include "harness.h"
const struct CMUnitTest report_tests[] = { { 0 } };
const size_t n_report_tests = 0;
