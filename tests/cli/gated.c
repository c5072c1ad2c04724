/* A project with one migration, for wait_for_db --require=migrated. */
#include <corm/manage.h>

CORM_MIGRATION(gated, 0001_initial) = {
    .operations =
        (const corm_operation[]){
            { .kind = CORM_CREATE_TABLE,
              .table = "gates",
              .columns = (const corm_column[]){ { .name = "id", .kind = CORM_IDENTITY }, { 0 } },
              .primary_key = "id" },
            { 0 } }
};
CORM_MIGRATIONS(gated, 0001_initial);
CORM_APP(gated, .migrations = gated_migrations);

int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(gated)); }
