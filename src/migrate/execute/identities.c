/* An engine that counts by a sequence of its own does not see the numbers that rows bring along. */
#include "base/error.h"
#include "db/db.h"
#include "model/model.h"
#include <corm/app.h>

static int reset(corm_db *db, const corm_table *table) {
    int status = 0;
    for (const corm_column *c = table->columns; c && c->name && !status; c++) {
        corm_buffer sql = { 0 };
        if (c->kind != CORM_IDENTITY) continue;
        db->backend->reset_identity(&sql, table->name, c->name);
        status = corm__buffer_broken(&sql) ? corm__fail_memory(&db->error)
                                           : corm_exec(db, corm__buffer_text(&sql));
        corm__buffer_release(&sql);
    }
    return status;
}

int corm_reset_identities(corm_db *db, const corm_app *const *apps) {
    corm_arena arena = { 0 };
    corm_schema schema;
    int status = corm__db_enter(db);
    if (status || !db->backend->reset_identity) return status;
    status = corm__schema_of_apps(apps, &arena, &schema, &db->error);
    for (size_t i = 0; !status && i < schema.n_tables; i++) status = reset(db, &schema.tables[i]);
    corm__arena_release(&arena);
    return status;
}
