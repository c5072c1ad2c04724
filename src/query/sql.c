/* corm_sql: SQL by hand into structs. ? is a parameter and ?? a question mark; inside of strings,
 * quoted names and comments both are left alone. The columns of the result and the members of the
 * struct must be the same set: what is missing on either side is an error that names it. */
#include "base/ascii.h"
#include "base/error.h"
#include "query/query.h"
#include <string.h>

/* The length of a string, quoted name or comment that starts at p; 0 when none does. */
static size_t quoted_length(const char *p) {
    if (p[0] == '-' && p[1] == '-') return strcspn(p, "\n");
    if (p[0] == '/' && p[1] == '*') {
        const char *end = strstr(p + 2, "*/");
        return end ? (size_t)(end - p) + 2 : strlen(p);
    }
    if (*p == '$') { /* $tag$ … $tag$ */
        size_t tag = 1;
        while (corm__is_alpha(p[tag]) || p[tag] == '_' || (tag > 1 && corm__is_digit(p[tag])))
            tag++;
        if (p[tag] != '$') return 0;
        for (const char *end = p + ++tag; (end = strchr(end, '$')); end++)
            if (strncmp(end, p, tag) == 0) return (size_t)(end - p) + tag;
        return strlen(p);
    }
    if (*p != '\'' && *p != '"' && *p != '`') return 0;
    bool escapes = *p == '\'' && (p[-1] == 'E' || p[-1] == 'e');
    size_t i = 1;
    while (p[i] && p[i] != *p) i += escapes && p[i] == '\\' && p[i + 1] ? 2 : 1;
    return p[i] ? i + 1 : i;
}

/* A quote may look at the character before it: text begins with a space. */
static int translate(corm_db *db, const char *text, const corm_value *values, size_t n,
                     corm_buffer *out) {
    size_t number = 0;
    for (const char *p = text + 1; *p;) {
        size_t length = quoted_length(p);
        if (length) {
            corm__buffer_add(out, p, length);
            p += length;
        } else if (p[0] == '?' && p[1] == '?') {
            corm__buffer_putc(out, '?');
            p += 2;
        } else if (*p == '?') {
            if (number < n)
                db->backend->placeholder(out, (int)number + 1, values[number].kind,
                                         values[number].element);
            number++;
            p++;
        } else {
            corm__buffer_putc(out, *p++);
        }
    }
    if (number == n) return out->broken ? corm__fail_memory(&db->error) : 0;
    corm__db_fail(db, CORM_ERROR_USAGE, "the SQL has %zu parameters, %zu values are given", number,
                  n);
    corm__error_hint(&db->error, "each ? is a parameter; write ?? for a question mark");
    return CORM_ERROR_USAGE;
}

typedef struct sql_argument {
    const char *text;
    const corm_value *values;
    size_t n;
} sql_argument;

static int compile_sql(corm_db *db, const void *argument, const corm_shape *shape,
                       corm_query_plan *plan) {
    (void)shape;
    const sql_argument *sql = argument;
    corm_buffer text = { 0 }, spaced = { 0 };
    plan->kinds = corm__arena_array(&plan->arena, sql->n, sizeof *plan->kinds);
    corm__buffer_putc(&spaced, ' ');
    corm__buffer_puts(&spaced, sql->text);
    int status = plan->kinds && !spaced.broken
                     ? translate(db, spaced.data, sql->values, sql->n, &text)
                     : corm__fail_memory(&db->error);
    for (size_t i = 0; i < sql->n && !status; i++) plan->kinds[i] = sql->values[i].kind;
    plan->n_fields = sql->n;
    if (!status) {
        plan->sql_length = text.length;
        plan->sql = corm__buffer_copy(&text, &plan->arena);
        if (!plan->sql) status = corm__fail_memory(&db->error);
    }
    corm__buffer_release(&text);
    corm__buffer_release(&spaced);
    return status;
}

static int field_of_result(corm_db *db, const corm_model *row, const char *name, corm_arena *arena,
                           const corm_field **out) {
    for (size_t i = 0; i < row->n_fields; i++) {
        if (!corm__field_is_column(&row->fields[i])) continue;
        const char *column = corm__field_column(&row->fields[i], arena);
        if (!column) return corm__fail_memory(&db->error);
        if (corm__compare_nocase(column, name) != 0) continue;
        *out = &row->fields[i];
        return 0;
    }
    corm__db_fail(db, CORM_ERROR_TYPE, "the result has a column '%s', %s has no such member", name,
                  row->name);
    corm__error_set(db->error.column, sizeof db->error.column, "%s", name);
    corm__error_hint(&db->error, "select what %s has, or name the column with AS", row->name);
    return CORM_ERROR_TYPE;
}

