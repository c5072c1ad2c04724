/* corm_explain: how the engine would run a query, in its own words. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

enum { MOST_COLUMNS = 8 };
typedef struct line {
    const char *text;
    int64_t other; /* of an engine that says more in each row */
} line;

static int read_lines(corm_db *db, corm_query_plan *plan, const corm_shape *shape,
                      corm_arena *arena, corm_buffer *out) {
    corm_execution execution;
    line line = { 0 };
    int status = corm__execution_start(&execution, db, plan, shape, 0);
    while (!status && (status = corm__execution_row(&execution, plan, &line, arena)) > 0) {
        corm__buffer_puts(out, line.text ? line.text : "");
        if (out->length && out->data[out->length - 1] != '\n') corm__buffer_putc(out, '\n');
        status = 0;
    }
    corm__execution_finish(&execution);
    return status;
}

/* The plan's statement behind the engine's word for it, with rows of lines. */
static int explain(corm_db *db, const corm_query_plan *plan, const corm_shape *shape,
                   corm_buffer *out) {
    const corm_backend *backend = db->backend;
    corm_fetch_column columns[MOST_COLUMNS];
    for (int i = 0; i < MOST_COLUMNS; i++)
        columns[i] = (corm_fetch_column){
            .kind = CORM_BIGINT, .null = true, .offset = offsetof(line, other), .name = "plan"
        };
    columns[backend->explain_column].kind = CORM_TEXT;
    columns[backend->explain_column].offset = offsetof(line, text);
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, backend->explain);
    corm__buffer_puts(&sql, plan->sql);
    corm_query_plan explained = *plan;
    explained.sql = sql.data;
    explained.sql_length = sql.length;
    explained.partial = false;
    explained.fetch = (corm_fetch){ columns, (uint32_t)backend->explain_column + 1, 1 };
    corm_arena arena = { 0 };
    int status =
        sql.broken ? corm__fail_memory(&db->error) : read_lines(db, &explained, shape, &arena, out);
    corm__arena_release(&arena);
    corm__buffer_release(&sql);
    return status;
}

/* A result whose one row is the text. */
static char *text_result(corm_db *db, const corm_buffer *text) {
    corm_rows rows;
    if (text->broken || corm__rows_begin(&rows, text->length + 1, 1)) {
        corm__fail_memory(&db->error);
        return NULL;
    }
    char *out = corm__rows_next(&rows);
    memcpy(out, corm__buffer_text(text), text->length);
    rows.length = 1;
    return corm__rows_end(&rows);
}

char *corm__explain_query(corm_db *db, const corm_model *model, const corm_query *given) {
    if (corm__query_enter(db, &model, given)) return NULL;
    corm_query query = *given;
    corm_shape shape;
    corm_buffer text = { 0 };
    corm__shape_begin(&shape, CORM_WHAT_ROWS, model);
    int status = corm__shape_page(&shape, db, model, &query);
    corm_query_plan *plan =
        status ? NULL
               : corm__plan_get(db, &shape, corm__compile_select,
                                &(corm_select_argument){ model, &query, CORM_WHAT_ROWS });
    if (plan && !db->backend->explain)
        corm__db_fail(db, CORM_ERROR_UNSUPPORTED, "%s does not explain", db->backend->title);
    char *out = NULL;
    if (plan && db->backend->explain && !explain(db, plan, &shape, &text))
        out = text_result(db, &text);
    corm__buffer_release(&text);
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return out;
}
