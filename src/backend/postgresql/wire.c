#include "backend/postgresql/wire.h"
#include "base/error.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { INPUT_SIZE = 128 * 1024, LARGEST_MESSAGE = 0x3fffffff + 64 };

bool corm__pg_wire_possible(corm_conn *conn) {
    const char *setting = getenv("CORM_POSTGRESQL_WIRE");
    if (setting && strcmp(setting, "off") == 0) return false;
    return PQsocket(conn->pg) >= 0 && !PQsslInUse(conn->pg) && !PQgssEncInUse(conn->pg) &&
           PQprotocolVersion(conn->pg) == 3;
}

/* --- requests --- */

/* Begins a message: its type, and room for its length, which end() fills in. */
static size_t begin(corm_conn *conn, char type) {
    corm__buffer_putc(&conn->out, type);
    corm__buffer_add(&conn->out, "\0\0\0\0", 4);
    return conn->out.length - 4;
}

static void end(corm_conn *conn, size_t start) {
    if (!conn->out.broken)
        corm__pg_put32(conn->out.data + start, (uint32_t)(conn->out.length - start));
}

static void put16(corm_buffer *out, int v) {
    char bytes[2];
    corm__pg_put16(bytes, (uint16_t)v);
    corm__buffer_add(out, bytes, 2);
}

static void put_text(corm_buffer *out, const char *text) {
    corm__buffer_add(out, text, strlen(text) + 1);
}

void corm__pg_wire_parse(corm_conn *conn, const char *name, const char *sql, const Oid *types,
                         int n) {
    size_t start = begin(conn, 'P');
    put_text(&conn->out, name);
    put_text(&conn->out, sql);
    put16(&conn->out, n);
    for (int i = 0; i < n; i++) {
        char bytes[4];
        corm__pg_put32(bytes, types[i]);
        corm__buffer_add(&conn->out, bytes, 4);
    }
    end(conn, start);
    conn->unsent.parses++;
}

static void name_message(corm_conn *conn, char type, char what, const char *name) {
    size_t start = begin(conn, type);
    corm__buffer_putc(&conn->out, what);
    put_text(&conn->out, name);
    end(conn, start);
}

void corm__pg_wire_describe(corm_conn *conn, const char *name) {
    name_message(conn, 'D', 'S', name);
    conn->unsent.descriptions++;
}
void corm__pg_wire_describe_bound(corm_conn *conn) {
    name_message(conn, 'D', 'P', "");
    conn->unsent.descriptions++;
}
void corm__pg_wire_close(corm_conn *conn, const char *name) {
    name_message(conn, 'C', 'S', name);
    conn->unsent.closes++;
}

corm_pg_mark corm__pg_wire_mark(const corm_conn *conn) {
    return (corm_pg_mark){ conn->out.length, conn->unsent };
}

void corm__pg_wire_forget(corm_conn *conn) {
    corm__buffer_reset(&conn->out);
    conn->unsent = (corm_pg_owed){ 0 };
}

void corm__pg_wire_take_back(corm_conn *conn, corm_pg_mark mark) {
    if (conn->out.broken) { /* or the next request, perhaps a ROLLBACK, would fail for it */
        corm__pg_wire_forget(conn);
        return;
    }
    conn->out.length = mark.length;
    conn->unsent = mark.unsent;
}

/* The unnamed portal; all parameters and all columns in binary. */
int corm__pg_wire_bind(corm_conn *conn, const char *name, const corm_value *values,
                       const corm_kind *kinds, int n, corm_error_info *error) {
    corm_buffer *out = &conn->out;
    corm_pg_mark before = corm__pg_wire_mark(conn);
    size_t start = before.length + 1, length = strlen(name) + 1;
    char *p = corm__buffer_reserve(out, 12 + length);
    if (!p) return corm__fail_memory(error);
    p[0] = 'B';
    p[5] = 0;
    memcpy(p + 6, name, length);
    memcpy(p + 6 + length, "\0\1\0\1", 4);
    corm__pg_put16(p + 10 + length, (uint16_t)n);
    out->length += 12 + length;
    for (int i = 0; i < n; i++) {
        int status = corm__pg_encode(out, &values[i], kinds[i], i + 1, error);
        if (!status && out->broken) status = corm__fail_memory(error);
        if (!status && out->length - start > LARGEST_MESSAGE)
            status = corm__fail(
                error, CORM_ERROR_RANGE,
                "the values of one statement are too long: PostgreSQL takes 1 GB at most");
        if (status) {
            corm__pg_wire_take_back(conn, before);
            return status;
        }
    }
    corm__buffer_add(out, "\0\1\0\1", 4);
    end(conn, start);
    conn->unsent.binds++;
    return 0;
}

