#include "backend/mariadb/mariadb.h"
#include "base/error.h"
#include <string.h>

/* The client program reads MYSQL_PWD; a password among its arguments could be read by every user of the machine. */
int corm__mariadb_client(const corm_connect_options *options, const char *const *extra, corm_arena *arena, corm_client *out,
                         corm_error_info *error) {
    size_t n = 0, used = 0;
    while (extra[n]) n++;
    const char **arguments = corm__arena_array(arena, n + 32, sizeof *arguments),
               **environment = corm__arena_array(arena, 2, sizeof *environment);
    if (!arguments || !environment) return corm__fail_memory(error);
    const struct {
        const char *form, *value;
    } own[] = { { "--host=%s", options->host }, { "--port=%s", options->port }, { "--user=%s", options->user } };
    arguments[used++] = "mariadb";
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!own[i].value) continue;
        bool socket = i == 0 && own[i].value[0] == '/';
        if (!(arguments[used++] = corm__arena_printf(arena, socket ? "--socket=%s" : own[i].form, own[i].value)))
            return corm__fail_memory(error);
    }
    arguments[used++] = "--default-character-set=utf8mb4";
    memcpy(arguments + used, extra, n * sizeof *extra);
    if (options->name) arguments[used + n] = options->name;
    if (options->password && !(environment[0] = corm__arena_printf(arena, "MYSQL_PWD=%s", options->password)))
        return corm__fail_memory(error);
    *out = (corm_client){ arguments, environment, "on Debian: apt-get install mariadb-client" };
    return CORM_OK;
}
