/* Opening and closing, and the settings of a connection. */
#include "backend/sqlite/driver.h"
#include "base/ascii.h"
#include "base/buffer.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 5000 };

static const char *parameter(const corm_connect_options *options, const char *name,
                             const char *fallback) {
    for (const corm_parameter *p = options->parameters; p && p->name; p++)
        if (strcmp(p->name, name) == 0 && p->value && *p->value) return p->value;
    return fallback;
}

static int bad_parameter(const char *name, const char *value, const char *allowed,
                         corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_SETTINGS, "%s: \"%s\" is not allowed; it is %s", name,
                      value, allowed);
}

/* The value when it is one of the words, NULL otherwise: only known words get into a PRAGMA. */
static const char *one_of(const char *value, const char *const *words) {
    for (; *words; words++)
        if (corm__compare_nocase(value, *words) == 0) return *words;
    return NULL;
}

static int number(const corm_connect_options *options, const char *name, long long fallback,
                  long long *out, corm_error_info *error) {
    const char *text = parameter(options, name, NULL);
    *out = fallback;
    if (!text) return CORM_OK;
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno || *end || end == text ? bad_parameter(name, text, "a whole number", error)
                                        : CORM_OK;
}

/* --- why a file does not open --- */

static int parent_missing(const char *path) {
    char *copy = strdup(path);
    if (!copy) return 0;
    char *slash = strrchr(copy, '/');
    struct stat info;
    int missing = 0;
    if (slash && slash != copy) {
        *slash = 0;
        missing = stat(copy, &info) != 0 || !S_ISDIR(info.st_mode);
    }
    free(copy);
    return missing;
}

/* For whoever this process acts; journals are made in the folder too. The errno says why not. */
static bool folder_is_writable(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash > path ? (size_t)(slash - path) : 1) : strdup(".");
    bool writable = folder && faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
    int reason = folder ? errno : ENOMEM;
    free(folder);
    errno = reason;
    return writable;
}

static int folder_error(const char *path, int reason, corm_error_info *error) {
    int status = reason == EROFS    ? CORM_ERROR_READ_ONLY
                 : reason == ENOMEM ? CORM_ERROR_MEMORY
                                    : CORM_ERROR_PERMISSION;
    corm__fail(error, status, "%s cannot be written: its folder: %s", path, strerror(reason));
    corm__error_hint(error, "the file and its folder must be writable for this user");
    return status;
}

/* SQLite only says "unable to open database file". */
static int cannot_open(const corm_connect_options *options, int rc, sqlite3 *db,
                       corm_error_info *error) {
    const char *path = options->name;
    struct stat info;
    bool there = stat(path, &info) == 0;
    int reason = there ? 0 : errno;
    if (there && S_ISDIR(info.st_mode)) {
        corm__fail(error, CORM_ERROR_IO, "%s is a folder, not a database file", path);
        corm__error_hint(error, "name a file in it, such as %s/db.sqlite3", path);
    } else if (!there && parent_missing(path)) {
        corm__fail(error, CORM_ERROR_IO, "cannot create %s: its folder does not exist", path);
        corm__error_hint(error, "create the folder, or correct DB_NAME or DATABASE_URL");
    } else if (!there && (options->creatable || !options->no_create) &&
               !folder_is_writable(path)) {
        folder_error(path, errno, error);
    } else if (!there && options->no_create && (reason == ENOENT || reason == ENOTDIR)) {
        corm__fail(error, CORM_ERROR_NO_DATABASE, "there is no database file %s", path);
        corm__error_hint(error, "migrate creates it, or correct DB_NAME or DATABASE_URL");
    } else if (reason == EACCES || (there && access(path, R_OK) != 0) ||
               (!there && errno == EACCES)) {
        corm__fail(error, CORM_ERROR_PERMISSION, "no permission to open %s", path);
        corm__error_hint(error,
                         "the file and its folder must be readable and writable for this user");
    } else {
        corm__sqlite_error(db, rc, NULL, error);
        if (error->message[0] != '/') { /* not named yet */
            char message[sizeof error->message];
            corm__error_set(message, sizeof message, "%s: %s", path, error->message);
            corm__error_set(error->message, sizeof error->message, "%s", message);
        }
    }
    error->vendor_code = rc;
    return error->status;
}

/* --- settings --- */

