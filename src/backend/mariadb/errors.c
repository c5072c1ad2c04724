/* Errors of the server and of the client library as statuses: the number decides, and where it says
 * too little, the SQLSTATE. Names of constraints and columns stand in the messages only, which are
 * in English, since the session asks for it (connect.c). */
#include "backend/mariadb/mariadb.h"
#include "base/ascii.h"
#include "base/error.h"
#include <errmsg.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
    unsigned number;
    corm_status status;
} numbers[] = {
    { 1020, CORM_ERROR_SERIALIZATION }, /* record has changed since last read */
    { 1021, CORM_ERROR_FULL },
    { 1030, CORM_ERROR_IO },
    { 1037, CORM_ERROR_DATABASE },
    { 1040, CORM_ERROR_TOO_MANY_CONNECTIONS },
    { 1044, CORM_ERROR_PERMISSION },
    { 1045, CORM_ERROR_AUTHENTICATION },
    { 1047, CORM_ERROR_STARTING }, /* a node of a Galera cluster that is not part of it yet */
    { 1048, CORM_ERROR_NOT_NULL },
    { 1049, CORM_ERROR_NO_DATABASE },
    { 1051, CORM_ERROR_NO_TABLE },
    { 1053, CORM_ERROR_CONNECTION },
    { 1062, CORM_ERROR_UNIQUE },
    { 1114, CORM_ERROR_FULL },
    { 1129, CORM_ERROR_AUTHENTICATION },
    { 1130, CORM_ERROR_AUTHENTICATION },
    { 1142, CORM_ERROR_PERMISSION },
    { 1143, CORM_ERROR_PERMISSION },
    { 1146, CORM_ERROR_NO_TABLE },
    { 1194, CORM_ERROR_CORRUPT },
    { 1203, CORM_ERROR_TOO_MANY_CONNECTIONS },
    { 1205, CORM_ERROR_LOCKED },
    { 1213, CORM_ERROR_DEADLOCK },
    { 1216, CORM_ERROR_FOREIGN_KEY },
    { 1217, CORM_ERROR_FOREIGN_KEY },
    { 1226, CORM_ERROR_TOO_MANY_CONNECTIONS },
    { 1227, CORM_ERROR_PERMISSION },
    { 1242, CORM_ERROR_MULTIPLE_ROWS }, /* of a subquery; see key_taken in dialect.c */
    { 1251, CORM_ERROR_AUTHENTICATION },
    { 1264, CORM_ERROR_RANGE },
    { 1290, CORM_ERROR_READ_ONLY },
    { 1292, CORM_ERROR_TYPE },
    { 1317, CORM_ERROR_CANCELLED },
    { 1364, CORM_ERROR_NOT_NULL },
    { 1365, CORM_ERROR_RANGE },
    { 1366, CORM_ERROR_TYPE },
    { 1406, CORM_ERROR_RANGE },
    { 1451, CORM_ERROR_FOREIGN_KEY },
    { 1452, CORM_ERROR_FOREIGN_KEY },
    { 1568, CORM_ERROR_TRANSACTION },
    { 1586, CORM_ERROR_UNIQUE },
    { 1690, CORM_ERROR_RANGE },
    { 1698, CORM_ERROR_AUTHENTICATION },
    { 1792, CORM_ERROR_READ_ONLY },
    { 1836, CORM_ERROR_READ_ONLY },
    { 1927, CORM_ERROR_CONNECTION },
    { 1969, CORM_ERROR_TIMEOUT },
    { 3024, CORM_ERROR_TIMEOUT },
    { 3572, CORM_ERROR_LOCKED },
    { 3819, CORM_ERROR_CHECK },
    { 4025, CORM_ERROR_CHECK },
    { CR_UNKNOWN_ERROR, CORM_ERROR_PROTOCOL },
    { CR_SOCKET_CREATE_ERROR, CORM_ERROR_CONNECTION },
    { CR_CONNECTION_ERROR, CORM_ERROR_CONNECTION },
    { CR_CONN_HOST_ERROR, CORM_ERROR_CONNECTION },
    { CR_UNKNOWN_HOST, CORM_ERROR_CONNECTION },
    { CR_SERVER_GONE_ERROR, CORM_ERROR_CONNECTION },
    { CR_OUT_OF_MEMORY, CORM_ERROR_MEMORY },
    { CR_SERVER_LOST, CORM_ERROR_CONNECTION },
    { CR_COMMANDS_OUT_OF_SYNC, CORM_ERROR_PROTOCOL },
    { CR_SSL_CONNECTION_ERROR, CORM_ERROR_TLS },
    { CR_MALFORMED_PACKET, CORM_ERROR_PROTOCOL },
    { 2055, CORM_ERROR_CONNECTION }, /* lost at …, system error */
    { CR_AUTH_PLUGIN_CANNOT_LOAD, CORM_ERROR_AUTHENTICATION },
    { 2061, CORM_ERROR_AUTHENTICATION }, /* a plugin's own */
};

