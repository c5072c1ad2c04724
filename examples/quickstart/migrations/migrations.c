#include <corm/migration.h>
#include "0001_initial.h"
CORM_MIGRATIONS(shop,
    0001_initial,
);
