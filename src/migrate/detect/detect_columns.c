/* Columns. A foreign key is made only where its target is as it is to be: a key of the same type
 * that is unique. Where it is not yet, or not any more, the column goes on without, and gets it
 * back at the end. A computed column that changes, or reads what changes, is made anew. */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include "schema/sql_text.h"
#include <stdio.h>
#include <string.h>

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static bool same_storage(const corm_column *a, const corm_column *b) {
    return corm__column_same_type(a, b) && same_text(a->collation, b->collation);
}

static bool same_names(const char *a, const char *b) {
    size_t a_length, b_length;
    for (size_t i = 0;; i++) {
        const char *x = corm__names_item(a, i, &a_length, NULL),
                   *y = corm__names_item(b, i, &b_length, NULL);
        if (!x || !y) return !x && !y;
        if (a_length != b_length || memcmp(x, y, a_length) != 0) return false;
    }
}

static bool is_only_name(const char *names, const char *name) {
    return corm__names_count(names) == 1 && corm__names_have(names, name);
}

/* --- computed columns --- */

static bool is_remade(const corm_table *now, const corm_table *to, const corm_column *column,
                      const corm_column *after) {
    if (!corm__is_generated(after)) return false;
    if (!corm__is_generated(column) || !same_storage(column, after) ||
        !corm__sql_equal(column->generated, after->generated))
        return true;
    for (const corm_column *c = now->columns; c->name; c++) {
        if (strcmp(c->name, column->name) == 0 || !corm__sql_mentions(column->generated, c->name))
            continue;
        const corm_column *read = corm__column_find(to, c->name);
        if (!read || !same_storage(c, read) || is_remade(now, to, c, read)) return true;
    }
    return false;
}

bool corm__column_goes(const corm_table *now, const corm_table *to, const corm_column *column) {
    const corm_column *after = corm__column_find(to, column->name);
    return !after || is_remade(now, to, column, after);
}

static int remove_column(detector *d, const corm_table *to, const char *name) {
    corm_operation operation = { .kind = CORM_REMOVE_COLUMN, .table = to->name, .name = name };
    return corm__emit(d, to->app, &operation);
}

static bool is_read(const corm_table *now, const char *column) {
    for (const corm_column *c = now->columns; c->name; c++)
        if (corm__is_generated(c) && strcmp(c->name, column) != 0 &&
            corm__sql_mentions(c->generated, column))
            return true;
    return false;
}

/* Those that are read by others last. One that becomes an ordinary column keeps its values, and
 * lets go of what it reads. */
int corm__remove_generated(detector *d, const corm_table *to) {
    for (bool again = true; again;) {
        const corm_table now = *corm__working(d, to->name);
        int status = 0;
        again = false;
        for (const corm_column *c = now.columns; c->name && !again; c++) {
            const corm_column *after = corm__column_find(to, c->name);
            if (!corm__is_generated(c) || corm__names_have(now.primary_key, c->name)) continue;
            bool ordinary = after && !corm__is_generated(after);
            if (!ordinary && (!corm__column_goes(&now, to, c) || is_read(&now, c->name))) continue;
            if (ordinary) {
                corm_operation operation = { .kind = CORM_ALTER_COLUMN,
                                             .table = to->name,
                                             .column = *after };
                operation.column.references = (corm_reference){ 0 };
                operation.column.null |= c->null; /* what its rows get instead is asked later */
                status = corm__emit(d, to->app, &operation);
            } else {
                status = remove_column(d, to, c->name);
            }
            again = true;
        }
        if (status) return status;
    }
    return 0;
}

int corm__add_generated(detector *d, const corm_table *to) {
    for (bool again = true; again;) {
        const corm_table now = *corm__working(d, to->name);
        again = false;
        for (const corm_column *c = to->columns; c->name && !again; c++) {
            if (!corm__is_generated(c) || corm__column_find(&now, c->name)) continue;
            bool ready = true;
            for (const corm_column *read = to->columns; ready && read->name; read++)
                ready = read == c || corm__column_find(&now, read->name) ||
                        !corm__sql_mentions(c->generated, read->name);
            if (!ready) continue;
            corm_operation operation = { .kind = CORM_ADD_COLUMN, .table = to->name, .column = *c };
            int status = corm__emit(d, to->app, &operation);
            if (status) return status;
            again = true;
        }
    }
    return 0;
}

/* --- foreign keys that are cut --- */