static const struct {
    const char *prefix;
    corm_status status;
} states[] = {
    { "08", CORM_ERROR_CONNECTION },  { "0A", CORM_ERROR_UNSUPPORTED },
    { "22", CORM_ERROR_RANGE },       { "23", CORM_ERROR_CONSTRAINT },
    { "25", CORM_ERROR_TRANSACTION }, { "40", CORM_ERROR_SERIALIZATION },
    { "42", CORM_ERROR_SQL },
};

corm_status corm__mariadb_status(unsigned number, const char *sqlstate) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].number == number) return numbers[i].status;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(sqlstate, states[i].prefix, 2) == 0) return states[i].status;
    return CORM_ERROR_DATABASE;
}

static const char *hint_for(corm_status status, unsigned number) {
    if (number == 1054) return "Run makemigrations and migrate, or check the column's name.";
    switch ((int)status) {
    case CORM_ERROR_TOO_MANY_CONNECTIONS:
        return "Close connections, or raise max_connections of the server.";
    case CORM_ERROR_NO_DATABASE: return "Create the database, or check DB_NAME.";
    case CORM_ERROR_AUTHENTICATION:
        return "Check DB_USER and DB_PASS, and from where the server lets this user connect.";
    case CORM_ERROR_STARTING: return "Wait for it: wait_for_db does.";
    case CORM_ERROR_NO_TABLE: return "Run migrate, or check the name.";
    case CORM_ERROR_LOCKED:
        return "Another session holds the lock: try again, or look at SHOW PROCESSLIST.";
    case CORM_ERROR_DEADLOCK:
    case CORM_ERROR_SERIALIZATION: return "Run the transaction again; corm_atomic does.";
    case CORM_ERROR_FULL: return "Free space on the server's disk.";
    default: return "";
    }
}

/* The text between mark and mark that follows the last (or first) prefix in message; "" when there
 * is none. */
static void between(char *field, size_t size, const char *message, const char *prefix, char mark,
                    bool last) {
    const char *found = NULL;
    for (const char *p = message; (p = strstr(p, prefix)); p++) {
        found = p + strlen(prefix);
        if (!last) break;
    }
    const char *end = found ? strchr(found, mark) : NULL;
    if (end) corm__error_set(field, size, "%.*s", (int)(end - found), found);
}

/* The server quotes as the session's mode has it: with double quotes, or with backticks before the
 * mode is set. */
static void read_names(unsigned number, const char *text, corm_error_info *error) {
    char message[sizeof error->message];
    corm__error_set(message, sizeof message, "%s", text);
    for (char *p = message; *p; p++)
        if (*p == '"') *p = '`';
    switch (number) {
    case 1062: /* Duplicate entry '…' for key 'name'; MySQL: 'table.name' */
    case 1586: {
        between(error->constraint, sizeof error->constraint, message, " for key '", '\'', true);
        const char *dot = strchr(error->constraint, '.');
        if (!dot) return;
        corm__error_set(error->table, sizeof error->table, "%.*s", (int)(dot - error->constraint),
                        error->constraint);
        memmove(error->constraint, dot + 1, strlen(dot + 1) + 1);
        return;
    }
    case 1451: /* … (`db`.`table`, CONSTRAINT `name` FOREIGN KEY (`column`) REFERENCES … */
    case 1452:
        between(error->constraint, sizeof error->constraint, message, "CONSTRAINT `", '`', false);
        between(error->column, sizeof error->column, message, "FOREIGN KEY (`", '`', false);
        between(error->table, sizeof error->table, message, "`.`", '`', false);
        return;
    case 4025: /* CONSTRAINT `name` failed for `db`.`table` */
        between(error->constraint, sizeof error->constraint, message, "CONSTRAINT `", '`', false);
        between(error->table, sizeof error->table, message, "`.`", '`', true);
        return;
    case 3819:
        between(error->constraint, sizeof error->constraint, message, "constraint '", '\'', false);
        return;
    case 1048:
        between(error->column, sizeof error->column, message, "Column '", '\'', false);
        return;
    case 1364:
        between(error->column, sizeof error->column, message, "Field '", '\'', false);
        return;
    case 1264:
    case 1406:
        between(error->column, sizeof error->column, message, "for column '", '\'', true);
        return;
    case 1146: between(error->table, sizeof error->table, message, ".", '\'', false); return;
    }
}

static void set_line(char *field, size_t size, const char *text) {
    corm__error_set(field, size, "%s", text);
    size_t length = strlen(field);
    while (length && corm__is_space(field[length - 1])) field[--length] = 0;
    for (char *p = field; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == '\t') *p = ' ';
}

