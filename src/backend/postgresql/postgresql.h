/* What the files of the PostgreSQL backend share. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include <corm/backend.h>
#include <libpq-fe.h>

/* Types by their OIDs: fixed numbers of PostgreSQL's catalogue. */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_CHAR = 18,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_JSON = 114,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_UNKNOWN = 705,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIME = 1083,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_INTERVAL = 1186,
    PG_NUMERIC = 1700,
    PG_UUID = 2950,
    PG_JSONB = 3802,
    PG_FIRST_OWN = 16384,
    PG_BOOL_ARRAY = 1000,
    PG_BYTEA_ARRAY = 1001,
    PG_INT2_ARRAY = 1005,
    PG_INT4_ARRAY = 1007,
    PG_TEXT_ARRAY = 1009,
    PG_BPCHAR_ARRAY = 1014,
    PG_VARCHAR_ARRAY = 1015,
    PG_INT8_ARRAY = 1016,
    PG_FLOAT4_ARRAY = 1021,
    PG_FLOAT8_ARRAY = 1022,
    PG_TIMESTAMPTZ_ARRAY = 1185,
    PG_DATE_ARRAY = 1182,
    PG_NUMERIC_ARRAY = 1231,
    PG_UUID_ARRAY = 2951,
};

/* What the server has sent: data[position..end) is not read yet. */
typedef struct corm_pg_input {
    char *data;
    size_t position, end, capacity;
} corm_pg_input;

/* How many answers of each kind requests call for. */
typedef struct corm_pg_owed {
    unsigned parses, binds, closes, descriptions, executions, syncs, queries;
    bool answered; /* of a query something has come */
} corm_pg_owed;

struct corm_conn {
    PGconn *pg;
    const struct corm_pg_path *path; /* how statements travel: statement.h */
    /* as in ReadyForQuery: 'I' none, 'T' in one, 'E' in a failed one */
    char transaction;
    bool lost;
    /* whether pooled was found out: with the first statement that is prepared */
    bool pooler_known;
    /* another session may answer each transaction: nothing may be left in one for later */
    bool pooled;
    char *settings; /* SQL without rows that makes the session's settings hold in a transaction */
    /* settings are not the session's: each transaction begins with them */
    bool local;
    bool settings_asked; /* somebody asked for one of them; else it is our time zone alone */
    bool default_socket; /* nobody named a host, and libpq took the socket that it was built for */
    unsigned last_name;  /* of statements and cursors */
    corm_buffer dropped; /* DEALLOCATE statements that wait for a good moment */
    int n_dropped;
    corm_stmt *active; /* whose result is still coming over the wire */
    corm_buffer out;   /* requests that are not sent yet */
    corm_pg_owed unsent, owed; /* the answers to those, and to what is sent */
    corm_pg_input in;
    corm_buffer copy; /* rows of a bulk load that wait to be sent */
    corm_kind *copy_kinds;
    int n_copy;
};

/* --- errors.c --- */
/* What a server says about an error; NULL where it says nothing. */
typedef struct corm_pg_report {
    const char *sqlstate, *message, *detail, *hint, *constraint, *table, *column;
} corm_pg_report;
corm_status corm__pg_status(const char *sqlstate);
/* Each fills error and returns its status. sql may be NULL. */
int corm__pg_fail_report(const corm_pg_report *report, const char *sql, corm_error_info *error);
/* result: of a call that failed, or NULL when there is none. Notes in conn when the connection is
 * lost. */
int corm__pg_fail(corm_conn *conn, const PGresult *result, const char *sql, corm_error_info *error);
/* A connection that did not come up. PQsetErrorVerbosity(PQERRORS_VERBOSE) was called before the
 * server answered. started: false when libpq refused the settings before it tried any address. */
int corm__pg_fail_connect(PGconn *pg, corm_error_info *error);

/* --- encode.c --- */
/* The type of a parameter; 0: the server finds out (NULL, and arrays, whose placeholder has a
 * cast). */
Oid corm__pg_type(corm_kind kind);
/* Appends value as kind (that of the column or parameter; CORM_NULL: as it is): length in four
 * bytes, then the bytes; -1 for NULL. number: the parameter's, for errors. */
