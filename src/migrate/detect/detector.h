/* The autodetector's inside. Each file has a part of the way from the working state to the target:
 * detect_tables.c, detect_renames.c, detect_columns.c, detect_indexes.c; detect.c puts them in
 * their order. A function returns 0 or a status; what it finds it emits. */
#pragma once
#include "migrate/detect/found.h"

typedef struct detector {
    const corm_schema *from, *target;
    const corm_declared_rename *declared;
    const corm_questions *questions;
    corm_arena *arena;
    corm_error_info *error;
    corm_state state;   /* the working state: from, with all that was found applied */
    corm_map targets;   /* name to table of target */
    corm_map created;   /* tables that this run creates */
    corm_map was;       /* of renamed tables: present name to name in from */
    /* tables of target, and "table.column", that may be a renamed one: nobody was there to say */
    corm_map in_doubt;
    /* The tables of target that are in the state and not yet as they are to be. */
    const corm_table **changed;
    size_t n_changed, room_changed;
    corm_map is_changed;
    size_t n_open; /* questions without an answer */
    corm_found *found;
    size_t n, capacity;
} detector;

static inline const corm_table *corm__target_of(const detector *d, const char *name) {
    return corm__map_get(&d->targets, name);
}
static inline const corm_table *corm__working(const detector *d, const char *name) {
    return corm__state_find(&d->state, name);
}
static inline bool corm__is_model(const corm_table *t) { return t->model && *t->model; }
static inline bool corm__is_generated(const corm_column *c) {
    return c->generated && *c->generated;
}
/* Rows may be there: the table is not made by this run. */
static inline bool corm__has_rows_perhaps(const detector *d, const corm_table *t) {
    return !corm__map_get(&d->created, t->name);
}

/* Appends what was found, and applies it to the working state. */
int corm__emit(detector *d, const char *app, const corm_operation *operation);
/* The table of target is not (any more) as it is to be. */
int corm__mark_changed(detector *d, const corm_table *to);
/* The model's name, or the table's where it has none. */
const char *corm__thing(const detector *d, const char *table);

/* --- detect_ask.c: 1, 0 or a status. Who cannot be asked has said no; the question is open. --- */
int corm__ask_renamed_column(detector *d, const corm_table *table,
                             const corm_column *const *candidates, size_t n, const corm_column *to,
                             size_t *which);
int corm__ask_renamed_table(detector *d, const corm_table *const *candidates, size_t n,
                            const corm_table *to, size_t *which);
/* Names that change places by renamed_from on both sides: is that still to be done? */
int corm__ask_moved_table(detector *d, const corm_table *from, const corm_table *to);
int corm__ask_moved_column(detector *d, const corm_table *table, const corm_column *from,
                           const corm_column *to);
int corm__ask_fill(detector *d, const corm_table *table, const corm_column *column,
                   corm_default *fill);
int corm__ask_not_null(detector *d, const corm_table *table, const corm_column *before,
                       const corm_column *after, corm_default *fill);
/* CORM_ERROR_USAGE when questions are open. */
int corm__all_answered(detector *d);

/* --- detect_renames.c --- */
int corm__rename_tables(detector *d);
int corm__rename_columns(detector *d, const corm_table *to);

/* --- detect_tables.c --- */
int corm__delete_tables(detector *d);
int corm__create_tables(detector *d);

/* --- detect_columns.c --- */
/* Foreign keys to what goes, or to keys that change: they come back when all is there. */
int corm__cut_references(detector *d);
int corm__remove_generated(detector *d, const corm_table *to);
int corm__remove_references(detector *d, const corm_table *to);
int corm__remove_columns(detector *d, const corm_table *to);
int corm__remove_last_columns(detector *d, const corm_table *to);
int corm__add_columns(detector *d, const corm_table *to);
int corm__alter_columns(detector *d, const corm_table *to);
int corm__add_generated(detector *d, const corm_table *to);
int corm__alter_primary_key(detector *d, const corm_table *to);
int corm__alter_last_columns(detector *d, const corm_table *to);
int corm__alter_reference_away(detector *d, const corm_table *table, const corm_column *column);
/* What the column's foreign key needs is there as it is to be. */
bool corm__reference_ready(const detector *d, const corm_column *c);
/* The column goes, or is made anew: what mentions it has to go before. */
bool corm__column_goes(const corm_table *working, const corm_table *to, const corm_column *column);

/* --- detect_indexes.c: indexes and constraints, and the table's comment --- */
int corm__remove_indexes(detector *d, const corm_table *to);
int corm__rename_indexes(detector *d, const corm_table *to);
int corm__add_indexes(detector *d, const corm_table *to);