int corm__alter_reference_away(detector *d, const corm_table *table, const corm_column *column) {
    corm_operation operation = { .kind = CORM_ALTER_COLUMN,
                                 .table = table->name,
                                 .column = *column };
    operation.column.references = (corm_reference){ 0 };
    return corm__emit(d, table->app, &operation);
}

static bool is_unique(const corm_table *t, const char *column) {
    if (is_only_name(t->primary_key, column)) return true;
    for (const corm_constraint *c = t->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE && !c->deferrable && is_only_name(c->columns, column))
            return true; /* no foreign key stands on a deferrable one */
    for (const corm_index *i = t->indexes; i && i->name; i++)
        if (i->unique && !i->where && !i->expression && is_only_name(i->columns, column))
            return true;
    return false;
}

/* What makes the column unique is the same on both sides, so that a foreign key can stand on it all
 * the time. */
static bool stays_unique(const corm_table *now, const corm_table *to, const char *column) {
    if (is_only_name(now->primary_key, column))
        return same_names(now->primary_key, to->primary_key);
    for (const corm_constraint *c = now->constraints; c && c->name; c++) {
        const corm_constraint *same = corm__constraint_find(to, c->name);
        if (c->kind == CORM_CONSTRAINT_UNIQUE && is_only_name(c->columns, column))
            return same && corm__constraint_equal(c, same);
    }
    for (const corm_index *i = now->indexes; i && i->name; i++) {
        const corm_index *same = corm__index_find(to, i->name);
        if (i->unique && is_only_name(i->columns, column))
            return same && corm__index_equal(i, same);
    }
    return true; /* it is not known what makes it unique: left alone */
}

static bool is_disturbed(const corm_table *now, const corm_table *to, const corm_column *key) {
    const corm_column *after = corm__column_find(to, key->name);
    return !after || !same_storage(key, after) || is_remade(now, to, key, after) ||
           !stays_unique(now, to, key->name);
}

static int cut(detector *d, const corm_table *table, const corm_column *column) {
    const corm_table *to = corm__target_of(d, table->name);
    int status = corm__alter_reference_away(d, table, column);
    return status || !to ? status : corm__mark_changed(d, to);
}

/* A column that goes with its table, or by itself, needs no cut where only its target goes. */
static bool needs_cut(const detector *d, const corm_table *table, const corm_column *c) {
    const corm_table *there = corm__working(d, c->references.table),
                     *to = corm__target_of(d, c->references.table),
                     *own = corm__target_of(d, table->name);
    if (!to)
        return own && (corm__column_find(own, c->name) ||
                       corm__names_have(table->primary_key, c->name)); /* which goes late */
    if (!corm__map_get(&d->is_changed, to->name)) return false;
    const corm_column *key = corm__column_find(there, c->references.column);
    return key && is_disturbed(there, to, key);
}

int corm__cut_references(detector *d) {
    for (size_t i = 0; i < d->state.n; i++)
        for (size_t k = 0;; k++) {
            const corm_table table = d->state.tables[i]; /* a cut changes it */
            const corm_column *c = &table.columns[k];
            if (!c->name) break;
            if (!c->references.table || !needs_cut(d, &table, c)) continue;
            int status = cut(d, &table, c);
            if (status) return status;
        }
    return 0;
}

/* --- what goes --- */

static int remove_columns(detector *d, const corm_table *to, bool all) {
    const corm_table before = *corm__working(d, to->name);
    int status = 0;
    for (const corm_column *c = before.columns; !status && c->name; c++) {
        if (corm__column_find(to, c->name) || (!all && !c->references.table)) continue;
        if (corm__names_have(before.primary_key, c->name)) continue;
        if (corm__column_count(corm__working(d, to->name)) > 1)
            status = remove_column(d, to, c->name);
    }
    return status;
}

int corm__remove_references(detector *d, const corm_table *to) {
    return remove_columns(d, to, false);
}
/* But for those of the primary key, and the last one. */
int corm__remove_columns(detector *d, const corm_table *to) {
    int status = remove_columns(d, to, true);
    const corm_table before = *corm__working(d, to->name);
    for (const corm_column *c = before.columns; !status && c->name;
         c++) { /* an ordinary column that becomes a computed one */
        const corm_column *after = corm__column_find(to, c->name);
        if (!after || corm__is_generated(c) || !corm__is_generated(after) ||
            corm__names_have(before.primary_key, c->name))
            continue;
        if (corm__column_count(corm__working(d, to->name)) > 1)
            status = remove_column(d, to, c->name);
    }
    return status;
}
int corm__remove_last_columns(detector *d, const corm_table *to) {
    return remove_columns(d, to, true);
}

