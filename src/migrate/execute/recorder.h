/* The table corm_migrations: one row for each migration that the database has, or that was
 * begun. */
#pragma once
#include "migrate/graph/graph.h"

/* As plain data, for the DDL. */
extern const corm_table corm__recorder_table;

/* What the table says. applied: as corm__recorder_load; what is half undone is applied still, what
 * is half done is not yet. unfinished: both of these, with their journals. */
typedef struct corm_ledger {
    corm_applied *applied, *unfinished;
    size_t n, n_unfinished;
} corm_ledger;
int corm__recorder_read(corm_db *db, corm_arena *arena, corm_ledger *out);

/* In a transaction, before the migration's operations: the row is the transaction's first write, so
 * that whoever comes second waits here. journal: of a migration that has no transaction around it
 * (journal.h), else NULL. */
int corm__recorder_add(corm_db *db, const corm_migration *migration, const char *journal);
/* Where a migration without a transaction is. */
int corm__recorder_journal(corm_db *db, const char *app, const char *name, const char *journal);
/* After its operations: the SQL that undoes it (NULL: it cannot be undone), and whether older
 * programs can go on with what it made. Ends its journal. A squashed one gives those that it
 * replaces their records too, with the checksum "", and none of its SQL: a program that does not
 * carry it undoes them. */
int corm__recorder_finish(corm_db *db, const corm_migration *migration, const char *down_sql,
                          bool expands);
int corm__recorder_remove(corm_db *db, const char *app, const char *name);
/* The record of a migration that was undone, and those of what it replaces. */
int corm__recorder_remove_all(corm_db *db, const corm_migration *migration);
/* The SQL that undoes it; NULL when there is none. */
int corm__recorder_down(corm_db *db, const char *app, const char *name, corm_arena *arena,
                        const char **out);

CORM__SHARED_BEGIN

/* No table corm_migrations: n is 0 and *out NULL; an empty one: n is 0 and *out is not NULL. */
int corm__recorder_load(corm_db *db, corm_arena *arena, corm_applied **out, size_t *n);

CORM__SHARED_END
