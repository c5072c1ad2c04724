/* The frontend/backend protocol, version 3, spoken on libpq's socket between libpq's own calls.
 *
 * libpq connects, authenticates and does all that is rare. While it is idle its buffers are empty,
 * so this may send requests of its own and read their answers to the end, ReadyForQuery: then libpq
 * may go on. Only for plain sockets. */
#pragma once
#include "backend/postgresql/postgresql.h"

/* One message of the server. body is inside the input and valid until the next one is read. */
typedef struct corm_pg_message {
    char type;
    char *body;
    uint32_t size;
} corm_pg_message;

/* True when the connection can be spoken to directly. CORM_POSTGRESQL_WIRE=off keeps to libpq. */
bool corm__pg_wire_possible(corm_conn *conn);

/* --- requests: appended to conn->out, sent together --- */
void corm__pg_wire_parse(corm_conn *conn, const char *name, const char *sql, const Oid *types,
                         int n);
void corm__pg_wire_describe(corm_conn *conn, const char *name);
/* What was bound last, rather than a prepared statement. */
void corm__pg_wire_describe_bound(corm_conn *conn);
/* Where conn->out ends, and takes back what was appended since; a broken buffer is emptied and
 * mended. */
typedef struct corm_pg_mark {
    size_t length;
    corm_pg_owed unsent;
} corm_pg_mark;
corm_pg_mark corm__pg_wire_mark(const corm_conn *conn);
void corm__pg_wire_take_back(corm_conn *conn, corm_pg_mark mark);
/* Forgets all that is not sent. */
void corm__pg_wire_forget(corm_conn *conn);
int corm__pg_wire_bind(corm_conn *conn, const char *name, const corm_value *values,
                       const corm_kind *kinds, int n, corm_error_info *error);
void corm__pg_wire_execute(corm_conn *conn);
void corm__pg_wire_close(corm_conn *conn, const char *name);
void corm__pg_wire_sync(corm_conn *conn);
void corm__pg_wire_execute_and_sync(corm_conn *conn);
void corm__pg_wire_query(corm_conn *conn, const char *sql);
/* Sends all. On failure the connection is lost. */
int corm__pg_wire_send(corm_conn *conn, corm_error_info *error);

/* --- answers --- */
/* The next message; waits for it when input is conn's own. On failure the connection is lost. One
 * that no request called for is such a failure: taken for an answer it would shift all later ones
 * by one. */
int corm__pg_wire_next(corm_conn *conn, corm_pg_input *input, corm_pg_message *message,
                       corm_error_info *error);
/* Messages that mean nothing to who waits for rows: notices, settings, acknowledgements. */
bool corm__pg_wire_is_noise(char type);
/* Takes in a ReadyForQuery. */
int corm__pg_wire_ready(corm_conn *conn, const corm_pg_message *message, corm_error_info *error);
/* Between requests: what the server has said on its own is read and dropped, so that libpq finds
 * the beginning of a message. */
int corm__pg_wire_rest(corm_conn *conn, corm_error_info *error);
/* Reads on to ReadyForQuery and drops what comes. */
int corm__pg_wire_drain(corm_conn *conn, corm_error_info *error);
/* The same, but keeps it all: what is still to come of the active result goes to kept. */
int corm__pg_wire_keep(corm_conn *conn, corm_pg_input *kept, corm_error_info *error);
/* Fills error from an ErrorResponse. */
int corm__pg_wire_fail(const corm_pg_message *message, const char *sql, corm_error_info *error);
/* The server sent what cannot be at this place. */
int corm__pg_wire_unexpected(corm_conn *conn, char type, corm_error_info *error);
