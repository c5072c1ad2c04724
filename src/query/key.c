/* Which columns of a model say what row it is, and whether it has changed since it was read. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

size_t corm__key_fields(const corm_model *model, const corm_field **out) {
    size_t n = 0;
    for (size_t i = 0; i < model->n_fields && n < CORM__KEY_COLUMNS; i++) {
        const corm_field *field = &model->fields[i];
        if (field->item == CORM_ITEM_PRIMARY_KEY) {
            n = 0;
            for (const char *p = field->columns; p && *p && n < CORM__KEY_COLUMNS;) {
                p += strspn(p, " ,");
                size_t length = strcspn(p, " ,");
                const corm_field *column = length ? corm__field_find(model, p, length) : NULL;
                if (column) out[n++] = column;
                p += length;
            }
            return n;
        }
        if (corm__field_is_column(field) && field->primary_key) out[n++] = field;
    }
    return n;
}

int corm__version_once(corm_db *db, const corm_model *model) {
    const corm_field *first = corm__version_field(model);
    for (const corm_field *field = first; field && ++field < model->fields + model->n_fields;)
        if (field->version)
            return corm__db_fail(db, CORM_ERROR_USAGE, "%s has two versions, %s and %s",
                                 model->name, first->name, field->name);
    return 0;
}

int corm__put_next_version(corm_db *db, const corm_model *model, bool qualified, corm_arena *arena,
                           corm_buffer *sql) {
    if (corm__version_once(db, model)) return CORM_ERROR_USAGE;
    const char *column = corm__field_column(corm__version_field(model), arena);
    if (!column) return corm__fail_memory(&db->error);
    db->backend->identifier(sql, column);
    corm__buffer_puts(sql, " = ");
    if (qualified) {
        db->backend->identifier(sql, model->table);
        corm__buffer_putc(sql, '.');
    }
    db->backend->identifier(sql, column);
    corm__buffer_puts(sql, " + 1");
    return 0;
}

int corm__check_key_stays(corm_db *db, const corm_model *model, const corm_field *field) {
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n = corm__key_fields(model, key);
    if (!n)
        return corm__db_fail(db, CORM_ERROR_USAGE,
                             "%s has no primary key that tells its rows apart", model->name);
    for (size_t i = 0; i < n; i++)
        if (key[i] == field)
            return corm__db_fail(db, CORM_ERROR_USAGE,
                                 "corm_update_returning of %s sets %s, by which it finds the rows",
                                 model->table, field->name);
    return 0;
}
