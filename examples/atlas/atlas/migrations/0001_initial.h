/* atlas.0001_initial, written by makemigrations.
 *   Create table atlas_countries
 *   Create table atlas_subdivisions
 *   Create table atlas_scripts
 *   Create table atlas_currencies
 *   Create table atlas_languages
 *   Create table atlas_catalogues
 *   Create table atlas_country_names */
#pragma once
#include <corm/migration.h>

CORM_MIGRATION(atlas, 0001_initial) = {
    .operations = (const corm_operation[]){
        { .kind = CORM_CREATE_TABLE, .table = "atlas_countries", .model = "Country", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "alpha_2", .kind = CORM_VARCHAR, .max_length = 2 },
              { "alpha_3", .kind = CORM_VARCHAR, .max_length = 3 },
              { "number", .kind = CORM_VARCHAR, .max_length = 3 },
              { "name", .kind = CORM_VARCHAR, .max_length = 100 },
              { "official_name", .kind = CORM_VARCHAR, .max_length = 100, .null = true },
              { "common_name", .kind = CORM_VARCHAR, .max_length = 100, .null = true },
              { "flag", .kind = CORM_VARCHAR, .max_length = 8 },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "atlas_countries_alpha_2_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "alpha_2" },
              { "atlas_countries_alpha_3_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "alpha_3" },
              { 0 } } },
        { .kind = CORM_CREATE_TABLE, .table = "atlas_subdivisions", .model = "Subdivision", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "code", .kind = CORM_VARCHAR, .max_length = 10 },
              { "name", .kind = CORM_VARCHAR, .max_length = 100 },
              { "type", .kind = CORM_VARCHAR, .max_length = 60 },
              { "country_id", .kind = CORM_BIGINT,
                .references = { .table = "atlas_countries", .column = "id", .on_delete = CORM_CASCADE } },
              { "parent_id", .kind = CORM_BIGINT, .null = true,
                .references = { .table = "atlas_subdivisions", .column = "id", .on_delete = CORM_CASCADE } },
              { 0 } },
          .indexes = (const corm_index[]){
              { "atlas_subdivisions_type_idx", .columns = "type" },
              { "atlas_subdivisions_country_id_idx", .columns = "country_id" },
              { "atlas_subdivisions_parent_id_idx", .columns = "parent_id" },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "atlas_subdivisions_code_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "code" },
              { 0 } } },
        { .kind = CORM_CREATE_TABLE, .table = "atlas_scripts", .model = "Script", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "alpha_4", .kind = CORM_VARCHAR, .max_length = 4 },
              { "number", .kind = CORM_VARCHAR, .max_length = 3 },
              { "name", .kind = CORM_VARCHAR, .max_length = 100 },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "atlas_scripts_alpha_4_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "alpha_4" },
              { 0 } } },
        { .kind = CORM_CREATE_TABLE, .table = "atlas_currencies", .model = "Currency", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "alpha_3", .kind = CORM_VARCHAR, .max_length = 3 },
              { "number", .kind = CORM_VARCHAR, .max_length = 3, .null = true },
              { "name", .kind = CORM_VARCHAR, .max_length = 100 },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "atlas_currencies_alpha_3_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "alpha_3" },
              { 0 } } },
        { .kind = CORM_CREATE_TABLE, .table = "atlas_languages", .model = "Language", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "alpha_3", .kind = CORM_VARCHAR, .max_length = 3 },
              { "alpha_2", .kind = CORM_VARCHAR, .max_length = 2, .null = true },
              { "name", .kind = CORM_VARCHAR, .max_length = 100 },
              { "scope", .kind = CORM_VARCHAR, .max_length = 32 },
              { "life", .kind = CORM_VARCHAR, .max_length = 32 },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "atlas_languages_alpha_3_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "alpha_3" },
              { "atlas_languages_scope_check", .kind = CORM_CONSTRAINT_CHECK,
                .check = "scope IN ('individual', 'macrolanguage', 'special')" },
              { "atlas_languages_life_check", .kind = CORM_CONSTRAINT_CHECK,
                .check = "life IN ('living', 'extinct', 'ancient', 'historical', 'constructed', 'special')" },
              { 0 } } },
        { .kind = CORM_CREATE_TABLE, .table = "atlas_catalogues", .model = "Catalogue", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "code", .kind = CORM_VARCHAR, .max_length = 20 },
              { "language_id", .kind = CORM_BIGINT, .null = true,
                .references = { .table = "atlas_languages", .column = "id", .on_delete = CORM_SET_NULL } },
              { 0 } },
          .indexes = (const corm_index[]){
              { "atlas_catalogues_language_id_idx", .columns = "language_id" },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "atlas_catalogues_code_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "code" },
              { 0 } } },
        { .kind = CORM_CREATE_TABLE, .table = "atlas_country_names", .model = "CountryName", .primary_key = "id",
          .columns = (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "country_id", .kind = CORM_BIGINT,
                .references = { .table = "atlas_countries", .column = "id", .on_delete = CORM_CASCADE } },
              { "catalogue_id", .kind = CORM_BIGINT,
                .references = { .table = "atlas_catalogues", .column = "id", .on_delete = CORM_CASCADE } },
              { "name", .kind = CORM_VARCHAR, .max_length = 200 },
              { 0 } },
          .indexes = (const corm_index[]){
              { "atlas_country_names_catalogue_id_idx", .columns = "catalogue_id" },
              { 0 } },
          .constraints = (const corm_constraint[]){
              { "country_name_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "country_id, catalogue_id" },
              { 0 } } },
        { 0 } } };
