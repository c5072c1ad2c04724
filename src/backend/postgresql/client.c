#include "backend/postgresql/postgresql.h"
#include "base/error.h"
#include <string.h>

/* What psql chooses better itself, and secrets, which do not belong on a command line. */
static bool left_out(const char *name) {
    static const char *const names[] = { "password", "sslpassword", "client_encoding",
                                         "fallback_application_name", NULL };
    for (const char *const *n = names; *n; n++)
        if (strcmp(*n, name) == 0) return true;
    return false;
}

/* name='value', with quotes and backslashes escaped, as libpq reads it. */
static void add_keyword(corm_buffer *out, const char *name, const char *value) {
    corm__buffer_printf(out, "%s%s='", out->length ? " " : "", name);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\') corm__buffer_putc(out, '\\');
        corm__buffer_putc(out, *value);
    }
    corm__buffer_putc(out, '\'');
}

/* psql takes all that libpq takes as one argument, so that hosts, service and TLS settings mean the
 * same as in the program. */
int corm__pg_client(const corm_connect_options *options, const char *const *extra,
                    corm_arena *arena, corm_client *out, corm_error_info *error) {
    corm_pg_keywords list = { .arena = arena };
    int status = corm__pg_keywords(&list, options, false, error);
    if (status) return status;
    corm_buffer text = { 0 };
    for (int i = 0; i < list.n; i++)
        if (!left_out(list.names[i])) add_keyword(&text, list.names[i], list.values[i]);
    bool broken = corm__buffer_broken(&text);
    char *connection = broken ? NULL : corm__arena_strdup(arena, corm__buffer_text(&text));
    corm__buffer_release(&text);

    size_t n = 0;
    while (extra[n]) n++;
    const char **arguments = corm__arena_array(arena, n + 4, sizeof *arguments),
               **environment = corm__arena_array(arena, 2, sizeof *environment);
    if (!connection || !arguments || !environment) return corm__fail_memory(error);
    if (options->password &&
        !(environment[0] = corm__arena_printf(arena, "PGPASSWORD=%s", options->password)))
        return corm__fail_memory(error);
    arguments[0] = "psql";
    arguments[1] = "-d";
    arguments[2] = connection;
    memcpy(arguments + 3, extra, n * sizeof *extra);
    *out = (corm_client){ arguments, environment, "on Debian: apt-get install postgresql-client" };
    return CORM_OK;
}
