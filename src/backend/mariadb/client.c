#include "backend/mariadb/mariadb.h"
#include "base/error.h"
#include <string.h>

enum { MOST_ARGUMENTS = 16 };

typedef struct client_arguments {
    corm_arena *arena;
    const char **items;
    size_t n;
    bool broken;
} client_arguments;

static void add(client_arguments *arguments, const char *form, const char *value) {
    if (!value) return;
    const char *text = corm__arena_printf(arguments->arena, form, value);
    arguments->broken |= !text;
    arguments->items[arguments->n++] = text;
}

/* The client has one host: of several, the first. */
static void add_server(client_arguments *arguments, const corm_connect_options *options) {
    char path[4096];
    if (!options->host) return;
    char *host = corm__arena_strndup(arguments->arena, options->host, strcspn(options->host, ","));
    const char *port = options->port ? corm__arena_strndup(arguments->arena, options->port,
                                                           strcspn(options->port, ","))
                                     : NULL;
    arguments->broken |= !host || (options->port && !port);
    const char *socket = host ? corm__mariadb_socket(host, path, sizeof path) : NULL;
    add(arguments, "--socket=%s", socket);
    if (socket) return;
    add(arguments, "--host=%s", host);
    add(arguments, "--port=%s", port && *port ? port : NULL);
    add(arguments, "--protocol=%s", "tcp");
}

static void add_tls(client_arguments *arguments, const corm_connect_options *options) {
    static const char *const files[][2] = { { "sslrootcert", "--ssl-ca=%s" },
                                            { "sslcert", "--ssl-cert=%s" },
                                            { "sslkey", "--ssl-key=%s" },
                                            { "sslcrl", "--ssl-crl=%s" } };
    const char *mode = corm__mariadb_parameter(options, "sslmode");
    if (!mode) mode = "";
    if (strcmp(mode, "disable") == 0) add(arguments, "%s", "--skip-ssl");
    if (strcmp(mode, "require") == 0 || strncmp(mode, "verify-", 7) == 0)
        add(arguments, "%s", "--ssl");
    if (strncmp(mode, "verify-", 7) == 0) add(arguments, "%s", "--ssl-verify-server-cert");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        add(arguments, files[i][1], corm__mariadb_parameter(options, files[i][0]));
}

/* The client program reads MYSQL_PWD; a password among its arguments could be read by every user of
 * the machine. */
int corm__mariadb_client(const corm_connect_options *options, const char *const *extra,
                         corm_arena *arena, corm_client *out, corm_error_info *error) {
    size_t n = 0;
    while (extra[n]) n++;
    client_arguments arguments = { .arena = arena,
                                   .items = corm__arena_array(arena, n + MOST_ARGUMENTS,
                                                              sizeof *arguments.items) };
    const char **environment = corm__arena_array(arena, 2, sizeof *environment);
    if (!arguments.items || !environment) return corm__fail_memory(error);
    arguments.items[arguments.n++] = "mariadb";
    add_server(&arguments, options);
    add(&arguments, "--user=%s", options->user);
    add(&arguments, "--default-character-set=%s", "utf8mb4");
    add_tls(&arguments, options);
    add(&arguments, "--database=%s", options->name);
    memcpy(arguments.items + arguments.n, extra, n * sizeof *extra);
    if (options->password) {
        environment[0] = corm__arena_printf(arena, "MYSQL_PWD=%s", options->password);
        arguments.broken |= !environment[0];
    }
    if (arguments.broken) return corm__fail_memory(error);
    *out =
        (corm_client){ arguments.items, environment, "on Debian: apt-get install mariadb-client" };
    return CORM_OK;
}
