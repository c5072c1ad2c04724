/* Indexes and constraints. What is the same but for its name is renamed; what differs is altered
 * where its columns stay as they are, and otherwise removed before the columns change and added
 * when they have. */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include "schema/sql_text.h"
#include <string.h>

static bool index_goes(const corm_table *now, const corm_table *to, const corm_index *index) {
    for (const corm_column *c = now->columns; c->name; c++)
        if (corm__index_mentions(index, c->name) && corm__column_goes(now, to, c)) return true;
    return false;
}

static bool constraint_goes(const corm_table *now, const corm_table *to,
                            const corm_constraint *constraint) {
    for (const corm_column *c = now->columns; c->name; c++)
        if (corm__constraint_mentions(constraint, c->name) && corm__column_goes(now, to, c))
            return true;
    return false;
}

/* The column is stored in another way afterwards: what it says of the column may not fit both. */
static bool is_recast(const corm_table *to, const corm_column *column) {
    const corm_column *after = corm__column_find(to, column->name);
    return after && !corm__column_same_type(column, after);
}

static bool index_reads_recast(const corm_table *now, const corm_table *to,
                               const corm_index *index) {
    for (const corm_column *c = now->columns; c->name; c++)
        if (corm__index_mentions(index, c->name) && is_recast(to, c)) return true;
    return false;
}

static bool constraint_reads_recast(const corm_table *now, const corm_table *to,
                                    const corm_constraint *constraint) {
    for (const corm_column *c = now->columns; c->name; c++)
        if (corm__constraint_mentions(constraint, c->name) && is_recast(to, c)) return true;
    return false;
}

/* The one of the target under another, new name. */
static const corm_index *index_renamed(const corm_table *now, const corm_table *to,
                                       const corm_index *index) {
    for (const corm_index *i = to->indexes; i && i->name; i++) {
        corm_index same = *i;
        same.name = index->name;
        if (!corm__index_find(now, i->name) && corm__index_equal(&same, index)) return i;
    }
    return NULL;
}

static const corm_constraint *constraint_renamed(const corm_table *now, const corm_table *to,
                                                 const corm_constraint *constraint) {
    for (const corm_constraint *c = to->constraints; c && c->name; c++) {
        corm_constraint same = *c;
        same.name = constraint->name;
        if (!corm__constraint_find(now, c->name) && corm__constraint_equal(&same, constraint))
            return c;
    }
    return NULL;
}

/* --- what goes --- */

static bool constraint_stays(const corm_table *now, const corm_table *to,
                             const corm_constraint *constraint) {
    if (constraint_goes(now, to, constraint)) return false;
    const corm_constraint *same = corm__constraint_find(to, constraint->name);
    if (!same) return constraint_renamed(now, to, constraint);
    if (corm__constraint_equal(constraint, same)) return true;
    return same->kind == constraint->kind && !constraint_reads_recast(now, to, constraint);
}

static bool index_stays(const corm_table *now, const corm_table *to, const corm_index *index) {
    if (index_goes(now, to, index)) return false;
    const corm_index *same = corm__index_find(to, index->name);
    if (!same) return index_renamed(now, to, index);
    return corm__index_equal(index, same) || !index_reads_recast(now, to, index);
}

int corm__remove_indexes(detector *d, const corm_table *to) {
    const corm_table now = *corm__working(d, to->name);
    int status = 0;
    for (const corm_constraint *c = now.constraints; !status && c && c->name; c++) {
        if (constraint_stays(&now, to, c)) continue;
        corm_operation operation = { .kind = CORM_REMOVE_CONSTRAINT,
                                     .table = to->name,
                                     .name = c->name };
        status = corm__emit(d, to->app, &operation);
    }
    for (const corm_index *i = now.indexes; !status && i && i->name; i++) {
        if (index_stays(&now, to, i)) continue;
        corm_operation operation = { .kind = CORM_REMOVE_INDEX,
                                     .table = to->name,
                                     .name = i->name };
        status = corm__emit(d, to->app, &operation);
    }
    return status;
}

