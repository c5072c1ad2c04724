/* corm_sequence_reset. */
#include "base/error.h"
#include "query/query.h"

int corm__sequence_reset(corm_db *db, const corm_model *model) {
    int status = corm__db_enter(db);
    const corm_field *key = corm__primary_key_field(model);
    if (status || !db->backend->reset_identity || !key || key->kind != CORM_IDENTITY) return status;
    corm_arena arena = { 0 };
    corm_buffer sql = { 0 };
    const char *column = corm__field_column(key, &arena);
    if (column) db->backend->reset_identity(&sql, model->table, column);
    status = !column || corm__buffer_broken(&sql) ? corm__fail_memory(&db->error)
                                                  : corm_exec(db, corm__buffer_text(&sql));
    corm__buffer_release(&sql);
    corm__arena_release(&arena);
    return status;
}
