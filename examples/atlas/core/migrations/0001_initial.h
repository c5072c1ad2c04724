/* core.0001_initial, written by makemigrations.
 *   Create table core_loads */
#pragma once
#include <corm/migration.h>

CORM_MIGRATION(core, 0001_initial) = {
    .operations = (const corm_operation[]){
        { .kind = CORM_CREATE_TABLE, .table = "core_loads", .model = "Load", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "name", .kind = CORM_VARCHAR, .max_length = 40 },
              { "rows_loaded", .kind = CORM_INTEGER },
              { "finished", .kind = CORM_TIMESTAMP },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "core_loads_name_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "name" },
              { 0 } } },
        { 0 } } };