int corm__pg_encode(corm_buffer *out, const corm_value *value, corm_kind kind, int number,
                    corm_error_info *error);

/* --- decode.c --- */
/* How one column of a result becomes a member of a struct. */
typedef struct corm_pg_reader {
    uint8_t how, item, source;
    bool probe, optional, null;
    uint8_t value_offset;
    uint16_t object;
    uint32_t offset;
} corm_pg_reader;
/* Fails with CORM_ERROR_TYPE when values of this type do not go into what the column of fetch
 * is. */
int corm__pg_reader(corm_pg_reader *reader, const corm_fetch_column *column, Oid type,
                    corm_error_info *error);
/* Reads one value (NULL: size -1) into objects[reader->object]. 0 or a status. */
int corm__pg_read(const corm_pg_reader *reader, const corm_fetch_column *column, const char *bytes,
                  int size, void **objects,
                  corm_arena *arena, corm_error_info *error);
/* Reads the body of a DataRow message: the number of columns, then length and bytes of each. */
int corm__pg_read_row(const corm_pg_reader *readers, const corm_fetch *fetch, const char *body,
                      size_t size, void **objects,
                      corm_arena *arena, corm_error_info *error);

/* --- numeric.c --- */
/* Appends value with its length. 0, or CORM_ERROR_RANGE and *why. */
int corm__pg_put_numeric(corm_buffer *out, corm_decimal value, const char **why);
/* 0, CORM_ERROR_RANGE and *why, or CORM_ERROR_PROTOCOL for what is no numeric. */
int corm__pg_get_numeric(const char *bytes, int size, corm_decimal *out, const char **why);

/* --- connect.c --- */
/* Settings of a session that libpq does not know, by their names; ends with NULL. */
extern const char *const corm__pg_session_settings[];
/* libpq's keywords and their values for options, ending with NULL. plain: without `options`, which
 * some poolers refuse. list->arena is set before. */
typedef struct corm_pg_keywords {
    corm_arena *arena;
    const char *names[64], *values[64];
    int n;
} corm_pg_keywords;
int corm__pg_keywords(corm_pg_keywords *list, const corm_connect_options *options, bool plain,
                      corm_error_info *error);
int corm__pg_open(const corm_connect_options *options, corm_conn **out, corm_error_info *error);
void corm__pg_close(corm_conn *conn);
int corm__pg_create_database(const corm_connect_options *options, corm_error_info *error);

/* --- session.c --- */
/* Notes in conn whether settings are local to a transaction; plain: they were not sent. Whether any
 * were asked for: then only a session that holds is one for them. */
bool corm__pg_place_settings(corm_conn *conn, const corm_connect_options *options, bool plain);
/* Fills conn->settings from options. */
int corm__pg_make_settings(corm_conn *conn, const corm_connect_options *options,
                           corm_error_info *error);
/* What the next request has to begin with: SQL without rows, or NULL. */
const char *corm__pg_local(const corm_conn *conn);
/* A request failed since it cannot run in a transaction, which corm__pg_local made of it; nothing
 * of it was done. True: it may be sent without. Else the error says so. */
bool corm__pg_without_settings(const corm_conn *conn, corm_error_info *error);
/* As PQexecParams, or PQprepare when name is not NULL, behind corm__pg_local. */
typedef struct corm_pg_call {
    const char *name, *sql;
    int n;
    const Oid *types;
    const char *const *values;
    const int *lengths, *formats;
    int format; /* of the result */
} corm_pg_call;
PGresult *corm__pg_call(corm_conn *conn, const corm_pg_call *call);

/* --- client.c --- */
int corm__pg_client(const corm_connect_options *options, const char *const *extra,
                    corm_arena *arena, corm_client *out,
                    corm_error_info *error);

/* --- driver.c --- */
/* After each call of libpq that may have run something: notes the transaction's state and a lost
 * connection. */
void corm__pg_note(corm_conn *conn);
int corm__pg_exec(corm_conn *conn, const char *sql, corm_error_info *error);
/* One statement with text parameters and a text result, which the caller clears; NULL and *error
 * filled on failure. */
PGresult *corm__pg_query(corm_conn *conn, const char *sql, int n, const char *const *values,
                         corm_error_info *error);

