/* Taking it is one UPDATE that succeeds for one: of a row that has expired. On a cluster two nodes
 * may both let it pass at first; then one of the commits fails with a deadlock, which is taken for
 * "another has it". */
#include "migrate/execute/lease.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/map.h"
#include "base/real.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void corm__lease_init(corm_lease *lease, const corm_backend *backend, const char *name,
                      double seconds) {
    char host[128] = "", random[80];
    *lease = (corm_lease){ .backend = backend, .name = name, .seconds = seconds };
    gethostname(host, sizeof host - 1);
    snprintf(lease->owner, sizeof lease->owner, "pid %ld on %s", (long)getpid(), host);
    int length = corm__format(random, sizeof random, "%a %a %a", corm__clock(), corm__jitter(),
                              corm__jitter());
    snprintf(lease->token, sizeof lease->token, "%016llx%016llx",
             (unsigned long long)corm__hash(lease->owner, strlen(lease->owner)),
             (unsigned long long)corm__hash(random, (size_t)length));
}

/* Each ? becomes a placeholder; the first column of the first row goes into holder, when it is
 * given. *n: rows that were found, or changed.
 */
static int run(const corm_lease *lease, corm_conn *conn, const char *sql, const char *const *texts,
               char *holder, size_t size, int64_t *n, corm_error_info *error) {
    static const corm_fetch_column column = { .kind = CORM_TEXT, .name = "owner" };
    static const corm_fetch fetch = { &column, 1, 1 };
    const corm_backend *backend = lease->backend;
    corm_value values[4];
    corm_kind kinds[4];
    int count = 0;
    corm_buffer text = { 0 };
    for (; *sql; sql++) {
        if (*sql == '?') {
            kinds[count] = CORM_VARCHAR;
            values[count] = (corm_value){ .kind = CORM_VARCHAR, .text = texts[count] };
            backend->placeholder(&text, ++count, CORM_VARCHAR, CORM_NULL);
        } else if (*sql == '@') {
            corm__buffer_puts(&text, backend->clock);
        } else if (*sql == '#') {
            if (backend->lock_is_free) corm__buffer_puts(&text, " AND ");
            if (backend->lock_is_free) backend->lock_is_free(&text, lease->name);
        } else if (*sql == '%') {
            corm__buffer_printf(&text, "%.0f", lease->seconds);
        } else {
            corm__buffer_putc(&text, *sql);
        }
    }
    corm_stmt *stmt = NULL;
    corm_arena arena = { 0 };
    int status = corm__buffer_broken(&text)
                     ? corm__fail_memory(error)
                     : backend->prepare(conn, text.data, text.length, kinds, count, &stmt, error);
    if (!status) status = backend->execute(stmt, values, count, 0, error);
    *n = 0;
    while (!status) {
        const char *found = NULL;
        void *objects[] = { &found };
        int step = backend->step(stmt, holder ? &fetch : NULL, objects, &arena, error);
        if (step <= 0) {
            status = step;
            break;
        }
        if (holder) corm__error_set(holder, size, "%s", found ? found : "");
        ++*n;
    }
    if (!status && !holder) *n = backend->affected(stmt);
    if (stmt) backend->reset(stmt);
    backend->finalize(stmt);
    corm__arena_release(&arena);
    corm__buffer_release(&text);
    return status;
}

/* Also the moment in which a cluster that lost a node counts those that are left. */
static bool is_collision(int status) {
    return status == CORM_ERROR_STARTING || status == CORM_ERROR_UNIQUE ||
           status == CORM_ERROR_DEADLOCK || status == CORM_ERROR_SERIALIZATION ||
           status == CORM_ERROR_LOCKED;
}

static int row_exists(const corm_lease *lease, corm_conn *conn, corm_error_info *error) {
    int64_t n;
    char ignored[CORM_LEASE_TEXT];
    int status = run(lease, conn, "SELECT owner FROM corm_migrations_lock WHERE name = ?",
                     (const char *const[]){ lease->name }, ignored, sizeof ignored, &n, error);
    return status ? status : n > 0;
}

