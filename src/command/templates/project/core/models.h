/* core: what the whole project shares. */
#pragma once
#include <corm/corm.h>

/* One request that was answered. An example: put your own models in its place, then run
 * makemigrations. */
CORM_MODEL(Visit, Visits, "core_visits",
    identity(id),
    varchar(path, 255),
    timestamp(created, .auto_now_add = true, .index = true));