static int pragma(corm_conn *conn, const char *sql, int *value, char *text, size_t size) {
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        if (value) *value = sqlite3_column_int(stmt, 0);
        const char *word = (const char *)sqlite3_column_text(stmt, 0);
        if (text) corm__error_set(text, size, "%s", word ? word : "");
        rc = SQLITE_DONE;
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static bool wait_ms(int ms, int cancel_fd) {
    struct pollfd fd = { .fd = cancel_fd, .events = POLLIN };
    return poll(&fd, 1, ms) <= 0; /* a negative descriptor is only a sleep */
}

/* The journal mode is a property of the file. Changing it needs the file for itself and, between
 * two connections that both try, SQLite does not call the busy handler: so it is tried again here.
 * A file that others keep busy stays as it is; all modes are safe. */
static int set_journal_mode(corm_conn *conn, const corm_connect_options *options, long long busy_ms,
                            corm_error_info *error) {
    static const char *const modes[] = { "WAL",    "DELETE", "TRUNCATE", "PERSIST",
                                         "MEMORY", "OFF",    NULL };
    const char *given = parameter(options, "journal_mode", "WAL"), *mode = one_of(given, modes);
    if (!mode)
        return bad_parameter("journal_mode", given, "wal, delete, truncate, persist, memory or off",
                             error);
    char now[16] = "", sql[64];
    int rc = pragma(conn, "PRAGMA journal_mode", NULL, now, sizeof now);
    if (rc != SQLITE_OK) return cannot_open(options, rc, conn->db, error);
    if (corm__compare_nocase(now, mode) == 0 || options->no_create ||
        sqlite3_db_readonly(conn->db, "main") == 1)
        return CORM_OK;
    corm__error_set(sql, sizeof sql, "PRAGMA journal_mode=%s", mode);
    for (long long waited = 0, pause = 1; waited <= busy_ms;
         waited += pause, pause = pause < 50 ? pause * 2 : pause) {
        rc = pragma(conn, sql, NULL, NULL, 0);
        if ((rc & 0xFF) != SQLITE_BUSY) break;
        if (!wait_ms((int)pause, options->cancel_fd))
            return corm__fail(error, CORM_ERROR_CANCELLED, "cancelled");
    }
    int code = rc & 0xFF;
    if (rc == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_READONLY)
        return CORM_OK;
    return cannot_open(options, rc, conn->db, error);
}

static int configure(corm_conn *conn, const corm_connect_options *options, corm_error_info *error) {
    static const char *const levels[] = { "OFF", "NORMAL", "FULL", "EXTRA", NULL };
    static const char *const booleans[] = { "true", "on", "yes", "1", "false",
                                            "off",  "no", "0",   NULL };
    const char *given = parameter(options, "synchronous", options->migrating ? "FULL" : "NORMAL"),
               *level = one_of(given, levels);
    if (!level) return bad_parameter("synchronous", given, "off, normal, full or extra", error);
    if (options->migrating && strcmp(level, "NORMAL") == 0) level = "FULL";
    const char *keys = parameter(options, "foreign_keys", "on"), *boolean = one_of(keys, booleans);
    if (!boolean) return bad_parameter("foreign_keys", keys, "true or false", error);
    long long busy, mmap, cache;
    int status = number(options, "busy_timeout", BUSY_TIMEOUT_MS, &busy, error);
    if (!status) status = number(options, "mmap_size", -1, &mmap, error);
    if (!status) status = number(options, "cache_size", 0, &cache, error);
    if (status) return status;
    if (busy < 0) busy = 0;
    if (busy > INT32_MAX) busy = INT32_MAX;
    long long opening =
        options->timeout_ms > 0 && options->timeout_ms < busy ? options->timeout_ms : busy;

    sqlite3_extended_result_codes(conn->db, 1);
    sqlite3_busy_timeout(conn->db, (int)opening);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_FKEY,
                      strchr("toy1", boolean[0]) && strcmp(boolean, "off") != 0, NULL);
    /* "name" is a name, as everywhere else in SQL: never a string because no column is called so.
     */
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int rc = corm__sqlite_functions(conn);
    if (rc == SQLITE_OK) rc = corm__sqlite_decimal_functions(conn);
    if (rc == SQLITE_OK) rc = corm__sqlite_wide_functions(conn);
    if (rc == SQLITE_OK) rc = corm__sqlite_scalar_functions(conn);
    if (rc == SQLITE_OK) rc = corm__sqlite_form_functions(conn);
    if (rc == SQLITE_OK) rc = corm__sqlite_array_table(conn);
    if (rc == SQLITE_OK) rc = corm__sqlite_cast_function(conn);
    if (rc != SQLITE_OK) return corm__sqlite_error(conn->db, rc, NULL, error);
    if (!conn->memory && (status = set_journal_mode(conn, options, opening, error)) != 0)
        return status;
    char sql[160];
    corm__error_set(sql, sizeof sql, "PRAGMA synchronous=%s", level);
    size_t length = strlen(sql);
    if (mmap >= 0)
        corm__error_set(sql + length, sizeof sql - length, "; PRAGMA mmap_size=%lld", mmap);
    length = strlen(sql);
    if (cache)
        corm__error_set(sql + length, sizeof sql - length, "; PRAGMA cache_size=%lld", cache);
    rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);
    if (rc != SQLITE_OK) return cannot_open(options, rc, conn->db, error);
    sqlite3_busy_timeout(conn->db, (int)busy);
    return CORM_OK;
}

