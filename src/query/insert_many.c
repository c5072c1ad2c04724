/* corm_insert_many and corm_bulk_load: all rows or none, by the fastest way that the engine has;
 * and what sends the many rows of upsert.c and update_many.c.
 *
 * Rows beside each other that send the same columns make a run. In a file there are no round trips
 * to save: one prepared statement, row by row. On a server a run of which nothing comes back goes
 * by the bulk protocol, and one whose identities come back as an array for each column, one
 * statement for any n. Without arrays it goes by statements of many rows, whose sizes are powers of
 * two, so that a few prepared statements serve every n. A statement has no more rows than the
 * server takes bytes. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 512, MOST_IN_ARRAYS = 4096, MOST_VALUES = 1 << 18 };

void corm__many_begin(corm_many *many, corm_db *db, const corm_model *model, void *rows, size_t n) {
    *many = (corm_many){ .db = db, .model = model, .rows = rows, .n = n };
    if (db->backend->most_bytes) many->most_bytes = db->backend->most_bytes(db->conn);
}

static void *row_at(const corm_many *many, size_t i) { return many->rows + i * many->model->size; }

static bool same_columns(const corm_model *model, const void *a, const void *b) {
    for (size_t i = 0; i < model->n_fields; i++)
        if (corm__field_is_column(&model->fields[i]) &&
            corm__field_omitted(&model->fields[i], a) != corm__field_omitted(&model->fields[i], b))
            return false;
    return true;
}

int corm__many_in_row(const corm_many *many, size_t i, int status) {
    if (status && !many->db->error.detail[0])
        corm__error_set(many->db->error.detail, sizeof many->db->error.detail, "row %zu of %zu",
                        i + 1, many->n);
    return status;
}

static int one_by_one(const corm_many *many, const corm_query_plan *plan, size_t first,
                      size_t last) {
    corm_stmt *stmt = NULL;
    int status = corm__prepare(many->db, plan->sql, plan->sql_length, plan->kinds,
                               (int)plan->n_slots, &stmt);
    for (size_t i = first; i < last && !status; i++)
        status = corm__many_in_row(
            many, i, corm__insert_run(many->db, plan, stmt, row_at(many, i), plan->values));
    corm__finish(many->db, stmt);
    return status;
}

static int in_bulk(const corm_many *many, const corm_query_plan *plan, size_t first, size_t last) {
    const char *columns[CORM__WRITE_FIELDS];
    for (size_t i = 0; i < plan->n_slots; i++) columns[i] = plan->slots[i].target.column;
    int status =
        corm__bulk_begin(many->db, many->model->table, columns, plan->kinds, (int)plan->n_slots);
    if (status) return status;
    for (size_t i = first; i < last && !status; i++) {
        status = corm__many_in_row(
            many, i,
            corm__row_values(many->db, plan, 0, plan->n_slots, row_at(many, i), plan->values));
        if (!status) status = corm__bulk_row(many->db, plan->values);
    }
    int ended = corm__bulk_end(many->db, status == 0);
    return status ? status : ended;
}

/* --- how many rows go into one statement --- */

static size_t bytes_of(const corm_value *value) {
    enum { BESIDE = 24 }; /* length and type, or a value of fixed size */
    switch (value->kind) {
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON: return strlen(value->text) + BESIDE;
    case CORM_BLOB: return value->blob.size + BESIDE;
    case CORM_DECIMAL: return CORM_DECIMAL_TEXT + BESIDE;
    default: return BESIDE;
    }
}

static size_t row_bytes(const corm_query_plan *plan, const void *row) {
    size_t bytes = 0;
    for (size_t i = 0; i < plan->n_slots; i++) {
        corm_value value;
        corm__member_get(plan->fields[i], row, &value);
        bytes += bytes_of(&value);
    }
    return bytes;
}

/* Of the n rows from first on, as many as one statement takes; 0: not even one, and the error is
 * set. */
static size_t rows_that_fit(const corm_many *many, const corm_query_plan *plan, size_t first,
                            size_t n) {
    size_t bytes = 0;
    for (size_t i = 0; many->most_bytes && i < n; i++) {
        size_t row = row_bytes(plan, row_at(many, first + i));
        if (row > many->most_bytes) {
            if (i) return i;
            corm__db_fail(many->db, CORM_ERROR_RANGE, "%s: a row of %zu bytes, %s takes %zu",
                          many->model->table, row, many->db->backend->title, many->most_bytes);
            corm__error_hint(&many->db->error, "raise the server's max_allowed_packet");
            corm__many_in_row(many, first, CORM_ERROR_RANGE);
            return 0;
        }
        bytes += row;
        if (bytes > many->most_bytes) return i;
    }
    return n;
}