/* --- what comes and changes --- */

static bool needs_fill(const corm_column *c) {
    return !c->null && !c->default_value.kind && !corm__is_generated(c) && c->kind != CORM_IDENTITY;
}

static corm_kind stored_key(corm_kind kind) { return kind == CORM_IDENTITY ? CORM_BIGINT : kind; }

/* The table that a foreign key needs is there, and its key of the column's type. A type that does
 * not fit on either side is not waited for.
 */
bool corm__reference_ready(const detector *d, const corm_column *c) {
    const corm_table *there = corm__working(d, c->references.table),
                     *to = corm__target_of(d, c->references.table);
    const corm_column *key = there ? corm__column_find(there, c->references.column) : NULL;
    if (!key) return false;
    if (!to) return true;
    const corm_column *after = corm__column_find(to, c->references.column);
    if (after && stored_key(after->kind) != stored_key(key->kind)) return false;
    return !after ||
           (same_storage(after, key) && (is_unique(there, key->name) || !is_unique(to, key->name)));
}

static corm_column without_what_waits(const detector *d, const corm_column *c) {
    corm_column part = *c;
    if (c->references.table && !corm__reference_ready(d, c))
        part.references = (corm_reference){ 0 };
    return part;
}

static bool comes_with_key(const corm_table *to, const corm_column *c) {
    return c->kind == CORM_IDENTITY && is_only_name(to->primary_key, c->name);
}

int corm__add_columns(detector *d, const corm_table *to) {
    int status = 0;
    for (const corm_column *c = to->columns; !status && c->name; c++) {
        if (corm__is_generated(c) || comes_with_key(to, c) ||
            corm__column_find(corm__working(d, to->name), c->name))
            continue;
        corm_operation operation = { .kind = CORM_ADD_COLUMN,
                                     .table = to->name,
                                     .column = without_what_waits(d, c) };
        if (needs_fill(c) && corm__has_rows_perhaps(d, to))
            status = corm__ask_fill(d, to, c, &operation.fill);
        if (!status) status = corm__emit(d, to->app, &operation);
    }
    return status;
}

/* In the old primary key and to be NULL or of a kind that not every engine takes for a key, or to
 * be an identity: not before the key has changed. */
static bool waits_for_key(const corm_table *now, const corm_table *to, const corm_column *after) {
    if (same_names(now->primary_key, to->primary_key)) return false;
    bool long_kind =
        after->kind == CORM_TEXT || after->kind == CORM_BLOB || after->kind == CORM_JSON;
    bool leaves = corm__names_have(now->primary_key, after->name) &&
                  !corm__names_have(to->primary_key, after->name);
    return (after->null && corm__names_have(now->primary_key, after->name)) ||
           (long_kind && leaves) || after->kind == CORM_IDENTITY;
}

/* The foreign key of a column with the name that its constraint has. */
static corm_reference named(detector *d, const corm_table *table, const corm_column *c) {
    corm_reference key = c->references;
    if (!key.table) return key;
    key.name = corm__foreign_key_name(d->arena, table, c);
    if (!key.name) corm__comparison_fail();
    return key;
}

/* A foreign key whose constraint only has another name, or is not validated yet: the column stays
 * as it is. */
static int mend_reference(detector *d, const corm_table *to, const corm_column *c) {
    const corm_table *now = corm__working(d, to->name);
    corm_reference old = named(d, now, corm__column_find(now, c->name)), key = named(d, to, c),
                   same = old;
    if (!old.table || !key.table) return 0;
    same.name = key.name;
    same.not_valid = key.not_valid;
    if (!old.name || !key.name) return corm__fail_memory(d->error);
    if (!corm__reference_equal(&same, &key)) return 0;
    int status = 0;
    if (strcmp(old.name, key.name) != 0) {
        corm_operation operation = { .kind = CORM_RENAME_CONSTRAINT,
                                     .table = to->name,
                                     .name = old.name,
                                     .new_name = key.name };
        status = corm__emit(d, to->app, &operation);
    }
    if (!status && old.not_valid && !key.not_valid) {
        corm_operation operation = { .kind = CORM_VALIDATE_CONSTRAINT,
                                     .table = to->name,
                                     .name = key.name };
        status = corm__emit(d, to->app, &operation);
    }
    return status;
}

static bool is_as(detector *d, const corm_table *now, const corm_column *old, const corm_table *to,
                  const corm_column *after) {
    corm_column a = *old, b = *after;
    a.references = named(d, now, old);
    b.references = named(d, to, after);
    return corm__column_equal(&a, &b);
}

