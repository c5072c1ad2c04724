#include "core/models.h"

CORM_DECLARE_MIGRATIONS(core);
CORM_APP(core, .models = CORM_MODELS(Loads), .migrations = core_migrations);
