/* Makes the Nth allocation of corm fail, for each N in turn. The linker sends corm's calls of
 * malloc and its family here (--wrap); those of the database's client stay as they are. */
#pragma once
#include <corm/status.h>

/* Runs scenario with no failure (it must return 0), then with the 1st, 2nd, … allocation failing,
 * until none is left to fail. Each run must return CORM_ERROR_MEMORY, or 0 when what failed could
 * be done without, and must have given back all that it allocated; *error is what scenario
 * filled. */
void torture(int (*scenario)(corm_error_info *error));
/* For a scenario to call with the text of what it has made, when it has succeeded: a run in which
 * an allocation failed must have made the same as the run in which none did. */
void torture_result(const char *text);
