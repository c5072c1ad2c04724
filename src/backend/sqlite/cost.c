/* What a change costs on SQLite, taken from the statements that ddl.c writes for it: a table that
 * is made anew is copied, and so is each row when a column is dropped in place; an index is built
 * from all rows; all else touches the schema alone. Whoever writes locks the whole database;
 * readers go on (WAL). A test counts the pages that are read and written. */
#include "backend/sqlite/ddl.h"
#include "backend/sqlite/driver.h"
#include <string.h>

static const char quiet[] =
    "let it run when few write, with room on the disk for a copy of the table";

static const char *instead_of_rebuild(const corm_change *change) {
    const corm_column *column = change->column_after;
    const corm_constraint *constraint = change->constraint_after;
    if (change->kind == CORM_ADD_COLUMN && column &&
        column->default_value.kind == CORM_DEFAULT_NONE && !column->null && !column->generated)
        return "give the column a constant default, or let it be NULL: then it is added in place";
    if (change->kind == CORM_ADD_CONSTRAINT && constraint &&
        constraint->kind == CORM_CONSTRAINT_UNIQUE)
        return "make a unique index instead: it says the same, and the table is only read";
    return quiet;
}

static bool begins(const char *sql, const char *words) {
    return strncmp(sql, words, strlen(words)) == 0;
}

static corm_change_cost cost_of(const corm_change *change, const corm_script *script) {
    corm_change_cost cost = { .cost = CORM_COST_INSTANT, .why = "only the schema changes" };
    bool creates = change->kind == CORM_CREATE_TABLE || change->kind == CORM_DELETE_TABLE;
    if (script->foreign_keys_off && !creates)
        return (corm_change_cost){
            CORM_COST_REWRITE, false, true,
            "the table is made anew and its rows are copied, and nobody else writes meanwhile",
            instead_of_rebuild(change)
        };
    for (size_t i = 0; i < script->n_steps && !creates; i++) {
        const char *sql = script->steps[i].sql;
        if (strstr(sql, " DROP COLUMN "))
            return (corm_change_cost){
                CORM_COST_REWRITE, false, true,
                "each row is written without the column, and nobody else writes meanwhile", quiet
            };
        if (begins(sql, "UPDATE "))
            return (corm_change_cost){ CORM_COST_REWRITE, false, true,
                                       "each row gets the value, and nobody else writes meanwhile",
                                       "give the column a default, or fill the rows in batches" };
        if (begins(sql, "CREATE INDEX ") || begins(sql, "CREATE UNIQUE INDEX "))
            cost = (corm_change_cost){
                CORM_COST_SCAN, false, true,
                "the index is built from all rows, and nobody else writes meanwhile",
                "let it run when few write"
            };
    }
    return cost;
}

int corm__sqlite_cost(const corm_change *change, int version, corm_change_cost *out) {
    corm_arena arena = { 0 };
    corm_error_info error;
    corm_script script = { .arena = &arena, .version = version, .error = &error };
    *out = (corm_change_cost){ CORM_COST_REWRITE, false, true, "it cannot be said what this takes",
                               NULL };
    int status = corm__sqlite_ddl(&script, change, NULL);
    if (!status) *out = cost_of(change, &script);
    corm__arena_release(&arena);
    return status == CORM_ERROR_MEMORY ? status : 0;
}
