/* Opening a connection: never longer than the deadline, and never deaf to cancel_fd. libpq does the
 * work (hosts, service and password files, TLS) in small steps between which this waits on its
 * socket. */
#include "backend/postgresql/statement.h"
#include "backend/postgresql/wire.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hosts.h"
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

static void add(corm_pg_keywords *list, const char *name, const char *value) {
    if (!value) return;
    for (int i = 0; i < list->n; i++) {
        if (strcmp(list->names[i], name) == 0) {
            list->values[i] = value;
            return;
        }
    }
    if (list->n + 1 >= (int)(sizeof list->names / sizeof *list->names))
        return; /* libpq has fewer keywords than that */
    list->names[list->n] = name;
    list->values[list->n++] = value;
}

static bool one_of(const char *name, const char *const *names) {
    for (; *names; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

/* " -c name=value"; blanks and backslashes inside a value are escaped. */
static void add_option(corm_buffer *out, const char *name, const char *value) {
    corm__buffer_printf(out, "%s-c %s=", out->length ? " " : "", name);
    for (; *value; value++) {
        if (*value == ' ' || *value == '\\' || *value == '\t') corm__buffer_putc(out, '\\');
        corm__buffer_putc(out, *value);
    }
}

int corm__pg_keywords(corm_pg_keywords *list, const corm_connect_options *options, bool plain,
                      corm_error_info *error) {
    PQconninfoOption *known = PQconninfoParse(
        "",
        NULL); /* only the names: PQconndefaults reads the password file of the system each time */
    if (!known) return corm__fail_memory(error);
    corm_buffer session = { 0 };
    if (!plain) add_option(&session, "TimeZone", "UTC");
    for (const corm_parameter *parameter = options->parameters; parameter && parameter->name;
         parameter++) {
        if (!parameter->value) continue;
        if (one_of(parameter->name, corm__pg_session_settings)) {
            if (!plain) add_option(&session, parameter->name, parameter->value);
            continue;
        }
        for (PQconninfoOption *option = known; option->keyword; option++) {
            if (strcmp(option->keyword, parameter->name) != 0) continue;
            if (strcmp(option->keyword, "options") != 0)
                add(list, option->keyword, parameter->value);
            else if (!plain)
                corm__buffer_printf(&session, "%s%s", session.length ? " " : "", parameter->value);
        }
    }
    PQconninfoFree(known);
    /* PGOPTIONS would be hidden by ours. */
    const char *environment = getenv("PGOPTIONS");
    if (!plain && environment && *environment) corm__buffer_printf(&session, " %s", environment);
    add(list, "host", options->host);
    add(list, "port", options->port);
    add(list, "dbname", options->name);
    add(list, "user", options->user);
    add(list, "password", options->password);
    add(list, "client_encoding", "UTF8");
    add(list, "fallback_application_name", "corm");
    char *text =
        session.length ? corm__arena_strdup(list->arena, corm__buffer_text(&session)) : NULL;
    bool broken = corm__buffer_broken(&session) || (session.length && !text);
    corm__buffer_release(&session);
    add(list, "options", text);
    list->names[list->n] = list->values[list->n] = NULL;
    return broken ? corm__fail_memory(error) : 0;
}

/* 0 when the socket is ready; CORM_ERROR_TIMEOUT or CORM_ERROR_CANCELLED. */
static int wait_for(PGconn *pg, PostgresPollingStatusType what, double deadline, int cancel_fd) {
    for (;;) {
        struct pollfd fds[2] = {
            { .fd = PQsocket(pg), .events = what == PGRES_POLLING_READING ? POLLIN : POLLOUT },
            { .fd = cancel_fd, .events = POLLIN },
        };
        int left = -1;
        if (deadline > 0) {
            double seconds = deadline - corm__clock();
            left = seconds <= 0 ? 0 : (int)(seconds * 1000) + 1;
        }
        int ready = poll(fds, cancel_fd >= 0 ? 2 : 1, left);
        if (ready < 0 && errno != EINTR) return CORM_ERROR_CONNECTION;
        if (ready > 0 && cancel_fd >= 0 && fds[1].revents) return CORM_ERROR_CANCELLED;
        if (ready > 0) return 0;
        if (ready == 0) return CORM_ERROR_TIMEOUT;
    }
}

static void ignore_notice(void *context, const char *message) { (void)context, (void)message; }

static int establish(PGconn *pg, const corm_connect_options *options, double deadline,
                     corm_error_info *error) {
    PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
    PQsetNoticeProcessor(pg, ignore_notice, NULL);
    PostgresPollingStatusType what = PGRES_POLLING_WRITING;
    while (PQstatus(pg) != CONNECTION_BAD && what != PGRES_POLLING_OK &&
           what != PGRES_POLLING_FAILED) {
        int status = wait_for(pg, what, deadline, options->cancel_fd);
        if (status == CORM_ERROR_CANCELLED)
            return corm__fail(error, CORM_ERROR_CANCELLED,
                              "connecting to PostgreSQL was cancelled");
        if (status == CORM_ERROR_TIMEOUT) {
            const char *host = PQhost(pg), *port = PQport(pg);
            corm__fail(error, CORM_ERROR_TIMEOUT, "PostgreSQL at %s%s%s did not answer in %d ms",
                       host && *host ? host : "the local socket", port && *port ? ":" : "",
                       port ? port : "", options->timeout_ms);
            corm__error_hint(error,
                             "Check DB_HOST and DB_PORT, and whether a firewall is between.");
            return CORM_ERROR_TIMEOUT;
        }
        what = PQconnectPoll(pg);
    }
    if (PQstatus(pg) != CONNECTION_OK) return corm__pg_fail_connect(pg, error);
    PQsetErrorVerbosity(pg, PQERRORS_DEFAULT);
    return 0;
}

static const char *value_of(const corm_pg_keywords *list, const char *name) {
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->names[i], name) == 0) return list->values[i];
    return NULL;
}