static const char execute_and_sync[] = "E\0\0\0\11\0\0\0\0\0S\0\0\0\4";
void corm__pg_wire_execute(corm_conn *conn) {
    corm__buffer_add(&conn->out, execute_and_sync, 10);
    conn->unsent.executions++;
}
void corm__pg_wire_execute_and_sync(corm_conn *conn) {
    corm__buffer_add(&conn->out, execute_and_sync, 15);
    conn->unsent.executions++;
    conn->unsent.syncs++;
}
void corm__pg_wire_sync(corm_conn *conn) {
    corm__buffer_add(&conn->out, execute_and_sync + 10, 5);
    conn->unsent.syncs++;
}

void corm__pg_wire_query(corm_conn *conn, const char *sql) {
    size_t start = begin(conn, 'Q');
    put_text(&conn->out, sql);
    end(conn, start);
    conn->unsent.queries++;
    conn->unsent.syncs++;
}

/* --- the socket --- */

static int lost(corm_conn *conn, const char *why, corm_error_info *error) {
    conn->lost = true;
    corm__fail(error, CORM_ERROR_CONNECTION, "the connection to PostgreSQL is lost: %s", why);
    corm__error_hint(
        error,
        "Close this handle and open another; whether the last statement took effect is not known.");
    return CORM_ERROR_CONNECTION;
}

int corm__pg_wire_unexpected(corm_conn *conn, char type, corm_error_info *error) {
    conn->lost = true;
    return corm__fail(
        error, CORM_ERROR_PROTOCOL,
        "PostgreSQL sent a message that makes no sense here (type %d): the connection is given up",
        type);
}

static int wait_for(corm_conn *conn, short events) {
    struct pollfd fd = { .fd = PQsocket(conn->pg), .events = events };
    while (poll(&fd, 1, -1) < 0)
        if (errno != EINTR) return -1;
    return fd.revents;
}

/* Room for size bytes behind what is there; what has been read goes first. */
static bool make_room(corm_pg_input *input, size_t size) {
    if (input->position) {
        memmove(input->data, input->data + input->position, input->end - input->position);
        input->end -= input->position;
        input->position = 0;
    }
    if (size <= input->capacity - input->end) return true;
    size_t capacity = input->capacity ? input->capacity : INPUT_SIZE;
    while (capacity - input->end < size) capacity *= 2;
    char *data = realloc(input->data, capacity);
    if (!data) return false;
    input->data = data;
    input->capacity = capacity;
    return true;
}

/* Reads what is there, at least a byte of it, into the connection's input. */
static int receive(corm_conn *conn, corm_error_info *error) {
    corm_pg_input *input = &conn->in;
    for (;;) {
        ssize_t n =
            recv(PQsocket(conn->pg), input->data + input->end, input->capacity - input->end, 0);
        if (n > 0) {
            input->end += (size_t)n;
            return 0;
        }
        if (n == 0) return lost(conn, "the server closed it", error);
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (wait_for(conn, POLLIN) < 0) return lost(conn, strerror(errno), error);
        } else if (errno != EINTR) {
            return lost(conn, strerror(errno), error);
        }
    }
}

/* The server may stop reading until somebody takes what it has to say: so that is read, too. */
static int wait_to_send(corm_conn *conn, corm_error_info *error) {
    int events = wait_for(conn, POLLIN | POLLOUT);
    if (events < 0) return lost(conn, strerror(errno), error);
    if (events & POLLOUT || !(events & POLLIN)) return 0;
    if (!make_room(&conn->in, INPUT_SIZE / 2)) {
        conn->lost = true; /* half a request is sent */
        return corm__fail_memory(error);
    }
    return receive(conn, error);
}