/* Of any number that do this at once, all go on: those that were not the first may fail in one way
 * or another, and then the table is there. As row_exists. */
static int make_table(const corm_lease *lease, corm_conn *conn, corm_error_info *error) {
    static const char create[] = "CREATE TABLE IF NOT EXISTS corm_migrations_lock (name "
                                 "varchar(100) NOT NULL PRIMARY KEY, owner varchar(200) NOT NULL, "
                                 "token varchar(40) NOT NULL, expires double precision NOT NULL)";
    int status = lease->backend->exec(conn, create, error);
    if (!status) return 0;
    corm_error_info failure = *error;
    int there = row_exists(lease, conn, error);
    if (there == CORM_ERROR_NO_TABLE) *error = failure;
    return there == CORM_ERROR_NO_TABLE ? status : there;
}

static int make_row(const corm_lease *lease, corm_conn *conn, corm_error_info *error) {
    int64_t n;
    int status =
        run(lease, conn,
            "INSERT INTO corm_migrations_lock (name, owner, token, expires) VALUES (?, '', '', 0)",
            (const char *const[]){ lease->name }, NULL, 0, &n, error);
    return is_collision(status) ? 0 : status;
}

int corm__lease_held(const corm_lease *lease, corm_conn *conn, char *holder, size_t size,
                     corm_error_info *error) {
    int64_t n;
    char other[CORM_LEASE_TEXT];
    int status =
        run(lease, conn,
            "SELECT owner FROM corm_migrations_lock WHERE name = ? AND token <> ? AND expires > @",
            (const char *const[]){ lease->name, lease->token }, other, sizeof other, &n, error);
    if (status == CORM_ERROR_NO_TABLE) {
        corm__error_clear(error);
        return 0;
    }
    if (!status && n && holder) corm__error_set(holder, size, "%s", other);
    return status ? status : n > 0;
}

int corm__lease_try(corm_lease *lease, corm_conn *conn, char *holder, size_t size,
                    corm_error_info *error) {
    int64_t n = 0;
    if (holder && size) *holder = 0;
    int there = row_exists(lease, conn, error);
    if (there == CORM_ERROR_NO_TABLE) {
        corm__error_clear(error);
        there = make_table(lease, conn, error);
    }
    if (there == 0) there = make_row(lease, conn, error);
    if (there < 0) return is_collision(there) ? 0 : there;
    int status =
        run(lease, conn,
            "UPDATE corm_migrations_lock SET owner = ?, token = ?, expires = @ + % WHERE name = ? "
            "AND expires < @#",
            (const char *const[]){ lease->owner, lease->token, lease->name }, NULL, 0, &n, error);
    if (!status && n > 0) return 1;
    if (status && !is_collision(status)) return status;
    corm__error_clear(error);
    status = corm__lease_held(lease, conn, holder, size, error);
    if (!status && holder && lease->backend->lock_is_free)
        corm__error_set(holder, size, "a session past the pooler");
    return status < 0 && !is_collision(status) ? status : 0;
}

int corm__lease_renew(const corm_lease *lease, corm_conn *conn, corm_error_info *error) {
    int64_t n;
    int status = run(lease, conn,
                     "UPDATE corm_migrations_lock SET expires = @ + % WHERE name = ? AND token = ?",
                     (const char *const[]){ lease->name, lease->token }, NULL, 0, &n, error);
    return status ? status : n > 0;
}

void corm__lease_release(const corm_lease *lease, corm_conn *conn) {
    enum { ATTEMPTS = 5 };
    corm_error_info ignored;
    int64_t n;
    for (int i = 0; i < ATTEMPTS; i++) {
        int status = run(
            lease, conn,
            "UPDATE corm_migrations_lock SET expires = 0, token = '' WHERE name = ? AND token = ?",
            (const char *const[]){ lease->name, lease->token }, NULL, 0, &n, &ignored);
        if (!is_collision(status)) return;
        corm__sleep(0.05 * corm__jitter());
    }
}