static bool set_in_environment(const char *name) {
    const char *value = getenv(name);
    return value && *value;
}

/* Nobody named a host. PQconninfo leaves out what it has no room for, and is asked for what a
 * service file may say alone. */
static bool took_default_socket(PGconn *pg, const corm_connect_options *options) {
    bool named = options->host || set_in_environment("PGHOST") || set_in_environment("PGHOSTADDR");
    PQconninfoOption *used = named ? NULL : PQconninfo(pg);
    for (PQconninfoOption *option = used; option && option->keyword; option++)
        if (strcmp(option->keyword, "host") == 0 || strcmp(option->keyword, "hostaddr") == 0)
            named |= option->val && *option->val;
    PQconninfoFree(used);
    return used && !named;
}

/* The hosts whose names are to be looked up; NULL when that is libpq's (a service file may name
 * them). */
static const char *named_hosts(const corm_pg_keywords *list) {
    const char *host = value_of(list, "host");
    if (value_of(list, "hostaddr") || set_in_environment("PGHOSTADDR")) return NULL;
    if (host) return host;
    return value_of(list, "service") || set_in_environment("PGSERVICE") ? NULL : getenv("PGHOST");
}

/* host, hostaddr and port for the addresses from the first one on. */
static int set_addresses(corm_pg_keywords *list, const corm_addresses *addresses, int first,
                         corm_error_info *error) {
    corm_buffer texts[3] = { 0 };
    for (int i = first; i < addresses->n; i++) {
        const char *parts[] = { addresses->items[i].host, addresses->items[i].address,
                                addresses->items[i].port };
        for (int part = 0; part < 3; part++)
            corm__buffer_printf(&texts[part], "%s%s", i > first ? "," : "", parts[part]);
    }
    bool ports = false, complete = true;
    for (int i = 0; i < addresses->n; i++) ports |= addresses->items[i].port[0] != 0;
    static const char *const names[] = { "host", "hostaddr", "port" };
    for (int part = 0; part < 3; part++) {
        char *text = corm__buffer_broken(&texts[part])
                         ? NULL
                         : corm__arena_strdup(list->arena, corm__buffer_text(&texts[part]));
        complete &= text != NULL;
        corm__buffer_release(&texts[part]);
        if (part < 2 || ports) add(list, names[part], text);
    }
    list->names[list->n] = list->values[list->n] = NULL;
    return complete ? 0 : corm__fail_memory(error);
}

/* libpq goes on to the next address when one refuses, but not when one is silent: so each has its
 * share of the time. */
static int connect_to(corm_conn *conn, corm_pg_keywords *list, const corm_connect_options *options,
                      double deadline, corm_error_info *error) {
    corm_addresses addresses = { .n = 0 };
    const char *hosts = named_hosts(list);
    /* Each address goes to libpq with its name (hostaddr beside host), so that certificates are
     * checked as ever. */
    corm_hosts what = { .title = "PostgreSQL",
                        .hosts = hosts,
                        .ports = value_of(list, "port"),
                        .timeout_ms = options->timeout_ms,
                        .deadline = deadline,
                        .cancel_fd = options->cancel_fd };
    int status = hosts ? corm__find_hosts(&what, list->arena, &addresses, error) : 0;
    for (int first = 0; !status; first++) {
        if (addresses.n) status = set_addresses(list, &addresses, first, error);
        if (status) return status;
        int left = addresses.n - first;
        double now = corm__clock(),
               share = deadline > 0 && left > 1 ? now + (deadline - now) / left : deadline;
        conn->pg = PQconnectStartParams(list->names, list->values, 0);
        status = conn->pg ? establish(conn->pg, options, share, error) : corm__fail_memory(error);
        if (status != CORM_ERROR_TIMEOUT || left <= 1) return status;
        const char *silent = PQhostaddr(conn->pg);
        for (int i = first; silent && i < addresses.n - 1; i++) {
            const corm_address *address = &addresses.items[i];
            if (strcmp(*address->address ? address->address : address->host, silent) != 0) continue;
            first = i;
            break;
        }
        PQfinish(conn->pg);
        conn->pg = NULL;
        status = 0;
    }
    return status;
}