/* Members and columns, one for one. */
static int match(corm_db *db, const corm_model *row, corm_stmt *stmt, corm_arena *arena,
                 corm_fetch *fetch) {
    int n = db->backend->column_count(stmt);
    *fetch = (corm_fetch){ 0 };
    if (!n) return 0; /* an UPDATE, say: it runs, and gives no rows */
    corm_fetch_column *columns = corm__arena_array(arena, (size_t)n, sizeof *columns);
    bool *seen = corm__arena_array(arena, row->n_fields, sizeof *seen);
    if (!columns || !seen) return corm__fail_memory(&db->error);
    for (int i = 0; i < n; i++) {
        const corm_field *field = NULL;
        corm_column column;
        int status = field_of_result(db, row, db->backend->column_name(stmt, i), arena, &field);
        if (status) return status;
        if (seen[field - row->fields])
            return corm__db_fail(db, CORM_ERROR_TYPE, "the result has two columns '%s'",
                                 field->name);
        seen[field - row->fields] = true;
        if (corm__column_of_field(row, field, arena, &column)) return corm__fail_memory(&db->error);
        corm__fetch_member(field, &column, &columns[i]);
    }
    for (size_t i = 0; i < row->n_fields; i++) {
        if (seen[i] || !corm__field_is_column(&row->fields[i])) continue;
        corm__db_fail(db, CORM_ERROR_TYPE, "%s.%s: the result has no column '%s'", row->name,
                      row->fields[i].name, corm__field_column(&row->fields[i], arena));
        corm__error_set(db->error.column, sizeof db->error.column, "%s", row->fields[i].name);
        return CORM_ERROR_TYPE;
    }
    *fetch = (corm_fetch){ columns, (uint32_t)n, 1 };
    return 0;
}

static int read_rows(corm_db *db, corm_stmt *stmt, const corm_fetch *fetch, corm_rows *rows) {
    for (;;) {
        void *objects[] = { corm__rows_next(rows) };
        if (!objects[0]) return corm__fail_memory(&db->error);
        int status = corm__step(db, stmt, fetch, objects, &rows->result->arena);
        if (status <= 0) return status;
        rows->length++;
    }
}

static int run(corm_db *db, const corm_model *row, const corm_query_plan *plan,
               const corm_value *values, corm_rows *rows) {
    corm_stmt *stmt = NULL;
    corm_arena scratch = { 0 };
    corm_fetch fetch;
    int status =
        corm__prepare(db, plan->sql, plan->sql_length, plan->kinds, (int)plan->n_fields, &stmt);
    if (!status) status = corm__execute(db, stmt, values, (int)plan->n_fields, 0);
    if (!status) {
        status = match(db, row, stmt, &scratch, &fetch);
        if (status && status != CORM_ERROR_MEMORY) corm__break(db);
    }
    if (!status) status = read_rows(db, stmt, &fetch, rows);
    corm__finish(db, stmt);
    corm__arena_release(&scratch);
    return status;
}

void *corm__sql(corm_db *db, const corm_model *row, const char *sql, const corm_value *values,
                size_t n) {
    corm_shape shape;
    corm_rows rows;
    if (corm__db_enter(db)) return NULL;
    if (!sql) {
        corm__db_fail(db, CORM_ERROR_USAGE, "corm_sql without SQL");
        return NULL;
    }
    corm__shape_begin(&shape, CORM_WHAT_SQL, row);
    for (size_t i = 0; i < n; i++)
        corm__shape_bytes(
            &shape,
            (unsigned char[]){ (unsigned char)values[i].kind, (unsigned char)values[i].element },
            2);
    corm__shape_bytes(&shape, sql, strlen(sql));
    corm_query_plan *plan =
        corm__plan_get(db, &shape, compile_sql, &(sql_argument){ sql, values, n });
    corm__shape_end(&shape);
    int status = plan ? 0 : db->error.status;
    if (!status && corm__rows_begin(&rows, row->size, 0))
        status = corm__fail_memory(&db->error);
    else if (!status) {
        status = run(db, row, plan, values, &rows);
        if (status) corm__rows_drop(&rows);
    }
    corm__plan_release(plan);
    return status ? NULL : corm__rows_end(&rows);
}
