/* core.0001_initial, written by makemigrations.
 *   Create table core_visits */
#pragma once
#include <corm/migration.h>

CORM_MIGRATION(core, 0001_initial) = {
    .operations = (const corm_operation[]){
        { .kind = CORM_CREATE_TABLE, .table = "core_visits", .model = "Visit", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "path", .kind = CORM_VARCHAR, .max_length = 255 },
              { "created", .kind = CORM_TIMESTAMP },
              { 0 } },
          .indexes = (const corm_index[]){
              { "core_visits_created_idx", .columns = "created" },
              { 0 } } },
        { 0 } } };
