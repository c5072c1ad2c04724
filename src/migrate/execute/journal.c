#include "migrate/execute/journal.h"
#include "base/error.h"
#include "schema/schema.h"
#include <stdio.h>
#include <string.h>

/* --- the text --- */

void corm__journal_write(const corm_journal *j, char out[CORM_JOURNAL_TEXT]) {
    snprintf(out, CORM_JOURNAL_TEXT, "%s operation=%zu statement=%zu %s catalogue=%s checksum=%s",
             j->backwards ? "backwards" : "forwards", j->operation + 1, j->statement + 1,
             j->running ? "running" : "next", j->running ? j->catalogue : "-", j->checksum);
}

bool corm__journal_read(const char *text, corm_journal *out) {
    char direction[16], state[16], catalogue[CORM_CHECKSUM_TEXT];
    *out = (corm_journal){ 0 };
    if (sscanf(text, "%15s operation=%zu statement=%zu %15s catalogue=%16s checksum=%16s",
               direction, &out->operation, &out->statement, state, catalogue, out->checksum) != 6 ||
        !out->operation || !out->statement)
        return false;
    out->operation--;
    out->statement--;
    out->backwards = strcmp(direction, "backwards") == 0;
    out->running = strcmp(state, "running") == 0;
    if (out->running) memcpy(out->catalogue, catalogue, sizeof catalogue);
    return out->backwards || strcmp(direction, "forwards") == 0;
}

bool corm__journal_backwards(const char *text) { return strncmp(text, "backwards ", 10) == 0; }

/* Through the checksum of a migration, which knows all members of an operation. */
static int checksum_of(const corm_migration_body *like, const corm_operation *operations, size_t n,
                       corm_arena *arena, char out[CORM_CHECKSUM_TEXT]) {
    corm_operation *copy = corm__arena_array(arena, n + 1, sizeof *copy);
    if (!copy) return CORM_ERROR_MEMORY;
    if (n) memcpy(copy, operations, n * sizeof *copy);
    corm_migration_body body = { .depends_on = like ? like->depends_on : NULL, .operations = copy };
    corm_migration whole = { "", "", &body };
    corm__migration_checksum(&whole, out);
    return 0;
}

int corm__journal_checksum(const corm_migration *migration, const corm_operation *operations,
                           size_t n, corm_arena *arena, char out[CORM_CHECKSUM_TEXT]) {
    return checksum_of(migration->body, operations, n, arena, out);
}

/* --- the catalogue --- */

typedef struct table_list {
    corm_operation *items; /* as operations that would create them: those have a checksum */
    size_t n, capacity;
} table_list;

static int add_table(table_list *list, const corm_table *table, corm_arena *arena) {
    if (strncmp(table->name, "corm_migrations", 15) == 0) return 0;
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        corm_operation *larger = corm__arena_array(arena, capacity, sizeof *larger);
        if (!larger) return CORM_ERROR_MEMORY;
        if (list->n) memcpy(larger, list->items, list->n * sizeof *larger);
        list->items = larger;
        list->capacity = capacity;
    }
    list->items[list->n++] = (corm_operation){ .kind = CORM_CREATE_TABLE,
                                               .table = table->name,
                                               .columns = table->columns,
                                               .primary_key = table->primary_key,
                                               .indexes = table->indexes,
                                               .constraints = table->constraints,
                                               .comment = table->comment };
    return 0;
}

static int add_from_database(corm_db *db, const char *only, table_list *list, corm_arena *arena) {
    corm_schema found;
    int status = db->backend->introspect(db->conn, only, arena, &found, &db->error);
    for (size_t i = 0; !status && i < found.n_tables; i++)
        if (add_table(list, &found.tables[i], arena)) status = corm__fail_memory(&db->error);
    return status;
}

static bool refers_to(const corm_table *table, const char *name) {
    for (const corm_column *c = table->columns; c && c->name; c++)
        if (c->references.table && strcmp(c->references.table, name) == 0) return true;
    return false;
}

int corm__catalogue(corm_db *db, const corm_change *change, corm_arena *arena,
                    char out[CORM_CHECKSUM_TEXT]) {
    table_list list = { 0 };
    const char *before = change && change->before ? change->before->name : NULL;
    const char *after = change && change->after ? change->after->name : NULL;
    int status = 0;
    if (!before && !after) {
        status = add_from_database(db, NULL, &list, arena);
    } else {
        if (before) status = add_from_database(db, before, &list, arena);
        if (!status && after && !(before && strcmp(before, after) == 0))
            status = add_from_database(db, after, &list, arena);
        /* their foreign keys may be taken off and put on again */
        for (size_t i = 0;
             !status && before && change->schema_before && i < change->schema_before->n_tables;
             i++) {
            const corm_table *table = &change->schema_before->tables[i];
            if (strcmp(table->name, before) != 0 && refers_to(table, before))
                status = add_from_database(db, table->name, &list, arena);
        }
    }
    if (status) return status;
    return checksum_of(NULL, list.items, list.n, arena, out) ? corm__fail_memory(&db->error) : 0;
}
