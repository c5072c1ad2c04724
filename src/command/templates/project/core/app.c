#include "core/commands.h"
#include "core/models.h"

CORM_DECLARE_MIGRATIONS(core);
CORM_APP(core,
    .models = CORM_MODELS(Visits),
    .migrations = core_migrations,
    .commands = CORM_COMMANDS(&command_health, &command_serve));
