/* The table corm_migrations: one row for each migration that the database has. */
#pragma once
#include "migrate/state.h"

/* As plain data, for the DDL. */
extern const corm_table corm__recorder_table;

/* In a transaction, before the migration's operations: the row is the transaction's first write, so that whoever comes second waits here. */
int corm__recorder_add(corm_db *db, const corm_migration *migration);
/* The SQL that undoes it, when it can be undone; after its operations. */
int corm__recorder_set_down(corm_db *db, const corm_migration *migration, const char *down_sql);
int corm__recorder_remove(corm_db *db, const corm_migration *migration);
