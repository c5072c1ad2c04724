/* The migrations of this app, oldest first. makemigrations adds to it. */
#include <corm/migration.h>
#include "0001_initial.h"
CORM_MIGRATIONS(core,
    0001_initial,
);
