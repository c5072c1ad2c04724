/* shop.0001_initial, written by makemigrations.
 *   Create table users
 *   Create table recipes */
#pragma once
#include <corm/migration.h>

CORM_MIGRATION(shop, 0001_initial) = {
    .operations = (const corm_operation[]){
        { .kind = CORM_CREATE_TABLE, .table = "users", .model = "User", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "email", .kind = CORM_VARCHAR, .max_length = 255 },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "users_email_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "email" },
              { 0 } } },
        { .kind = CORM_CREATE_TABLE, .table = "recipes", .model = "Recipe", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "title", .kind = CORM_VARCHAR, .max_length = 255 },
              { "time_minutes", .kind = CORM_INTEGER },
              { "user_id", .kind = CORM_BIGINT,
                .references = { .table = "users", .column = "id", .on_delete = CORM_CASCADE } },
              { 0 } },
          .indexes = (const corm_index[]){
              { "recipes_title_idx", .columns = "title" },
              { "recipes_user_id_idx", .columns = "user_id" },
              { 0 } } },
        { 0 } } };
