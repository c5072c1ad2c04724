/* corm_validate: what would be refused before it is sent, all of it. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <stdlib.h>
#include <string.h>

typedef struct validation {
    corm_db *db;
    const corm_model *model;
    corm_rows found;
    size_t row;
} validation;

static int add(validation *v, const corm_field *field, corm_status status, const char *message) {
    corm_violation *violation = corm__rows_next(&v->found);
    if (!violation) return corm__fail_memory(&v->db->error);
    corm_arena *arena = &v->found.result->arena;
    *violation = (corm_violation){ .row = v->row,
                                   .column = corm__field_column(field, arena),
                                   .status = status,
                                   .message = corm__arena_strdup(arena, message) };
    if (!violation->column || !violation->message) return corm__fail_memory(&v->db->error);
    v->found.length++;
    return 0;
}

static int check_choice(validation *v, const corm_field *field, const corm_value *value) {
    if (!field->choices || value->kind == CORM_NULL ||
        corm__is_choice(field->choices, value->text))
        return 0;
    corm__db_fail(v->db, CORM_ERROR_CHECK, "%s.%s: '%s' is none of its choices", v->model->table,
                  field->name, value->text);
    int status = add(v, field, CORM_ERROR_CHECK, v->db->error.message);
    if (!status) corm__error_clear(&v->db->error);
    return status;
}

static int check_field(validation *v, const corm_field *field, const void *row, corm_arena *arena) {
    corm_db *db = v->db;
    corm_column column;
    corm_target target;
    corm_value value, converted;
    if (corm__column_of_field(v->model, field, arena, &column))
        return corm__fail_memory(&db->error);
    corm__target_of(&column, field->kind == CORM_ENUMERATION ? field->labels : NULL,
                    v->model->table, false, &target);
    corm__member_get(field, row, &value);
    int status = corm__convert(db, &target, &value, &converted);
    if (!status) return check_choice(v, field, &value);
    if (status == CORM_ERROR_MEMORY) return status;
    int added = add(v, field, status, db->error.message);
    if (!added) corm__error_clear(&db->error);
    return added;
}

/* As corm_insert would send it: with what it fills in, without what the database makes. */
static int check_row(validation *v, const void *given, void *row) {
    corm_arena arena = { 0 };
    int status = 0;
    memcpy(row, given, v->model->size);
    corm__complete_row(v->model, row, true, corm_now());
    for (size_t i = 0; i < v->model->n_fields && !status; i++) {
        const corm_field *field = &v->model->fields[i];
        if (corm__field_is_column(field) && !corm__field_omitted(field, row))
            status = check_field(v, field, row, &arena);
    }
    corm__arena_release(&arena);
    return status;
}

corm_violation *corm__validate(corm_db *db, const corm_model *model, const void *rows, size_t n) {
    validation v = { .db = db, .model = model };
    if (corm__db_enter(db)) return NULL;
    if (n && (corm__check_writable(db, model, rows) || corm__check_whole(db, model, rows, n)))
        return NULL;
    void *row = malloc(model->size);
    int status = row ? corm__rows_begin(&v.found, sizeof(corm_violation), 0) : CORM_ERROR_MEMORY;
    if (status) {
        free(row);
        corm__fail_memory(&db->error);
        return NULL;
    }
    for (; v.row < n && !status; v.row++)
        status = check_row(&v, (const char *)rows + v.row * model->size, row);
    free(row);
    if (!status) return corm__rows_end(&v.found);
    corm__rows_drop(&v.found);
    return NULL;
}