/* --- open --- */

/* A database in WAL mode in a folder that cannot be written needs its -shm file, which SQLite
 * cannot make there. When no -wal file says that someone is writing, it can be read as a file that
 * does not change. */
static int open_immutable(corm_conn *conn, const char *path) {
    corm_buffer uri = { 0 };
    corm__buffer_puts(&uri, path);
    corm__buffer_puts(&uri, "-wal");
    bool used = access(corm__buffer_text(&uri), F_OK) == 0;
    corm__buffer_reset(&uri);
    corm__buffer_puts(&uri, "file:");
    for (const char *c = path; *c; c++) {
        if (*c == '%' || *c == '?' || *c == '#')
            corm__buffer_printf(&uri, "%%%02X", (unsigned char)*c);
        else
            corm__buffer_putc(&uri, *c);
    }
    corm__buffer_puts(&uri, "?immutable=1");
    int rc = SQLITE_CANTOPEN;
    if (corm__buffer_broken(&uri))
        rc = SQLITE_NOMEM;
    else if (!used) {
        sqlite3_close(conn->db);
        conn->db = NULL;
        rc = sqlite3_open_v2(corm__buffer_text(&uri), &conn->db,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    }
    corm__buffer_release(&uri);
    return rc;
}

static int open_file(corm_conn *conn, const corm_connect_options *options, corm_error_info *error) {
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options->no_create ? 0 : SQLITE_OPEN_CREATE);
    int rc = sqlite3_open_v2(options->name, &conn->db, flags, NULL);
    if (rc == SQLITE_OK && !conn->memory) {
        sqlite3_busy_timeout(conn->db, BUSY_TIMEOUT_MS);
        rc = pragma(conn, "PRAGMA schema_version", NULL, NULL,
                    0); /* reads the file's header for the first time */
        bool no_shm = (rc & 0xFF) == SQLITE_CANTOPEN || (rc & 0xFF) == SQLITE_READONLY;
        if (no_shm && sqlite3_db_readonly(conn->db, "main") == 1 &&
            open_immutable(conn, options->name) == SQLITE_OK)
            rc = SQLITE_OK;
    }
    if (rc == SQLITE_OK) return CORM_OK;
    if (rc == SQLITE_NOMEM) return corm__fail_memory(error);
    return cannot_open(options, rc, conn->db, error);
}

int corm__sqlite_open(const corm_connect_options *options, corm_conn **out,
                      corm_error_info *error) {
    *out = NULL;
    corm__error_clear(error);
    if (!options->name || !*options->name) {
        corm__fail(error, CORM_ERROR_SETTINGS, "no name of a database file is given");
        corm__error_hint(error, "set DB_NAME=db.sqlite3 or DATABASE_URL=sqlite:///db.sqlite3");
        return CORM_ERROR_SETTINGS;
    }
    corm_conn *conn = calloc(1, sizeof *conn);
    if (!conn || !(conn->name = strdup(options->name))) {
        free(conn);
        return corm__fail_memory(error);
    }
    conn->lock = -1;
    conn->memory = strcmp(options->name, ":memory:") == 0;
    int status = open_file(conn, options, error);
    if (!status) status = configure(conn, options, error);
    if (status) {
        corm__sqlite_close(conn);
        return status;
    }
    *out = conn;
    return CORM_OK;
}

void corm__sqlite_close(corm_conn *conn) {
    if (!conn) return;
    corm__sqlite_lock_release(conn, NULL);
    sqlite3_finalize(conn->declaration);
    sqlite3_close_v2(conn->db);
    if (conn->locale) freelocale(conn->locale);
    free(conn->name);
    free(conn);
}

int corm__sqlite_ready(corm_conn *conn, bool writable, corm_error_info *error) {
    int rc = sqlite3_exec(conn->db, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
    if (rc == SQLITE_OK && writable) {
        if (sqlite3_db_readonly(conn->db, "main") == 1) {
            corm__fail(error, CORM_ERROR_READ_ONLY, "%s cannot be written", conn->name);
            corm__error_hint(error, "the file and its folder must be writable for this user");
            return CORM_ERROR_READ_ONLY;
        }
        if (!conn->memory && !folder_is_writable(conn->name))
            return folder_error(conn->name, errno, error);
        rc = sqlite3_exec(conn->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (rc == SQLITE_OK) rc = sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) return 1;
    int status = corm__sqlite_error(conn->db, rc, NULL, error);
    return status == CORM_ERROR_LOCKED ? 0 : status; /* a lock goes away */
}

int corm__sqlite_create_database(const corm_connect_options *options, corm_error_info *error) {
    corm_connect_options create = *options;
    create.no_create = false;
    corm_conn *conn;
    int status = corm__sqlite_open(&create, &conn, error);
    corm__sqlite_close(conn);
    return status;
}
