/* Schema: names, clone, compare. What every layer that handles struct corm_table shares. */
#pragma once
#include "base/visibility.h"
#include "base/arena.h"
#include "base/buffer.h"
#include <corm/backend.h>
#include <corm/schema.h>
#include <corm/status.h>

CORM__SHARED_BEGIN

/* --- walking the lists (all end with name NULL; NULL is an empty list) --- */
size_t corm__column_count(const corm_table *table);
const corm_column *corm__column_find(const corm_table *table, const char *name);
const corm_index *corm__index_find(const corm_table *table, const char *name);
const corm_constraint *corm__constraint_find(const corm_table *table, const char *name);
const corm_table *corm__table_find(const corm_schema *schema, const char *name);
/* True when name is one of the comma-separated names (spaces ignored); the number of names; the
 * n-th (from 0) copied into the arena, NULL past the end. */
bool corm__names_have(const char *names, const char *name);
size_t corm__names_count(const char *names);
char *corm__names_at(const char *names, size_t index, corm_arena *arena);
/* The n-th name of a list of index columns without a copy: where it stands in names, its length,
 * and whether " desc" follows (descending may be NULL; corm__names_at keeps that word). NULL past
 * the end. */
const char *corm__names_item(const char *names, size_t index, size_t *length, bool *descending);

/* Lower-case letters, digits and _, not reserved: needs no quotes in SQL. Reserved in SQL on one of
 * the engines (name in lower case). */
bool corm__identifier_is_plain(const char *name);
bool corm__identifier_is_reserved(const char *name);

/* Does the index (constraint) stand on the column, by name or in an expression? */
bool corm__index_mentions(const corm_index *index, const char *column);
bool corm__constraint_mentions(const corm_constraint *constraint, const char *column);

/* Writes the names as SQL, each between quotes (a quote inside doubled): "a", "b" DESC. */
void corm__names_write(corm_buffer *out, const char *names, char quote);

/* --- names that corm gives. Deterministic; at most 63 bytes (PostgreSQL's limit): longer ones are
 * cut and end with 8 hex digits of a hash. --- */
/* "recipes_user_id_title_idx", "…_uniq", "…_fkey", "…_check": suffix is "idx", "uniq", "fkey",
 * "check". */
char *corm__derived_name(corm_arena *arena, const char *table, const char *columns,
                         const char *suffix);
/* Cuts such a name where it is too long, in place; returns it. */
char *corm__shorten_name(char *name);
/* The constraint's name of a column's foreign key: its own, or derived. */
const char *corm__foreign_key_name(corm_arena *arena, const corm_table *table,
                                   const corm_column *column);
/* The column whose foreign key has this name; *out is NULL when there is none. 0 or
 * CORM_ERROR_MEMORY. */
int corm__foreign_key_find(corm_arena *arena, const corm_table *table, const char *name,
                           const corm_column **out);

/* --- copies, all of it in the arena; NULL when memory is out --- */
corm_table *corm__table_clone(corm_arena *arena, const corm_table *table);
corm_schema *corm__schema_clone(corm_arena *arena, const corm_schema *schema);
/* A table with one thing changed: as corm__table_clone, but sharing what does not change. Each
 * returns NULL when memory is out. */
/* appended */
corm_table *corm__table_with_column(corm_arena *arena, const corm_table *table,
                                    const corm_column *column);
corm_table *corm__table_without_column(corm_arena *arena, const corm_table *table,
                                       const char *name);
corm_table *corm__table_replace_column(corm_arena *arena, const corm_table *table, const char *name,
                                       const corm_column *column);
/* The same and all mentions in primary key, indexes, constraints (name lists; SQL texts of checks
 * word by word). */
corm_table *corm__table_rename_column(corm_arena *arena, const corm_table *table, const char *name,
                                      const char *new_name);
corm_table *corm__table_with_index(corm_arena *arena, const corm_table *table,
                                   const corm_index *index);
corm_table *corm__table_without_index(corm_arena *arena, const corm_table *table, const char *name);
corm_table *corm__table_with_constraint(corm_arena *arena, const corm_table *table,
                                        const corm_constraint *constraint);
corm_table *corm__table_without_constraint(corm_arena *arena, const corm_table *table,
                                           const char *name);
/* The index (constraint) of this name, which the table has, becomes the other. */
corm_table *corm__table_replace_index(corm_arena *arena, const corm_table *table, const char *name,
                                      const corm_index *index);
corm_table *corm__table_replace_constraint(corm_arena *arena, const corm_table *table,
                                           const char *name, const corm_constraint *constraint);

/* What an engine keeps of the table, in the arena: without comments where it has none, and without
 * what only matters for speed or for how a constraint was added. A live table is compared with
 * this. NULL when memory is out. */
corm_table *corm__table_as_stored(corm_arena *arena, const corm_table *table,
                                const corm_features *features);

/* --- comparison by meaning: names in lists without regard to spaces, NULL and "" the same. When
 * memory is out the answer is not known: corm__comparison_failed (schema/sql_text.h) --- */
bool corm__column_equal(const corm_column *a, const corm_column *b); /* name included */
bool corm__column_same_type(const corm_column *a, const corm_column *b);
bool corm__column_same_default(const corm_column *a, const corm_column *b);
/* The foreign keys of two columns; a name that is not given is the derived one. */
bool corm__foreign_key_equal(const corm_table *a, const corm_column *x, const corm_table *b,
                             const corm_column *y);
bool corm__default_equal(const corm_default *a, const corm_default *b);
bool corm__reference_equal(const corm_reference *a, const corm_reference *b);
bool corm__index_equal(const corm_index *a, const corm_index *b);
bool corm__constraint_equal(const corm_constraint *a, const corm_constraint *b);
/* Order of columns, indexes and constraints does not count; app and model do not. difference (may
 * be NULL): a line that says what differs first. */
bool corm__table_equal(const corm_table *a, const corm_table *b, char *difference, size_t size);

CORM__SHARED_END