static void add_owed(corm_pg_owed *owed, const corm_pg_owed *more) {
    owed->parses += more->parses;
    owed->binds += more->binds;
    owed->closes += more->closes;
    owed->descriptions += more->descriptions;
    owed->executions += more->executions;
    owed->syncs += more->syncs;
    owed->queries += more->queries;
}

static bool take_one(unsigned *owed) { return *owed && (*owed)--; }

/* Whether the server may say this now. What belongs to an execution comes after its BindComplete:
 * then fewer binds than executions are owed. */
static bool is_due(corm_conn *conn, char type) {
    corm_pg_owed *owed = &conn->owed;
    bool simple = owed->queries > 0; /* any number of results, and what is in them */
    bool runs = owed->executions > owed->binds;
    switch (type) {
    case 'N':
    case 'S':
    case 'A': return true;
    case 'E': /* and up to ReadyForQuery nothing more is done */
        *owed = (corm_pg_owed){ .syncs = owed->syncs };
        return true;
    case '1': return take_one(&owed->parses);
    case '2': return take_one(&owed->binds);
    case '3': return take_one(&owed->closes);
    case 't': return owed->descriptions > 0;
    case 'T': return take_one(&owed->descriptions) || simple;
    case 'n': return take_one(&owed->descriptions);
    case 'D': return runs || simple;
    case 'C':
    case 'I':
        if (runs) return take_one(&owed->executions);
        owed->answered = true;
        return simple;
    case 'G':
    case 'H':
    case 'W':
    case 'd':
    case 'c': return runs || simple;
    case 'Z':
        if (owed->parses || owed->binds || owed->closes || owed->descriptions || owed->executions ||
            !owed->syncs || (simple && !owed->answered))
            return false;
        *owed = (corm_pg_owed){ .syncs = owed->syncs - 1 };
        return true;
    default: return false;
    }
}

int corm__pg_wire_send(corm_conn *conn, corm_error_info *error) {
    corm_buffer *out = &conn->out;
    if (corm__buffer_broken(out)) {
        corm__pg_wire_forget(conn);
        return corm__fail_memory(error);
    }
    add_owed(&conn->owed, &conn->unsent);
    conn->unsent = (corm_pg_owed){ 0 };
    for (size_t sent = 0; sent < out->length;) {
        ssize_t n = send(PQsocket(conn->pg), out->data + sent, out->length - sent, MSG_NOSIGNAL);
        int status = 0;
        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            status = wait_to_send(conn, error);
        else if (errno != EINTR)
            break; /* the server may have said why before it closed: the answer is read all the same
                    */
        if (status) {
            corm__buffer_reset(out);
            return status;
        }
    }
    if (out->capacity > 8 * INPUT_SIZE)
        corm__buffer_release(out);
    else
        corm__buffer_reset(out);
    return 0;
}

/* A length is a promise: room is made as the bytes come, twice as much each time. */
static size_t step_to(size_t wanted, size_t there) {
    size_t most = there > INPUT_SIZE / 2 ? there : INPUT_SIZE / 2;
    return wanted < most ? wanted : most;
}

int corm__pg_wire_next(corm_conn *conn, corm_pg_input *input, corm_pg_message *message,
                       corm_error_info *error) {
    for (;;) {
        size_t there = input->end - input->position;
        size_t wanted = 5;
        if (there >= 5) {
            char *p = input->data + input->position;
            uint32_t size = corm__pg_get32(p + 1);
            if (size < 4 || size > LARGEST_MESSAGE)
                return corm__pg_wire_unexpected(conn, *p, error);
            wanted = (size_t)size + 1;
            if (there >= wanted) {
                if (input == &conn->in && !is_due(conn, *p))
                    return corm__pg_wire_unexpected(conn, *p, error);
                *message = (corm_pg_message){ *p, p + 5, size - 4 };
                input->position += wanted;
                return 0;
            }
        }
        if (input != &conn->in) return corm__pg_wire_unexpected(conn, 0, error);
        if (there == 0) input->position = input->end = 0;
        if (input->capacity - input->end < wanted - there ||
            input->capacity - input->end < INPUT_SIZE / 8) {
            if (!make_room(input, step_to(wanted - there, there))) {
                conn->lost = true;
                return corm__fail_memory(error);
            }
        }
        int status = receive(conn, error);
        if (status) return status;
    }
}

