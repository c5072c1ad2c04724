/* What engines leave out of their messages and the statement that failed says: its table, and what
 * the query layer's aliases t0, t1, … stand for. */
#include "base/ascii.h"
#include "base/error.h"
#include "db/internal.h"
#include <string.h>

/* The table that an INSERT, UPDATE or DELETE of corm names. */
static void read_table(const char *sql, corm_error_info *error) {
    static const char *const starts[] = { "INSERT INTO ", "UPDATE ", "DELETE FROM " };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t length = strlen(starts[i]);
        if (corm__compare_nocase_n(sql, starts[i], length) != 0 ||
            (sql[length] != '`' && sql[length] != '"'))
            continue;
        const char *name = sql + length + 1, *end = strchr(name, sql[length]);
        if (end)
            corm__error_set(error->table, sizeof error->table, "%.*s", (int)(end - name), name);
    }
}

/* "t0.title" in a message becomes "posts.title". */
static void name_alias(const char *sql, corm_error_info *error) {
    char *at = error->message, as[16], rest[sizeof error->message];
    while (*at && !(at[0] == 't' && corm__is_digit(at[1]) &&
                    (at == error->message || strchr(" '\"`", at[-1]))))
        at++;
    size_t length = *at ? 1 + strspn(at + 1, "0123456789") : 0;
    if (at[length] != '.' || length > 8) return;
    corm__error_set(as, sizeof as, " AS %.*s", (int)length, at);
    const char *found = sql;
    while ((found = strstr(found, as)) && corm__is_digit(found[strlen(as)])) found++;
    if (!found || found == sql || (found[-1] != '"' && found[-1] != '`')) return;
    const char *end = found - 1, *name = end;
    while (name > sql && name[-1] != *end) name--;
    corm__error_set(error->table, sizeof error->table, "%.*s", (int)(end - name), name);
    corm__error_set(rest, sizeof rest, "%s", at + length);
    corm__error_set(at, (size_t)(error->message + sizeof error->message - at), "%s%s",
                    error->table, rest);
}

void corm__explain(const char *sql, corm_error_info *error) {
    const char *state = error->sqlstate;
    if (strcmp(state, "42703") == 0 || strcmp(state, "42S22") == 0) name_alias(sql, error);
    if (!error->table[0] && (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0))
        read_table(sql, error);
    if (error->status != CORM_ERROR_FOREIGN_KEY || !error->table[0] ||
        strstr(error->message, error->table))
        return;
    size_t length = strlen(error->message);
    corm__error_set(error->message + length, sizeof error->message - length, ": table %s",
                    error->table);
    corm__error_hint(error, *sql == 'D'   ? "rows of other tables point at it"
                            : *sql == 'I' ? "a row that it points at is not there"
                                          : "");
}