/* The same, for a query that gives one row of n_columns. */
PGresult *corm__pg_row(corm_conn *conn, const char *sql, int n, const char *const *values,
                       int n_columns, corm_error_info *error);
/* Never NULL, as PQgetvalue is outside of the result. */
const char *corm__pg_cell(const PGresult *result, int row, int column);

/* --- lock.c --- */
int corm__pg_lock_try(corm_conn *conn, const char *name, char *holder, size_t size,
                      corm_error_info *error);
void corm__pg_lock_release(corm_conn *conn, const char *name);
int corm__pg_lock_holds(corm_conn *conn, corm_error_info *error);
void corm__pg_lock_is_free(corm_buffer *out, const char *name);
int corm__pg_lock_wait(corm_conn *conn, int milliseconds, corm_error_info *error);
int64_t corm__pg_session(corm_conn *conn);
int corm__pg_blockers(corm_conn *conn, int64_t session, char *out, size_t size,
                      corm_error_info *error);
/* Notes whether a pooler is between, given the session that answered: it tells a session of its own
 * when the connection is made. */
void corm__pg_note_session(corm_conn *conn, int64_t pid);

/* --- statement.c --- */
/* To be called before anything is sent: takes in what is still coming for a statement that is being
 * stepped. */
int corm__pg_settle(corm_conn *conn, corm_error_info *error);
int corm__pg_prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds, int n,
                     corm_stmt **out,
                     corm_error_info *error);
void corm__pg_finalize(corm_stmt *stmt);
int corm__pg_column_count(corm_stmt *stmt);
const char *corm__pg_column_name(corm_stmt *stmt, int column);
int corm__pg_execute(corm_stmt *stmt, const corm_value *values, int n, unsigned flags,
                     corm_error_info *error);
int corm__pg_step(corm_stmt *stmt, const corm_fetch *fetch, void **objects, corm_arena *arena,
                  corm_error_info *error);
void corm__pg_reset(corm_stmt *stmt);
int64_t corm__pg_affected(corm_stmt *stmt);

/* --- bulk.c --- */
int corm__pg_bulk_begin(corm_conn *conn, const char *table, const char *const *columns,
                        const corm_kind *kinds, int n,
                        corm_error_info *error);
int corm__pg_bulk_row(corm_conn *conn, const corm_value *values, corm_error_info *error);
int corm__pg_bulk_end(corm_conn *conn, bool commit, int64_t *rows, corm_error_info *error);

/* --- dialect.c --- */
void corm__pg_identifier(corm_buffer *out, const char *name);
void corm__pg_literal(corm_buffer *out, const char *text);
/* The SQL type of a kind: "bigint", "varchar(255)", "integer[]". */
void corm__pg_type_name(corm_buffer *out, const corm_column *column);
void corm__pg_placeholder(corm_buffer *out, int number, corm_kind kind, corm_kind element);
const char *corm__pg_expression(int op, const corm_column *type);
const char *corm__pg_stored(corm_conn *conn, const char *table, const corm_column *column,
                            bool write);

/* --- ddl.c, introspect.c --- */
void corm__pg_reset_identity(struct corm_buffer *out, const char *table, const char *column);
void corm__pg_loses(struct corm_buffer *out, const corm_column *before,
                    const corm_column *after);
int corm__pg_ddl(corm_script *script, const corm_change *change, corm_conn *conn);
int corm__pg_introspect(corm_conn *conn, const char *only, corm_arena *arena, corm_schema *out,
                        corm_error_info *error);

static inline void corm__pg_put16(char *p, uint16_t v) {
    v = __builtin_bswap16(v);
    __builtin_memcpy(p, &v, sizeof v);
}
static inline void corm__pg_put32(char *p, uint32_t v) {
    v = __builtin_bswap32(v);
    __builtin_memcpy(p, &v, sizeof v);
}
static inline uint16_t corm__pg_get16(const char *p) {
    uint16_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return __builtin_bswap16(v);
}
static inline uint32_t corm__pg_get32(const char *p) {
    uint32_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}
static inline uint64_t corm__pg_get64(const char *p) {
    uint64_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return __builtin_bswap64(v);
}