bool corm__pg_wire_is_noise(char type) {
    switch (type) {
    case 'N':
    case 'S':
    case 'A': /* notice, setting, notification */
    case '1':
    case '2':
    case '3':
    case 't': /* parsed, bound, closed, types of parameters */
    case 'n':
    case 'I': return true; /* no columns, nothing to do */
    default: return false;
    }
}

int corm__pg_wire_ready(corm_conn *conn, const corm_pg_message *message, corm_error_info *error) {
    char state = message->size == 1 ? message->body[0] : 0;
    if (state != 'I' && state != 'T' && state != 'E')
        return corm__pg_wire_unexpected(conn, 'Z', error);
    conn->transaction = state;
    conn->active = NULL;
    return 0;
}

int corm__pg_wire_rest(corm_conn *conn, corm_error_info *error) {
    while (conn->in.position < conn->in.end) {
        corm_pg_message message;
        int status = corm__pg_wire_next(conn, &conn->in, &message, error);
        if (status) return status;
        if (message.type != 'E') continue;
        conn->lost = true; /* why it shuts down */
        return corm__pg_wire_fail(&message, NULL, error);
    }
    return 0;
}

int corm__pg_wire_drain(corm_conn *conn, corm_error_info *error) {
    corm_pg_message message;
    int status;
    do {
        if ((status = corm__pg_wire_next(conn, &conn->in, &message, error))) return status;
        if (message.type == 'G' || message.type == 'W')
            return corm__pg_wire_unexpected(conn, message.type, error);
    } while (message.type != 'Z');
    status = corm__pg_wire_ready(conn, &message, error);
    if (conn->in.capacity > 8 * INPUT_SIZE &&
        conn->in.position == conn->in.end) { /* after a large value */
        free(conn->in.data);
        conn->in = (corm_pg_input){ 0 };
    }
    return status;
}

int corm__pg_wire_keep(corm_conn *conn, corm_pg_input *kept, corm_error_info *error) {
    /* Messages are looked at from here on and stay in the input, which is handed over whole at the
     * end. */
    corm_pg_input *input = &conn->in;
    if (!make_room(input, 0)) return corm__fail_memory(error);
    size_t looked = 0;
    for (;;) {
        size_t there = input->end - looked, wanted = 5;
        if (there >= 5) {
            uint32_t size = corm__pg_get32(input->data + looked + 1);
            if (size < 4 || size > LARGEST_MESSAGE)
                return corm__pg_wire_unexpected(conn, input->data[looked], error);
            wanted = (size_t)size + 1;
        }
        if (there >= wanted && there >= 5) {
            corm_pg_message message = { input->data[looked], input->data + looked + 5,
                                        (uint32_t)wanted - 5 };
            if (!is_due(conn, message.type) || message.type == 'G' || message.type == 'W')
                return corm__pg_wire_unexpected(conn, message.type, error);
            looked += wanted;
            if (message.type != 'Z') continue;
            int status = corm__pg_wire_ready(conn, &message, error);
            corm_pg_input rest = {
                0
            }; /* what the server says on its own: a notification, the reason why it shuts down */
            size_t more = input->end - looked;
            if (more && !make_room(&rest, more)) {
                conn->lost = true;
                return corm__fail_memory(error);
            }
            if (more) memcpy(rest.data, input->data + looked, rest.end = more);
            input->end = looked;
            *kept = *input;
            *input = rest;
            return status;
        }
        if (!make_room(input, step_to(SIZE_MAX, there))) {
            conn->lost = true;
            return corm__fail_memory(error);
        }
        int status = receive(conn, error);
        if (status) return status;
    }
}

int corm__pg_wire_fail(const corm_pg_message *message, const char *sql, corm_error_info *error) {
    corm_pg_report report = { 0 };
    const char *p = message->body, *last = p + message->size;
    while (p < last && *p) {
        const char *text = p + 1, *stop = memchr(text, 0, (size_t)(last - text));
        if (!stop) break;
        switch (*p) {
        case 'C': report.sqlstate = text; break;
        case 'M': report.message = text; break;
        case 'D': report.detail = text; break;
        case 'H': report.hint = text; break;
        case 'n': report.constraint = text; break;
        case 't': report.table = text; break;
        case 'c': report.column = text; break;
        default: break;
        }
        p = stop + 1;
    }
    return corm__pg_fail_report(&report, sql, error);
}
