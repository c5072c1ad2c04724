/* core: what all apps share. */
#pragma once
#include <corm/corm.h>

/* One data set that has been loaded, so that loading again is a decision and not an accident. */
CORM_MODEL(Load, Loads, "core_loads",
    identity(id),
    varchar(name, 40, .unique = true),
    integer(rows_loaded),
    timestamp(finished, .auto_now_add = true));
