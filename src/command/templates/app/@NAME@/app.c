#include "@NAME@/models.h"

CORM_DECLARE_MIGRATIONS(@NAME@);
CORM_APP(@NAME@, .migrations = @NAME@_migrations);
