/* Rows that a change of type would not leave as they are: counted before it. */
#include "base/error.h"
#include "migrate/execute/rehearsal.h"
#include "schema/loss.h"
#include <inttypes.h>
#include <string.h>

static int lock_table(corm_executor *x, const char *table) {
    const char *pattern = x->db->backend->lock_table;
    corm_buffer sql = { 0 };
    if (!pattern || !x->db->backend->in_transaction(x->db->conn)) return 0;
    const char *at = strstr(pattern, "{0}");
    corm__buffer_add(&sql, pattern, (size_t)(at - pattern));
    x->db->backend->identifier(&sql, table);
    corm__buffer_puts(&sql, at + 3);
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(&x->db->error)
                                           : corm_exec(x->db, corm__buffer_text(&sql));
    corm__buffer_release(&sql);
    return status;
}

static int count(corm_executor *x, const char *sql, int64_t *out) {
    static const corm_fetch_column column = { .kind = CORM_BIGINT, .name = "count" };
    static const corm_fetch fetch = { &column, 1, 1 };
    void *objects[] = { out };
    corm_stmt *stmt;
    int status = corm__prepare(x->db, sql, strlen(sql), NULL, 0, &stmt);
    if (status) return status;
    status = corm__execute(x->db, stmt, NULL, 0, 0);
    if (!status) status = corm__step(x->db, stmt, &fetch, objects, &x->scratch);
    corm__finish(x->db, stmt);
    return status < 0 ? status : 0;
}

static void write_type(const corm_column *column, char out[64]) {
    const char *name = corm_kind_name(column->kind);
    if (column->kind == CORM_VARCHAR)
        corm__error_set(out, 64, "%s(%d)", name, column->max_length);
    else if (column->kind == CORM_DECIMAL)
        corm__error_set(out, 64, "%s(%d, %d)", name, column->digits, column->places);
    else
        corm__error_set(out, 64, "%s", name);
}

static int refuse(corm_executor *x, const corm_table *table, const corm_column *before,
                  const corm_column *after, const corm_loss *loss, int64_t rows,
                  const char *condition) {
    char type[64];
    corm_error_info *error = &x->db->error;
    write_type(after, type);
    corm__db_fail(x->db, CORM_ERROR_MIGRATION,
                  "%" PRId64 " row%s of %s %s a value in %s that %s does not keep: %s", rows,
                  rows == 1 ? "" : "s", table->name, rows == 1 ? "has" : "have", before->name, type,
                  loss->why);
    corm__error_set(error->table, sizeof error->table, "%s", table->name);
    corm__error_set(error->column, sizeof error->column, "%s", before->name);
    corm__error_hint(
        error, "Nothing of this was changed. They are those WHERE %s. Correct them%s.", condition,
        loss->always ? "" : ", or give the operation .lossy = true to let them change");
    return CORM_ERROR_MIGRATION;
}

int corm__check_rows(corm_executor *x, const corm_operation *operation, const corm_table *live,
                     const corm_change *change) {
    corm_loss loss;
    const corm_column *after = change->column_after,
                      *before = live && change->column_before
                                    ? corm__column_find(live, change->column_before->name)
                                    : NULL;
    if (change->kind != CORM_ALTER_COLUMN || !before || !after ||
        (after->generated && *after->generated) || !x->db->backend->loses ||
        !corm__loss_of(before, after, &loss) || (operation->lossy && !loss.always))
        return 0;
    corm_buffer condition = { 0 }, sql = { 0 };
    x->db->backend->loses(&condition, before, after);
    corm__buffer_puts(&sql, "SELECT count(*) FROM ");
    x->db->backend->identifier(&sql, live->name);
    corm__buffer_printf(&sql, " WHERE %s", corm__buffer_text(&condition));
    bool broken = corm__buffer_broken(&condition) || corm__buffer_broken(&sql);
    int status = broken ? corm__fail_memory(&x->db->error) : 0;
    int64_t rows = 0;
    if (!status && condition.length) {
        status = lock_table(x, live->name);
        if (!status) status = count(x, corm__buffer_text(&sql), &rows);
        if (!status && rows)
            status = refuse(x, live, before, after, &loss, rows, corm__buffer_text(&condition));
    }
    corm__buffer_release(&condition);
    corm__buffer_release(&sql);
    return status;
}

static bool has_value(const corm_default *value) {
    return value && value->kind != CORM_DEFAULT_NONE;
}

int corm__check_nulls(corm_executor *x, const corm_change *change) {
    const corm_column *before = change->column_before, *after = change->column_after;
    bool adds = change->kind == CORM_ADD_COLUMN,
         narrows = change->kind == CORM_ALTER_COLUMN && before->null;
    if ((!adds && !narrows) || after->null || (after->generated && *after->generated) ||
        after->kind == CORM_IDENTITY || has_value(change->fill) ||
        (adds && has_value(&after->default_value)))
        return 0;
    corm_buffer sql = { 0 };
    int64_t rows = 0;
    corm__buffer_puts(&sql, "SELECT count(*) FROM ");
    x->db->backend->identifier(&sql, change->before->name);
    if (narrows) {
        corm__buffer_puts(&sql, " WHERE ");
        x->db->backend->identifier(&sql, before->name);
        corm__buffer_puts(&sql, " IS NULL");
    }
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(&x->db->error)
                                           : count(x, corm__buffer_text(&sql), &rows);
    corm__buffer_release(&sql);
    if (status || !rows) return status;
    corm_error_info *error = &x->db->error;
    corm__db_fail(x->db, CORM_ERROR_NOT_NULL, "column \"%s\" of table \"%s\" contains null values",
                  after->name, change->before->name);
    corm__error_set(error->table, sizeof error->table, "%s", change->before->name);
    corm__error_set(error->column, sizeof error->column, "%s", after->name);
    return CORM_ERROR_NOT_NULL;
}