/* Whether they hold for the session, the server says by who answers. */
static int take_settings(corm_conn *conn, const corm_connect_options *options, bool plain,
                         corm_error_info *error) {
    bool asked = corm__pg_place_settings(conn, options, plain);
    int holds = !conn->local && asked ? corm__pg_lock_holds(conn, error) : 0;
    if (holds < 0) return holds;
    return conn->local || !asked ? corm__pg_make_settings(conn, options, error) : 0;
}

static int try_open(const corm_connect_options *options, bool plain, double deadline,
                    corm_conn *conn, corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_pg_keywords list = { .arena = &arena };
    int status = corm__pg_keywords(&list, options, plain, error);
    if (!status) status = connect_to(conn, &list, options, deadline, error);
    corm__arena_release(&arena);
    if (status) return status;
    corm__pg_note(conn);
    conn->path = corm__pg_wire_possible(conn) ? &corm__pg_wire : &corm__pg_libpq;
    conn->default_socket = took_default_socket(conn->pg, options);
    return take_settings(conn, options, plain, error);
}

int corm__pg_open(const corm_connect_options *options, corm_conn **out, corm_error_info *error) {
    *out = NULL;
    corm_conn *conn = calloc(1, sizeof *conn);
    if (!conn) return corm__fail_memory(error);
    double deadline = options->timeout_ms > 0 ? corm__clock() + options->timeout_ms / 1000.0 : 0;
    /* libpq and the system shall speak English while their texts are told apart: this thread only.
     */
    locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0),
             before = english ? uselocale(english) : (locale_t)0;
    int status = try_open(options, false, deadline, conn, error);
    if (status == CORM_ERROR_PROTOCOL && strcmp(error->sqlstate, "08P01") == 0 &&
        strstr(error->message, "options")) {
        PQfinish(conn->pg);
        conn->pg = NULL;
        corm__error_clear(error);
        status = try_open(options, true, deadline, conn, error);
        if (status == CORM_ERROR_PROTOCOL && set_in_environment("PGOPTIONS"))
            corm__error_hint(error, "Unset PGOPTIONS, which libpq sends; DB_OPTIONS works here.");
    }
    if (english) {
        uselocale(before);
        freelocale(english);
    }
    if (status) {
        corm__pg_close(conn);
        return status;
    }
    *out = conn;
    return 0;
}

void corm__pg_close(corm_conn *conn) {
    if (!conn) return;
    PQfinish(conn->pg);
    corm__buffer_release(&conn->dropped);
    corm__buffer_release(&conn->copy);
    corm__buffer_release(&conn->out);
    free(conn->in.data);
    free(conn->copy_kinds);
    free(conn->settings);
    free(conn);
}

int corm__pg_create_database(const corm_connect_options *options, corm_error_info *error) {
    if (!options->name)
        return corm__fail(error, CORM_ERROR_USAGE, "no name of a database to create: set DB_NAME");
    corm_connect_options maintenance = *options;
    corm_conn *conn;
    maintenance.name = "postgres";
    int status = corm__pg_open(&maintenance, &conn, error);
    if (status == CORM_ERROR_NO_DATABASE) {
        maintenance.name = "template1";
        status = corm__pg_open(&maintenance, &conn, error);
    }
    if (status) return status;
    /* It runs in no transaction, and none of the settings means anything to it. */
    conn->local = false;
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "CREATE DATABASE ");
    corm__pg_identifier(&sql, options->name);
    corm__buffer_puts(&sql, " ENCODING 'UTF8' TEMPLATE template0");
    status = corm__buffer_broken(&sql) ? corm__fail_memory(error)
                                       : corm__pg_exec(conn, corm__buffer_text(&sql), error);
    corm__buffer_release(&sql);
    corm__pg_close(conn);
    /* Another may have made it in the meantime: 42P04, or 23505 when both did at once. */
    if (status &&
        (strcmp(error->sqlstate, "42P04") == 0 || strcmp(error->sqlstate, "23505") == 0)) {
        corm__error_clear(error);
        return 0;
    }
    return status;
}