/* Runs one statement, and reads what comes back into n rows. */
static int run_statement(const corm_many *many, const corm_query_plan *plan, const corm_buffer *sql,
                         const corm_kind *kinds, const corm_value *values, size_t n_values,
                         size_t first, size_t n) {
    corm_db *db = many->db;
    corm_stmt *stmt = NULL;
    corm_arena *arena = corm__returned_arena(db);
    int status = arena ? 0 : CORM_ERROR_MEMORY;
    if (!status) status = corm__prepare(db, sql->data, sql->length, kinds, (int)n_values, &stmt);
    if (!status) status = corm__execute(db, stmt, values, (int)n_values, 0);
    size_t back = 0;
    for (; !status; back++) {
        void *objects[] = { row_at(many, first + (back < n ? back : n - 1)) };
        int more = corm__step(db, stmt, plan->n_returned ? &plan->fetch : NULL, objects, arena);
        if (more == 0) break;
        if (more < 0) status = more;
    }
    if (!status && many->changed) *many->changed += corm__affected(db, stmt);
    corm__finish(db, stmt);
    if (!status && plan->n_returned && back != n) {
        status =
            corm__db_fail(db, CORM_ERROR_DATABASE,
                          "%s: %zu rows were sent and %zu came back: which is which is not known",
                          many->model->table, n, back);
        corm__error_hint(
            &db->error,
            "does a trigger drop rows? then insert them one by one, or by corm_bulk_load");
    }
    return status;
}

/* One statement for n rows. */
static int run_rows(const corm_many *many, const corm_query_plan *plan, const corm_buffer *sql,
                    const corm_kind *kinds, corm_value *values, size_t first, size_t n) {
    int status = 0;
    for (size_t i = 0; i < n && !status; i++)
        status = corm__many_in_row(many, first + i,
                                   corm__row_values(many->db, plan, 0, plan->n_slots,
                                                    row_at(many, first + i),
                                                    values + i * plan->n_slots));
    return status ? status
                  : run_statement(many, plan, sql, kinds, values, n * plan->n_slots, first, n);
}

static int statement_of(const corm_many *many, size_t first, size_t n, corm_buffer *sql) {
    corm_query_plan scratch = { 0 };
    int status = many->compile(many, row_at(many, first), n, &scratch, sql);
    corm__arena_release(&scratch.arena);
    return status ? status : sql->broken ? corm__fail_memory(&many->db->error) : 0;
}

static int by_statements(const corm_many *many, const corm_query_plan *plan, size_t first,
                         size_t last) {
    size_t size = MOST_ROWS, columns = plan->n_slots, n;
    if (!columns) return one_by_one(many, plan, first, last);
    while (size > 1 && size * columns > (size_t)many->db->backend->features->max_parameters)
        size /= 2;
    corm_value *values = malloc(size * columns * sizeof *values);
    corm_kind *kinds = malloc(size * columns * sizeof *kinds);
    corm_buffer sql = { 0 };
    int status = values && kinds ? 0 : corm__fail_memory(&many->db->error);
    for (size_t i = 0; kinds && i < size; i++)
        memcpy(kinds + i * columns, plan->kinds, columns * sizeof *kinds);
    for (size_t made = 0; first < last && !status; first += n) {
        size_t fit = rows_that_fit(many, plan, first, last - first < size ? last - first : size);
        if (!fit) status = many->db->error.status;
        for (n = size; n > fit;) n /= 2;
        if (!status && made != n) {
            corm__buffer_reset(&sql);
            status = statement_of(many, first, made = n, &sql);
        }
        if (!status) status = run_rows(many, plan, &sql, kinds, values, first, n);
    }
    corm__buffer_release(&sql);
    free(values);
    free(kinds);
    return status;
}

/* One column of the rows as an array. */
static int run_arrays(const corm_many *many, const corm_query_plan *plan, const corm_buffer *sql,
                      corm_value *values, corm_value *arrays, size_t first, size_t n) {
    size_t columns = plan->n_slots;
    corm_value *row = plan->values;
    corm_kind kinds[CORM__WRITE_FIELDS];
    for (size_t i = 0; i < n; i++) {
        int status = corm__many_in_row(
            many, first + i,
            corm__row_values(many->db, plan, 0, plan->n_slots, row_at(many, first + i), row));
        if (status) return status;
        for (size_t c = 0; c < columns; c++) values[c * n + i] = row[c];
    }
    for (size_t c = 0; c < columns; c++) {
        kinds[c] = CORM_ARRAY;
        arrays[c] = (corm_value){ .kind = CORM_ARRAY,
                                  .element = plan->kinds[c],
                                  .array = { values + c * n, n, true } };
    }
    return run_statement(many, plan, sql, kinds, arrays, columns, first, n);
}

