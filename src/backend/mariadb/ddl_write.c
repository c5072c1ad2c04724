#include "backend/mariadb/ddl.h"
#include "base/error.h"
#include "schema/script.h"

/* Comments are texts in quotes, nothing else: a backslash is one in the sessions that corm opens.
 */
static void write_quoted(corm_buffer *out, const char *text) {
    corm__buffer_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') corm__buffer_putc(out, '\'');
        corm__buffer_putc(out, *text);
    }
    corm__buffer_putc(out, '\'');
}

static void write_pattern(corm_buffer *out, const char *pattern, va_list arguments) {
    corm__sql_pattern(out, corm__mariadb_identifier, write_quoted, pattern, arguments);
}

void corm__mariadb_write(corm_buffer *out, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    write_pattern(out, pattern, arguments);
    va_end(arguments);
}

int corm__mariadb_add_statement(corm_script *script, const char *pattern, ...) {
    corm_buffer out = { 0 };
    va_list arguments;
    va_start(arguments, pattern);
    write_pattern(&out, pattern, arguments);
    va_end(arguments);
    return corm__script_step(script, &out);
}

int corm__mariadb_refuse(corm_script *script, const char *where, const char *name,
                         const char *what) {
    return corm__fail(script->error, CORM_ERROR_UNSUPPORTED, "%s %s: MariaDB does not have %s",
                      where, name, what);
}

int corm__mariadb_ask(corm_script *script, corm_conn *conn, const char **first, const char *pattern,
                      ...) {
    enum { NO_SUCH_TABLE = 1146 };
    if (first) *first = NULL;
    if (!conn) return 0;
    corm_buffer sql = { 0 };
    va_list arguments;
    va_start(arguments, pattern);
    write_pattern(&sql, pattern, arguments);
    va_end(arguments);
    if (corm__buffer_broken(&sql)) {
        corm__buffer_release(&sql);
        return corm__fail_memory(script->error);
    }
    MYSQL_RES *result = corm__mariadb_query(conn, corm__buffer_text(&sql), "?", script->error);
    corm__buffer_release(&sql);
    if (!result && mysql_errno(conn->mysql) == NO_SUCH_TABLE) {
        corm__error_clear(script->error);
        return 0;
    }
    if (!result) return script->error->status;
    MYSQL_ROW row = mysql_fetch_row(result);
    bool any = row != NULL, asked = any && first && row[0];
    if (asked) *first = corm__arena_strdup(script->arena, row[0]);
    mysql_free_result(result);
    return asked && !*first ? corm__fail_memory(script->error) : any;
}

const char *corm__mariadb_if_exists(const corm_script *script, bool exists) {
    if (corm__mariadb_version_is_mysql(script->version)) return "";
    return exists ? "IF EXISTS " : "IF NOT EXISTS ";
}

void corm__mariadb_clause(corm_mariadb_alter *alter, const char *pattern, ...) {
    if (alter->n == 0) {
        bool unchecked =
            alter->unchecked && !corm__mariadb_version_is_mysql(alter->script->version);
        corm__mariadb_write(&alter->text, "%SALTER TABLE %I ",
                            unchecked ? "SET STATEMENT foreign_key_checks = 0 FOR " : "",
                            alter->table);
    }
    if (alter->n++ > 0) corm__buffer_puts(&alter->text, ", ");
    va_list arguments;
    va_start(arguments, pattern);
    write_pattern(&alter->text, pattern, arguments);
    va_end(arguments);
}

int corm__mariadb_alter_end(corm_mariadb_alter *alter, int status) {
    if (!status && alter->n > 0) return corm__script_step(alter->script, &alter->text);
    corm__buffer_release(&alter->text);
    return status;
}
