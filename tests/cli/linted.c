/* A program whose migrations do what `migrate --lint` is to name, and what it is to leave alone. */
#include <corm/manage.h>

#define ID { .name = "id", .kind = CORM_IDENTITY }

CORM_MIGRATION(shop, 0001_initial) = {
    .operations =
        (const corm_operation[]){
            { .kind = CORM_CREATE_TABLE,
              .table = "users",
              .columns = (const corm_column[]){ ID, { 0 } },
              .primary_key = "id" },
            { .kind = CORM_CREATE_TABLE,
              .table = "items",
              .primary_key = "id",
              .columns =
                  (const corm_column[]){
                      ID,
                      { .name = "title", .kind = CORM_VARCHAR, .max_length = 50 },
                      { .name = "n", .kind = CORM_INTEGER, .null = true },
                      { .name = "user_id", .kind = CORM_BIGINT, .null = true },
                      { 0 } } },
            { .kind = CORM_ADD_INDEX,
              .table = "items",
              .index = { .name = "items_title", .columns = "title" } }, /* a table of its own */
            { 0 } }
};
CORM_MIGRATION(
    shop, 0002_harmless) = { .depends_on = (const char *const[]){ "shop.0001_initial", NULL },
                             .operations = (const corm_operation[]){
                                 { .kind = CORM_ADD_COLUMN,
                                   .table = "items",
                                   .column = { .name = "note", .kind = CORM_TEXT, .null = true } },
                                 { .kind = CORM_ADD_COLUMN,
                                   .table = "items",
                                   .column = { .name = "stars",
                                               .kind = CORM_INTEGER,
                                               .default_value = CORM_DEFAULT(0) } },
                                 { .kind = CORM_RUN_SQL, .sql = "", .reverse_sql = "" },
                                 { 0 } } };
CORM_MIGRATION(shop,
               0003_locks) = { .depends_on = (const char *const[]){ "shop.0002_harmless", NULL },
                               .operations = (const corm_operation[]){
                                   { .kind = CORM_ADD_INDEX,
                                     .table = "items",
                                     .index = { .name = "items_n", .columns = "n" } },
                                   { .kind = CORM_ALTER_COLUMN,
                                     .table = "items",
                                     .column = { .name = "n", .kind = CORM_BIGINT, .null = true } },
                                   { 0 } } };
CORM_MIGRATION(shop, 0004_breaks) = {
    .depends_on = (const char *const[]){ "shop.0003_locks", NULL },
    .operations =
        (const corm_operation[]){
            { .kind = CORM_RENAME_COLUMN, .table = "items", .name = "note", .new_name = "remark" },
            { .kind = CORM_ADD_COLUMN,
              .table = "items",
              .column = { .name = "owner", .kind = CORM_INTEGER },
              .fill = CORM_DEFAULT(1) },
            { .kind = CORM_REMOVE_COLUMN, .table = "items", .name = "stars" },
            { .kind = CORM_DELETE_TABLE, .table = "users" },
            { 0 } }
};
CORM_MIGRATION(shop, 0005_by_hand) = {
    .depends_on = (const char *const[]){ "shop.0004_breaks", NULL },
    .operations = (const corm_operation[]){
        { .kind = CORM_RUN_SQL, .sql = "UPDATE items SET title = lower(title)", .reverse_sql = "" },
        { 0 } } };
CORM_MIGRATION(shop,
               0006_concurrent) = { .depends_on = (const char *const[]){ "shop.0005_by_hand",
                                                                         NULL },
                                    .outside_transaction = true,
                                    .operations = (const corm_operation[]){
                                        { .kind = CORM_ADD_INDEX,
                                          .table = "items",
                                          .index = { .name = "items_owner", .columns = "owner" },
                                          .concurrently = true },
                                        { 0 } } };
CORM_MIGRATIONS(shop, 0001_initial, 0002_harmless, 0003_locks, 0004_breaks, 0005_by_hand,
                0006_concurrent);

CORM_APP(shop, .migrations = shop_migrations);
int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(shop)); }
