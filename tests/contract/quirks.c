/* What differs between the engines, in one place. */
#include "harness.h"

const quirks all_quirks[] = {
    { .engine = "sqlite", .infinity = true, .deferrable = true },
    { .engine = "postgresql",
      .nan = true,
      .infinity = true,
      .arrays = true,
      .names_constraints = true,
      .error_breaks_transaction = true,
      .deferrable = true },
    { .engine = "mariadb", .names_constraints = true, .packets = true },
    { 0 },
};
