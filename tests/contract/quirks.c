/* What differs between the engines, in one place. */
#include "harness.h"

const quirks all_quirks[] = {
    { .engine = "sqlite", .plan = "SEARCH t0", .infinity = true, .deferrable = true },
    { .engine = "postgresql",
      .plan = "on recipes t0",
      .nan = true,
      .infinity = true,
      .arrays = true,
      .names_constraints = true,
      .row_locks = true,
      .deferrable = true,
      .shape = "SELECT current_schema()::text AS name, count(*) AS columns, "
               "coalesce(sum(hashtext(concat_ws(' ', c.relname, a.attname, a.atttypid, "
               "a.attnotnull)))::bigint, 0) AS sum FROM pg_attribute a JOIN pg_class c "
               "ON c.oid = a.attrelid WHERE a.attnum > 0 AND NOT a.attisdropped "
               "AND c.relkind IN ('r', 'v') AND c.relnamespace = current_schema()::regnamespace",
      .renew = "DROP SCHEMA %s CASCADE; CREATE SCHEMA %s",
      .empty = { "TRUNCATE ", ", ", " RESTART IDENTITY" } },
    { .engine = "mariadb",
      .plan = "\"table_name\": \"t0\"",
      .names_constraints = true,
      .row_locks = true,
      .packets = true,
      .shape = "SELECT database() AS name, count(*) AS columns, "
               "CAST(coalesce(sum(crc32(concat_ws(' ', table_name, column_name, column_type, "
               "is_nullable))), 0) AS SIGNED) AS sum FROM information_schema.columns "
               "WHERE table_schema = database()",
      .renew = "DROP DATABASE %s; CREATE DATABASE %s; USE %s",
      .empty = { "SET foreign_key_checks = 0; TRUNCATE ", "; TRUNCATE ",
                 "; SET foreign_key_checks = 1" } },
    { 0 },
};
