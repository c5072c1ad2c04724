/* Between the files that write changes of tables: ddl.c on ddl_column.c, that on keys.c, and all on
 * ddl_write.c. */
#pragma once
#include "backend/mariadb/mariadb.h"
#include "schema/schema.h"

static inline bool corm__mariadb_given(const char *text) { return text && *text; }

/* --- ddl_write.c --- */
/* Patterns: schema/script.h. */
void corm__mariadb_write(corm_buffer *out, const char *pattern, ...);
int corm__mariadb_add_statement(corm_script *script, const char *pattern, ...);
/* CORM_ERROR_UNSUPPORTED. */
int corm__mariadb_refuse(corm_script *script, const char *where, const char *name,
                         const char *what);
/* True when the live database gives a row for this query; false without a connection, and when
 * there is no such table. Negative: status. first (may be NULL): the first column of the first row,
 * in the script's arena; NULL without one. */
int corm__mariadb_ask(corm_script *script, corm_conn *conn, const char **first, const char *pattern,
                      ...);

/* An ALTER TABLE of several clauses: one statement, which is done whole or not at all. */
typedef struct corm_mariadb_alter {
    corm_script *script;
    const char *table;
    /* foreign_key_checks are off for the statement: what it says of the rows is known to be true */
    bool unchecked;
    int n;
    corm_buffer text;
} corm_mariadb_alter;
void corm__mariadb_clause(corm_mariadb_alter *alter, const char *pattern, ...);
/* Adds the statement, if it has a clause. status: of what came before; not 0: only gives up the
 * text and returns it. */
int corm__mariadb_alter_end(corm_mariadb_alter *alter, int status);
/* "IF EXISTS ", which MySQL does not have. */
const char *corm__mariadb_if_exists(const corm_script *script, bool exists);

/* --- ddl_column.c --- */
/* Name, type and all that belongs to the column alone. value: the default to write, which may be
 * another than its own. conn: may be NULL.
 * */
int corm__mariadb_write_column(corm_buffer *out, corm_script *script, const corm_column *column,
                               const corm_default *value,
                               corm_conn *conn);
int corm__mariadb_add_column(corm_script *script, const corm_change *change, corm_conn *conn);
int corm__mariadb_remove_column(corm_script *script, const corm_change *change, corm_conn *conn);
/* Foreign keys of all tables (but the column's own) that refer to the column that the change is
 * about: dropped, or added. */
int corm__mariadb_change_referrers(corm_script *script, const corm_change *change, bool add,
                                   corm_conn *conn);
int corm__mariadb_alter_column(corm_script *script, const corm_change *change, corm_conn *conn);

/* --- keys.c --- */
/* "UNIQUE INDEX `a` (`b`, `c` DESC)", as in CREATE TABLE and behind ADD. */
int corm__mariadb_write_index(corm_buffer *out, corm_script *script, const corm_table *table,
                              const corm_index *index);
int corm__mariadb_write_constraint(corm_buffer *out, corm_script *script, const corm_table *table,
                                   const corm_constraint *constraint);
int corm__mariadb_write_foreign_key(corm_buffer *out, corm_script *script, const corm_table *table,
                                    const corm_column *column);
/* A foreign key and an AUTO_INCREMENT need an index that begins with their column. Where the table
 * declares none, corm makes one of this name. *name: NULL when the column needs none. 0 or a
 * status. */
int corm__mariadb_support(corm_arena *arena, const corm_table *table, const corm_column *column,
                          const char **name);
/* The same name, whether or not it is needed: introspection leaves the index out. NULL for a column
 * that never needs one. */
const char *corm__mariadb_support_name(corm_arena *arena, const corm_table *table,
                                       const corm_column *column);
/* True when a unique key is too long to be one, so that the server keeps it by a hash in a hidden
 * column. Then whatever changes the table copies it. */
bool corm__mariadb_has_hash(const corm_table *table);
/* Clauses that make the keys anew that hold other parts of their columns, now that a column has
 * another type. */
int corm__mariadb_change_prefixes(corm_mariadb_alter *alter, const corm_table *before,
                                  const corm_table *after);
/* Clauses that add the indexes of that kind that after needs, and drop those that it needs no
 * more. */
int corm__mariadb_change_support(corm_mariadb_alter *alter, const corm_table *before,
                                 const corm_table *after);
/* Clauses that give them their new names, when the table or the column that is from->to has another
 * one now. */
int corm__mariadb_rename_support(corm_mariadb_alter *alter, const corm_table *before,
                                 const corm_table *after, const corm_column *from,
                                 const corm_column *to, corm_conn *conn);
/* A clause for each foreign key that the column has in the database (conn NULL: the one that it has
 * in the model) to drop it. */
int corm__mariadb_drop_foreign_key(corm_mariadb_alter *alter, const corm_table *table,
                                   const corm_column *column, corm_conn *conn);
/* ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY. */
int corm__mariadb_add_foreign_key(corm_mariadb_alter *alter, const corm_table *table,
                                  const corm_column *column);