/* Some engines have one identity a table: the one that goes becomes a plain integer before. */
static bool another_identity_comes(const corm_table *now, const corm_table *to) {
    for (const corm_column *c = to->columns; c->name; c++)
        if (comes_with_key(to, c) && !corm__column_find(now, c->name)) return true;
    return false;
}

/* What the rows are filled with may be one of the new labels. */
static int add_labels(detector *d, const corm_table *to, const corm_column *column,
                      const corm_default *fill) {
    int status = 0;
    for (const corm_constraint *c = to->constraints; !status && c && c->name; c++) {
        const corm_constraint *old = corm__constraint_find(corm__working(d, to->name), c->name);
        if (!old || !old->check || !c->check || c->not_valid || old->not_valid ||
            corm__labels_have(old->check, column->name, fill->text) != 0 ||
            corm__labels_have(c->check, column->name, fill->text) != 1)
            continue;
        corm_operation operation = {
            .kind = CORM_ALTER_CONSTRAINT, .table = to->name, .constraint = *c
        };
        status = corm__emit(d, to->app, &operation);
    }
    return status;
}

static int alter_column(detector *d, const corm_table *to, const corm_column *c) {
    int status = mend_reference(d, to, c);
    const corm_table *now = corm__working(d, to->name);
    const corm_column *old = corm__column_find(now, c->name);
    corm_operation operation = { .kind = CORM_ALTER_COLUMN,
                                 .table = to->name,
                                 .column = without_what_waits(d, c) };
    if (!status && waits_for_key(now, to, c)) {
        if (old->kind != CORM_IDENTITY || !another_identity_comes(now, to)) return 0;
        operation.column = *old;
        operation.column.kind = old->element ? old->element : CORM_BIGINT;
        operation.column.element = 0;
    }
    if (status || is_as(d, now, old, to, &operation.column)) return status;
    if (old->null && !c->null && corm__has_rows_perhaps(d, to)) {
        if (needs_fill(c))
            status = corm__ask_not_null(d, to, old, c, &operation.fill);
        else if (!corm__is_generated(c))
            operation.fill = c->default_value;
        if (!status && operation.fill.kind == CORM_DEFAULT_TEXT)
            status = add_labels(d, to, c, &operation.fill);
    }
    return status ? status : corm__emit(d, to->app, &operation);
}

static int alter_columns(detector *d, const corm_table *to) {
    int status = 0;
    for (const corm_column *c = to->columns; !status && c->name; c++)
        if (corm__column_find(corm__working(d, to->name), c->name)) status = alter_column(d, to, c);
    return status;
}

int corm__alter_columns(detector *d, const corm_table *to) { return alter_columns(d, to); }
int corm__alter_last_columns(detector *d, const corm_table *to) { return alter_columns(d, to); }

static bool has_all(const corm_table *t, const char *names, const corm_table *to) {
    for (const corm_column *c = to->columns; c->name; c++)
        if (corm__names_have(names, c->name) && !corm__column_find(t, c->name)) return false;
    return true;
}

/* An identity column takes its key along when it goes, and brings it when it comes: there is never
 * one without. */
int corm__alter_primary_key(detector *d, const corm_table *to) {
    const corm_table before = *corm__working(d, to->name);
    int status = 0;
    if (same_names(before.primary_key, to->primary_key)) return 0;
    for (const corm_column *c = before.columns; !status && c->name; c++) {
        if (corm__column_find(to, c->name) || !comes_with_key(&before, c)) continue;
        corm_operation operation = {
            .kind = CORM_REMOVE_COLUMN, .table = to->name, .name = c->name, .primary_key = ""
        };
        if (to->primary_key && has_all(&before, to->primary_key, to))
            operation.primary_key = to->primary_key;
        status = corm__emit(d, to->app, &operation);
    }
    for (const corm_column *c = to->columns; !status && c->name; c++) {
        if (!comes_with_key(to, c) || corm__column_find(corm__working(d, to->name), c->name))
            continue;
        corm_operation operation = {
            .kind = CORM_ADD_COLUMN, .table = to->name, .column = *c, .primary_key = to->primary_key
        };
        status = corm__emit(d, to->app, &operation);
    }
    if (status || same_names(corm__working(d, to->name)->primary_key, to->primary_key))
        return status;
    corm_operation operation = { .kind = CORM_ALTER_PRIMARY_KEY,
                                 .table = to->name,
                                 .primary_key = to->primary_key };
    return corm__emit(d, to->app, &operation);
}