int corm__mariadb_fail_report(unsigned number, const char *sqlstate, const char *message,
                              const char *sql, corm_error_info *error) {
    corm_status status = corm__mariadb_status(number, sqlstate);
    /* Where the library has no room for an answer it may give no number. */
    if (status == CORM_ERROR_MEMORY || !number) return corm__fail_memory(error);
    /* 1290 says that some option of the server forbids it. */
    if (number == 1290 && !strstr(message, "read")) status = CORM_ERROR_PERMISSION;
    corm__fail(error, status, " ");
    set_line(error->message, sizeof error->message, *message ? message : corm_status_text(status));
    error->vendor_code = (int)number;
    corm__error_set(error->sqlstate, sizeof error->sqlstate, "%s",
                    strcmp(sqlstate, "00000") == 0 ? "" : sqlstate);
    corm__error_set(error->sql, sizeof error->sql, "%s", sql ? sql : "");
    corm__error_hint(error, "%s", hint_for(status, number));
    read_names(number, message, error);
    return status;
}

int corm__mariadb_fail(corm_conn *conn, MYSQL_STMT *stmt, const char *sql, corm_error_info *error) {
    unsigned number = stmt ? mysql_stmt_errno(stmt) : mysql_errno(conn->mysql);
    const char *sqlstate = stmt ? mysql_stmt_sqlstate(stmt) : mysql_sqlstate(conn->mysql);
    const char *message = stmt ? mysql_stmt_error(stmt) : mysql_error(conn->mysql);
    int status = corm__mariadb_fail_report(number, sqlstate, message, sql, error);
    /* These may have rolled back the whole transaction, depending on the server's settings; only an
     * answer that is no error says so. */
    if (status == CORM_ERROR_DEADLOCK || status == CORM_ERROR_SERIALIZATION ||
        status == CORM_ERROR_LOCKED)
        mysql_real_query(conn->mysql, "DO 0", 4);
    /* What is left of the answer must not be taken for that of the next statement. */
    if (status == CORM_ERROR_MEMORY) {
        conn->lost = true;
        shutdown(mysql_get_socket(conn->mysql), SHUT_RDWR);
    }
    if (status != CORM_ERROR_CONNECTION) return status;
    conn->lost = true;
    char why[sizeof error->message];
    corm__error_set(why, sizeof why, "%s", error->message);
    corm__error_set(error->message, sizeof error->message, "the connection to MariaDB is lost: %s",
                    why);
    corm__error_hint(
        error,
        "Close this handle and open another; whether the last statement took effect is not known.");
    return status;
}

/* "Can't connect to … (12)": the number of the system's error stands at the end. */
static bool is_of_memory(const char *message) {
    const char *last = strrchr(message, '(');
    return last && strtol(last + 1, NULL, 10) == ENOMEM;
}

int corm__mariadb_fail_connect(MYSQL *mysql, const char *where, corm_error_info *error) {
    static const char unverified[] = "error cannot be verified: ";
    unsigned number = mysql_errno(mysql);
    const char *message = mysql_error(mysql), *sqlstate = mysql_sqlstate(mysql),
               *inner = strstr(message, unverified);
    /* The server refused before TLS began: the library wraps that up, "…: 1040 - Too many
     * connections". */
    if (inner) {
        char *end;
        number = (unsigned)strtoul(inner + strlen(unverified), &end, 10);
        message = strncmp(end, " - ", 3) == 0 ? end + 3 : end;
        sqlstate = "";
    }
    int status = corm__mariadb_fail_report(number, sqlstate, message, NULL, error);
    if (status == CORM_ERROR_MEMORY) return status;
    if (status == CORM_ERROR_CONNECTION && is_of_memory(message)) return corm__fail_memory(error);
    char why[sizeof error->message];
    corm__error_set(why, sizeof why, "%s", error->message);
    corm__error_set(error->message, sizeof error->message, "MariaDB at %s: %s", where, why);
    if (number == CR_UNKNOWN_HOST)
        corm__error_hint(
            error, "Check DB_HOST; in a composition of containers it is the name of the service.");
    else if (status == CORM_ERROR_CONNECTION && (*where == '/' || strncmp(where, "the ", 4) == 0))
        corm__error_hint(
            error,
            "No server listens on this socket: is it running? Set DB_HOST for one elsewhere.");
    else if (status == CORM_ERROR_CONNECTION)
        corm__error_hint(error, "Is the server running, and is DB_PORT right?");
    else if (status == CORM_ERROR_TLS)
        corm__error_hint(error,
                         "Check DB_SSLMODE, DB_SSLROOTCERT, and whether the server has TLS on.");
    return status;
}
