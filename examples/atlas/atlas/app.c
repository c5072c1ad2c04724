#include "atlas/commands.h"
#include "atlas/models.h"

CORM_DECLARE_MIGRATIONS(atlas);
CORM_APP(atlas,
         .models = CORM_MODELS(Countries, Subdivisions, Scripts, Currencies, Languages, Catalogues,
                               CountryNames),
         .migrations = atlas_migrations,
         .commands = CORM_COMMANDS(&command_load, &command_questions));
