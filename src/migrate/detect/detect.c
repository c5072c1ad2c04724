/* From one schema to another. Each operation that is found is applied to a working state at once,
 * so that the next look sees what is still different, and the order of finding is an order in which
 * the operations can be applied:
 *
 *     rename tables and columns; cut foreign keys to what goes or changes; remove indexes,
 * constraints and computed columns; delete tables, remove columns; create tables along foreign
 * keys, add columns (also those that a circle of foreign keys kept out of a new table), alter
 * columns; computed columns; primary keys; indexes and constraints; the foreign keys that had to
 * wait.
 *
 * Only tables that differ are walked through. At the end the working state has to equal the target.
 */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include "schema/sql_text.h"

/* --- one operation found --- */

/* --- the whole --- */

static int find_changed(detector *d) {
    int status = 0;
    for (size_t i = 0; !status && i < d->target->n_tables; i++) {
        const corm_table *to = &d->target->tables[i], *now = corm__working(d, to->name);
        if (now && !corm__table_equal(now, to, NULL, 0)) status = corm__mark_changed(d, to);
    }
    for (const corm_declared_rename *r = d->declared; !status && r && r->table; r++) {
        const corm_table *to = corm__target_of(d, r->table), *now = corm__working(d, r->table);
        if (to && now && r->column && !r->done && corm__column_find(now, r->from))
            status = corm__mark_changed(d, to); /* columns of one type may change places */
    }
    return status;
}

/* Runs a phase over the tables that differ and are there. */
static int each(detector *d, int (*phase)(detector *, const corm_table *)) {
    int status = 0;
    for (size_t i = 0; !status && i < d->n_changed; i++)
        if (corm__working(d, d->changed[i]->name)) status = phase(d, d->changed[i]);
    return status;
}

static int check_table(detector *d, const corm_table *to) {
    char difference[300] = "it is missing";
    const corm_table *now = corm__working(d, to->name);
    if (now && corm__table_equal(now, to, difference, sizeof difference)) return 0;
    corm__fail(d->error, CORM_ERROR_MIGRATION,
               "no way was found to bring table %s to its model: %s", to->name, difference);
    corm__error_hint(d->error,
                     "Write this migration by hand: makemigrations --empty makes its file.");
    return CORM_ERROR_MIGRATION;
}

/* Also those that did not differ: what is done to one table may show in another. */
static int check_arrived(detector *d) {
    int status = 0;
    for (size_t i = 0; d->n && !status && i < d->target->n_tables; i++)
        status = check_table(d, &d->target->tables[i]);
    return status;
}

static int find_all(detector *d) {
    int status = corm__rename_tables(d);
    if (!status) status = find_changed(d);
    if (!status) status = each(d, corm__rename_columns);
    if (!status) status = corm__cut_references(d);
    if (!status) status = each(d, corm__remove_indexes);
    if (!status) status = each(d, corm__remove_generated);
    if (!status) status = each(d, corm__remove_references);
    if (!status) status = corm__delete_tables(d);
    if (!status) status = each(d, corm__remove_columns);
    if (!status) status = corm__create_tables(d);
    if (!status) status = each(d, corm__add_columns);
    if (!status) status = each(d, corm__alter_columns);
    if (!status) status = each(d, corm__add_generated);
    if (!status) status = each(d, corm__alter_primary_key);
    if (!status)
        status = each(d, corm__add_generated); /* from an identity that came with the key */
    if (!status) status = each(d, corm__remove_last_columns);
    if (!status) status = each(d, corm__rename_indexes);
    if (!status) status = each(d, corm__add_indexes);
    if (!status) status = each(d, corm__alter_last_columns);
    if (!status) status = corm__all_answered(d);
    return status ? status : check_arrived(d);
}

static int prepare(detector *d) {
    if (corm__state_init(&d->state, d->arena, d->from)) return corm__fail_memory(d->error);
    for (size_t i = 0; i < d->target->n_tables; i++)
        if (corm__map_set(&d->targets, d->target->tables[i].name, (void *)&d->target->tables[i]))
            return corm__fail_memory(d->error);
    return 0;
}

int corm__detect(const corm_schema *from, const corm_schema *target,
                 const corm_declared_rename *declared, const corm_questions *questions,
                 corm_arena *arena, corm_found **out, size_t *n, corm_error_info *error) {
    detector d = { .from = from,
                   .target = target,
                   .declared = declared,
                   .questions = questions,
                   .arena = arena,
                   .error = error };
    int status = prepare(&d);
    if (!status) status = find_all(&d);
    if (corm__comparison_failed()) status = corm__fail_memory(error);
    *out = d.found;
    *n = d.n;
    corm__state_release(&d.state);
    corm_map *maps[] = { &d.targets, &d.created, &d.was, &d.in_doubt, &d.is_changed };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) corm__map_release(maps[i]);
    return status;
}
