/* The migrations of this app, oldest first. makemigrations adds to it. */
#include <corm/migration.h>
CORM_MIGRATIONS(@NAME@);