/* --- renames: two that are equal go to two names --- */

int corm__rename_indexes(detector *d, const corm_table *to) {
    const corm_table before = *corm__working(d, to->name);
    int status = 0;
    for (const corm_constraint *c = before.constraints; !status && c && c->name; c++) {
        const corm_constraint *renamed =
            corm__constraint_find(to, c->name)
                ? NULL
                : constraint_renamed(corm__working(d, to->name), to, c);
        if (!renamed) continue;
        corm_operation operation = { .kind = CORM_RENAME_CONSTRAINT,
                                     .table = to->name,
                                     .name = c->name,
                                     .new_name = renamed->name };
        status = corm__emit(d, to->app, &operation);
    }
    for (const corm_index *i = before.indexes; !status && i && i->name; i++) {
        const corm_index *renamed =
            corm__index_find(to, i->name) ? NULL : index_renamed(corm__working(d, to->name), to, i);
        if (!renamed) continue;
        corm_operation operation = {
            .kind = CORM_RENAME_INDEX, .table = to->name, .name = i->name, .new_name = renamed->name
        };
        status = corm__emit(d, to->app, &operation);
    }
    return status;
}

/* --- what comes --- */

static int remove_leftovers(detector *d, const corm_table *to) {
    const corm_table now = *corm__working(d, to->name);
    int status = 0;
    for (const corm_constraint *c = now.constraints; !status && c && c->name; c++) {
        if (corm__constraint_find(to, c->name)) continue;
        corm_operation operation = { .kind = CORM_REMOVE_CONSTRAINT,
                                     .table = to->name,
                                     .name = c->name };
        status = corm__emit(d, to->app, &operation);
    }
    for (const corm_index *i = now.indexes; !status && i && i->name; i++) {
        if (corm__index_find(to, i->name)) continue;
        corm_operation operation = { .kind = CORM_REMOVE_INDEX,
                                     .table = to->name,
                                     .name = i->name };
        status = corm__emit(d, to->app, &operation);
    }
    return status;
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

/* Differs in nothing but that it is not validated yet. */
static bool waits_for_validation(const corm_constraint *now, const corm_constraint *to) {
    corm_constraint valid = *now;
    valid.not_valid = false;
    return now->not_valid && corm__constraint_equal(&valid, to);
}

static int add_constraint(detector *d, const corm_table *to, const corm_constraint *c) {
    const corm_constraint *old = corm__constraint_find(corm__working(d, to->name), c->name);
    if (old && corm__constraint_equal(old, c)) return 0;
    corm_operation operation = { .kind = old ? CORM_ALTER_CONSTRAINT : CORM_ADD_CONSTRAINT,
                                 .table = to->name,
                                 .constraint = *c };
    if (old && waits_for_validation(old, c))
        operation = (corm_operation){ .kind = CORM_VALIDATE_CONSTRAINT,
                                      .table = to->name,
                                      .name = c->name };
    return corm__emit(d, to->app, &operation);
}

static int add_index(detector *d, const corm_table *to, const corm_index *i) {
    const corm_index *old = corm__index_find(corm__working(d, to->name), i->name);
    if (old && corm__index_equal(old, i)) return 0;
    corm_operation operation = { .kind = old ? CORM_ALTER_INDEX : CORM_ADD_INDEX,
                                 .table = to->name,
                                 .index = *i };
    return corm__emit(d, to->app, &operation);
}

int corm__add_indexes(detector *d, const corm_table *to) {
    int status = remove_leftovers(d, to);
    for (const corm_index *i = to->indexes; !status && i && i->name; i++)
        status = add_index(d, to, i);
    for (const corm_constraint *c = to->constraints; !status && c && c->name; c++)
        status = add_constraint(d, to, c);
    if (!status && !same_text(corm__working(d, to->name)->comment, to->comment)) {
        corm_operation operation = { .kind = CORM_ALTER_COMMENT,
                                     .table = to->name,
                                     .comment = to->comment };
        status = corm__emit(d, to->app, &operation);
    }
    return status;
}