static int by_arrays(const corm_many *many, const corm_query_plan *plan, size_t first,
                     size_t last) {
    size_t size = last - first < MOST_IN_ARRAYS ? last - first : MOST_IN_ARRAYS;
    while (size > 1 && size * plan->n_slots > MOST_VALUES) size /= 2;
    corm_value *values = malloc((size + 1) * plan->n_slots * sizeof *values);
    corm_value *arrays = values ? values + size * plan->n_slots : NULL;
    corm_buffer sql = { 0 };
    int status = values ? statement_of(many, first, 0, &sql) : corm__fail_memory(&many->db->error);
    for (size_t n; first < last && !status; first += n) {
        n = rows_that_fit(many, plan, first, last - first < size ? last - first : size);
        status =
            n ? run_arrays(many, plan, &sql, values, arrays, first, n) : many->db->error.status;
    }
    corm__buffer_release(&sql);
    free(values);
    return status;
}

static bool fits_arrays(const corm_db *db, const corm_query_plan *plan) {
    if (!db->backend->features->arrays || !plan->n_slots) return false;
    for (size_t i = 0; i < plan->n_slots; i++)
        if (plan->kinds[i] == CORM_ARRAY) return false;
    return true;
}

bool corm__many_fits(const corm_db *db, const corm_query_plan *plan) {
    return fits_arrays(db, plan) || db->backend->features->update_join;
}

int corm__many_send(const corm_many *many, const corm_query_plan *plan, size_t first, size_t last) {
    return fits_arrays(many->db, plan) ? by_arrays(many, plan, first, last)
                                       : by_statements(many, plan, first, last);
}

static int insert_run(const corm_many *many, size_t first, size_t last) {
    const corm_features *features = many->db->backend->features;
    corm_query_plan *plan = corm__insert_plan(many->db, many->model, row_at(many, first));
    if (!plan) return many->db->error.status;
    int status;
    if (features->file || plan->identity)
        status = one_by_one(many, plan, first, last);
    else if (features->bulk && (many->nothing_back || !plan->n_returned) && plan->n_slots)
        status = in_bulk(many, plan, first, last);
    else
        status = corm__many_send(many, plan, first, last);
    corm__plan_release(plan);
    return status;
}

int corm__many_runs(const corm_many *many,
                    int (*run)(const corm_many *many, size_t first, size_t last)) {
    int status = 0;
    for (size_t first = 0, last; first < many->n && !status; first = last) {
        for (last = first + 1;
             last < many->n && same_columns(many->model, row_at(many, first), row_at(many, last));)
            last++;
        status = run(many, first, last);
    }
    return status;
}

static int compile(const corm_many *many, const void *row, size_t n, corm_query_plan *plan,
                   corm_buffer *sql) {
    corm_insert_argument argument = { .model = many->model };
    corm__fields_omitted(&argument, row);
    return corm__compile_insert(many->db, &argument, n, plan, sql);
}

/* Identities that came back belong to rows that are gone. */
static void forget_keys(const corm_many *many, const bool *had_key, const corm_field *key) {
    for (size_t i = 0; key && had_key && i < many->n; i++)
        if (!had_key[i]) *(int64_t *)((char *)row_at(many, i) + key->offset) = 0;
}

static int insert(corm_db *db, const corm_model *model, void *rows, size_t n, bool nothing_back) {
    int status = corm__db_enter(db);
    if (status || n == 0) return status;
    status = corm__check_writable(db, model, rows);
    if (!status) status = corm__check_whole(db, model, rows, n);
    if (status) return status;
    corm_arena *returned = corm__returned_arena(db);
    if (!returned) return CORM_ERROR_MEMORY;
    corm__arena_reset(returned);
    corm_many many;
    corm__many_begin(&many, db, model, rows, n);
    many.compile = compile;
    many.nothing_back = nothing_back;
    const corm_field *key = corm__primary_key_field(model);
    if (key && key->kind != CORM_IDENTITY) key = NULL;
    bool *had_key = key ? malloc(n) : NULL;
    if (key && !had_key) return corm__fail_memory(&db->error);
    corm_timestamp now = corm_now();
    for (size_t i = 0; i < n; i++) {
        if (had_key) had_key[i] = !corm__member_unset(key, row_at(&many, i));
        corm__complete_row(model, row_at(&many, i), true, now);
    }
    status = corm_begin(db);
    if (!status) {
        status = corm__end(db, corm__many_runs(&many, insert_run));
        if (status) forget_keys(&many, had_key, key);
    }
    free(had_key);
    return status;
}

int corm__insert_many(corm_db *db, const corm_model *model, void *rows, size_t n) {
    return insert(db, model, rows, n, false);
}

int corm__bulk_load(corm_db *db, const corm_model *model, void *rows, size_t n) {
    return insert(db, model, rows, n, true);
}
