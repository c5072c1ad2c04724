/* What a database engine gives to corm: one const vtable and a data-only struct of features. A
 * program does not need this header; an engine of one's own does. Code above a backend asks its
 * features and never its name.
 *
 * Errors: a function that can fail returns 0 or a negative corm_status and fills *error (never
 * NULL) completely: status, sqlstate or vendor_code, message, and detail, constraint, table, column
 * where the server gives them. No password in it. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/operator.h>
#include <corm/schema.h>
#include <corm/status.h>
#include <corm/value.h>

CORM__BEGIN

#define CORM_BACKEND_ABI 5

struct corm_arena;
struct corm_buffer;
typedef struct corm_conn corm_conn;     /* a backend's connection; each backend defines its own */
typedef struct corm_stmt corm_stmt;     /* a backend's prepared statement */

typedef struct corm_parameter { const char *name, *value; } corm_parameter;

/* How to connect. Unset texts are NULL and stay with the client library. All memory is the
 * caller's. */
typedef struct corm_connect_options {
    const char *host, *port, *name, *user, *password;
    /* further settings of this engine, by the names of the settings table; ends with name NULL */
    const corm_parameter *parameters;
    int timeout_ms;                     /* for one attempt to connect; 0: none */
    /* readable: give up at once with CORM_ERROR_CANCELLED; -1: none */
    int cancel_fd;
    bool no_create;                     /* never create a database (file) by looking at it */
    /* with no_create: a file that is missing must be one that could be created */
    bool creatable;
    bool migrating;                     /* the most durable mode (SQLite: synchronous FULL) */
} corm_connect_options;

typedef struct corm_features {
    bool transactional_ddl;     /* DDL rolls back with its transaction */
    bool returning;             /* INSERT … RETURNING */
    bool update_returning;      /* UPDATE … RETURNING */
    bool arrays;
    bool alter_column;          /* ALTER COLUMN in place; otherwise the table is rebuilt */
    bool deferrable_unique;
    bool deferrable_foreign_keys;
    bool include_columns;       /* indexes with INCLUDE */
    bool nulls_not_distinct;
    bool index_methods;
    bool concurrent_index;
    bool partial_indexes;
    bool expression_indexes;
    bool descending_indexes;
    bool exclusion;             /* exclusion constraints */
    bool not_valid;             /* a check or a foreign key NOT VALID, validated later */
    bool foreign_key_types;     /* both sides of a foreign key must be of one type */
    bool on_delete_set_default; /* foreign keys with ON DELETE SET DEFAULT */
    bool extensions;            /* CREATE EXTENSION */
    bool table_comments;        /* kept by the database */
    bool column_comments;
    /* an identity may be an integer or a smallint, to take fewer bytes */
    bool identity_kinds;
    bool array_parameters;      /* ONE_OF with one array parameter of integers, text or UUIDs */
    /* real, double_precision and decimal hold NaN; the first two infinities */
    bool nan;
    bool for_update;            /* SELECT … FOR UPDATE; otherwise lock_rows is there */
    bool schemas;
    bool set_default;           /* SET column = DEFAULT */
    bool update_join;           /* UPDATE … JOIN … SET; otherwise UPDATE … SET … FROM */
    bool bulk;                  /* the bulk functions below are there */
    bool pipeline;
    bool file;                  /* the database is a file (or memory): no server to wait for */
    /* decimals up to so many digits have another form than wider ones. 0: all have one */
    int narrow_digits;
    int max_parameters;         /* in one statement */
    int max_identifier;         /* bytes */
    bool case_sensitive_names;  /* names of columns and indexes that differ in case alone are two */
    /* bytes of a primary or a foreign key, a character being 4; texts and blobs have no place in
     * one. 0: no limit */
    int max_key;
    /* bytes of a row without its texts and blobs, a character of a varchar being 4. 0: no limit */
    int max_row;
    /* The end of a text in its regular expressions, where a backslash before a punctuation mark
     * makes it stand for itself, in brackets as well. NULL: it takes them as they are given */
    const char *regex_end;
    /* the lowest that corm supports, as the version function gives it */
    int min_version;
} corm_features;

/* --- rows into structs --- A fetch plan says where each column of a result goes. A row consists of
 * objects: object 0 is the row's struct, further ones are structs that came by a join. The driver
 * writes column i, decoded as `kind`, at (char *)objects[object] + offset. Text, blobs and arrays
 * are copied into the arena. */
typedef struct corm_fetch_column {
    corm_kind kind;             /* the C representation to write */
    corm_kind element;          /* of an array */
    bool optional;              /* the member is an optional_*: write set, and value at its place */
    /* a NULL may come: pointers become NULL, optionals unset. Otherwise NULL is CORM_ERROR_TYPE */
    bool null;
    /* NULL here means that the joined row is not there: set objects[object] = NULL, skip its
     * columns */
    bool probe;
    uint16_t object;
    /* decimal: of the expression that is read (its scale where the engine stores none) */
    uint16_t digits, places;
    uint32_t offset;
    const char *name;           /* for errors */
    /* a value that the member cannot hold leaves it as it is: the row is written already */
    bool lenient;
    const char *table;          /* for errors; NULL: it is not a table's own column */
    const char *const *labels;  /* enumeration: labels[i] for values[i]; ends with NULL */
    const int *values;
} corm_fetch_column;

typedef struct corm_fetch {
    const corm_fetch_column *columns;
    uint32_t n_columns, n_objects;
} corm_fetch;

/* --- from SQL text to rows --- */
enum {
    /* rows may be many: constant memory, and other statements may run between two steps */
    CORM_EXECUTE_STREAM = 1
};

/* --- DDL --- */
/* Statements in order. A backend adds to it; the executor runs it, sqlmigrate prints it. */
typedef struct corm_script_step {
    char *sql;
    /* cannot run inside one (CREATE INDEX CONCURRENTLY, PRAGMA foreign_keys) */
    bool outside_transaction;
} corm_script_step;
typedef struct corm_script {
    struct corm_arena *arena;   /* holds the texts */
    corm_script_step *steps;
    size_t n_steps, capacity;
    /* a table is rebuilt: foreign keys are to be off around the transaction, and checked before
     * its commit (see the functions for it in corm_backend) */
    bool foreign_keys_off;
    int version;                /* of the server it is written for; 0: the lowest supported */
    corm_error_info *error;     /* never NULL */
} corm_script;

/* One change to one table. before == NULL creates after; after == NULL drops before. Otherwise both
 * describe the whole table before and after, and the other members what is different. */
typedef struct corm_change {
    /* one that changes a table: CORM_CREATE_TABLE to CORM_LAST_TABLE_CHANGE, or
     * CORM_CREATE_EXTENSION, CORM_REMOVE_EXTENSION */
    corm_operation_kind kind;
    const corm_table *before, *after;
    const corm_column *column_before, *column_after;
    const corm_index *index_before, *index_after;
    const corm_constraint *constraint_before, *constraint_after;
    const char *extension;                  /* create, remove extension */
    /* add, remove index: the statements are marked outside_transaction */
    bool concurrently;
    /* ADD_COLUMN, and ALTER_COLUMN to NOT NULL: what existing rows get; NULL: nothing */
    const corm_default *fill;
    const corm_schema *schema_before;       /* all tables, for what refers to this one */
    const corm_schema *schema_after;
    /* the change of this table that comes before this one and is to be written together with it;
     * NULL: none. Only where features.alter_column is false: one rebuild instead of several */
    const struct corm_change *earlier;
} corm_change;

/* What a change costs on a table with many rows, while other programs use it. */
typedef enum corm_cost { CORM_COST_INSTANT = 1, CORM_COST_SCAN, CORM_COST_REWRITE } corm_cost;
typedef struct corm_change_cost {
    corm_cost cost;
    bool blocks_reads, blocks_writes;   /* for as long as it takes, not only for a moment */
    const char *why;                    /* "the server rewrites the table"; static memory */
    const char *instead;                /* the safe way, or NULL; static memory */
} corm_change_cost;

/* The engine's own client program. */
typedef struct corm_client {
    /* from the program's name on; ends with NULL; no password in them: every user of the machine
     * can read them */
    const char **arguments;
    const char **environment;   /* "NAME=value", ends with NULL; the password is here */
    const char *install;        /* what to do when there is no such program */
} corm_client;

typedef struct corm_backend {
    int abi;                    /* CORM_BACKEND_ABI */
    const char *name;           /* "sqlite": the setting DB_ENGINE */
    const char *title;          /* "SQLite", for people */
    const corm_features *features;

    /* --- driver --- */
    int (*open)(const corm_connect_options *options, corm_conn **out, corm_error_info *error);
    void (*close)(corm_conn *conn);         /* NULL-safe */
    /* The server's version as major × 10000 + minor × 100 + patch (SQLite 3.40.1: 34001 → 3 × 10000
     * + 40 × 100 + 1; PostgreSQL 15.18: 150018). */
    int (*version)(corm_conn *conn);
    /* False when the connection is known to be lost: it must be closed. */
    bool (*alive)(corm_conn *conn);
    /* True inside a transaction block, also a failed one. */
    bool (*in_transaction)(corm_conn *conn);
    /* Runs one or more statements without parameters or rows of interest. */
    int (*exec)(corm_conn *conn, const char *sql, corm_error_info *error);
    /* Prepares one statement whose placeholders the dialect wrote. kinds: of the parameters, n of
     * them. */
    int (*prepare)(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds, int n,
         corm_stmt **out, corm_error_info *error);
    void (*finalize)(corm_stmt *stmt);      /* NULL-safe; before close of its connection */
    /* Number and name of result columns (known after execute at the latest). The name lives until
     * the next execute or finalize. */
    int (*column_count)(corm_stmt *stmt);
    const char *(*column_name)(corm_stmt *stmt, int column);
    /* Starts it. Values are copied or used up by the time reset is called; the caller keeps them
     * valid until then. */
    int (*execute)(corm_stmt *stmt, const corm_value *values, int n, unsigned flags,
         corm_error_info *error);
    /* The next row: 1 and the objects filled, 0 at the end, negative on error. fetch may be NULL:
     * rows are only counted. */
    int (*step)(corm_stmt *stmt, const corm_fetch *fetch, void **objects, struct corm_arena *arena,
         corm_error_info *error);
    /* Ends the execution, whatever its state, and makes the statement ready for the next
     * execute. */
    void (*reset)(corm_stmt *stmt);
    /* Rows that the last execution inserted, updated or deleted. Valid after step returned 0. */
    int64_t (*affected)(corm_stmt *stmt);
    /* Bulk load (features.bulk): begin, then rows of n values each, then end (commit it with
     * true). */
    int (*bulk_begin)(corm_conn *conn, const char *table, const char *const *columns,
         const corm_kind *kinds, int n, corm_error_info *error);
    int (*bulk_row)(corm_conn *conn, const corm_value *values, corm_error_info *error);
    int (*bulk_end)(corm_conn *conn, bool commit, int64_t *rows, corm_error_info *error);

    /* --- the migration lock: held by this connection, gone with it. Never blocks. --- */
    /* 1: got it. 0: another has it, and holder (if not NULL) says who, "" when unknown. Negative:
     * error. */
    int (*lock_try)(corm_conn *conn, const char *name, char *holder, size_t size,
         corm_error_info *error);
    void (*lock_release)(corm_conn *conn, const char *name);
    /* Checks beyond SELECT 1. 1 ready, 0 not yet (why in error), negative: error. writable: refuse
     * a server in recovery or read-only. */
    int (*ready)(corm_conn *conn, bool writable, corm_error_info *error);
    /* Creates the database that options name (wait_for_db --missing-db=create). */
    int (*create_database)(const corm_connect_options *options, corm_error_info *error);

    /* --- dialect --- */
    /* Quotes an identifier; doubles quotes inside. */
    void (*identifier)(struct corm_buffer *out, const char *name);
    /* The placeholder of parameter number (from 1), with a cast where the engine needs one to know
     * its kind. */
    void (*placeholder)(struct corm_buffer *out, int number, corm_kind kind, corm_kind element);
    /* The SQL for an operator or function of queries (enum corm_op) whose first operand is of kind:
     * a template in which {0}, {1} … stand for the operands, {*} for all of them joined by ", ";
     * {l}, {d}, {p} for the length, digits and places of the first one, {s} for the places of the
     * second. NULL: the engine does not have it; of CORM_OP_SET: what an expression gives ({0})
     * needs no check before it is stored in a column of kind. */
    const char *(*expression)(int op, const corm_column *type);

    /* --- ddl and introspection --- */
    /* Writes the change as SQL. conn: the live database, or NULL when only printing (then what only
     * the database knows, such as its triggers, is left out). With it, what can be known to fail is
     * an error here: a rebuild that would lose what change->before does not hold, NULLs in what is
     * to have none. */
    int (*ddl)(corm_script *script, const corm_change *change, corm_conn *conn);
    /* Appends a column's default, or what its rows get, as an expression. */
    int (*value)(struct corm_buffer *out, const corm_column *column, const corm_default *value,
         corm_error_info *error);
    /* Appends a condition: changing the column's type from before to after would not leave the
     * row's value as it is. Nothing when that cannot be. */
    void (*loses)(struct corm_buffer *out, const corm_column *before, const corm_column *after);
    /* A query for what stands on tables by their names: "view" or "trigger", its name, a trigger's
     * table, its text, and whether the engine itself changes names in the text when they change. */
    const char *dependents;
    /* The tables of the database (of the current schema), as plain data in the arena, with what
     * corm itself would have written for them, so that a table made from a model compares equal.
     * only: one table's name, or NULL for all. */
    int (*introspect)(corm_conn *conn, const char *only, struct corm_arena *arena, corm_schema *out,
         corm_error_info *error);

    /* What the change costs on a server of this version (0: the lowest supported). 0, or
     * CORM_ERROR_MEMORY. */
    int (*cost)(const corm_change *change, int version, corm_change_cost *out);

    /* --- dbshell --- */
    /* How to run the engine's own client on this database; extra arguments (ends with NULL) are
     * passed on to it. All in the arena. NULL: there is none. */
    int (*client)(const corm_connect_options *options, const char *const *extra,
         struct corm_arena *arena, corm_client *out, corm_error_info *error);

    /* --- optional --- */
    /* The identity of the row that the last execution, an INSERT of one row, made, where that is
     * cheaper than RETURNING. NULL: there is no such way. */
    int64_t (*inserted_id)(corm_stmt *stmt);
    /* How many bytes the values of one statement may have on this connection; 0: not known. NULL:
     * no limit that matters. */
    size_t (*most_bytes)(corm_conn *conn);
    /* Keeps others from writing to the table until the transaction ends, when the engine has no
     * locks of rows; wait false: CORM_ERROR_LOCKED at once when it must be waited for. */
    int (*lock_rows)(corm_conn *conn, const char *table, bool wait, corm_error_info *error);
    /* What stands before a SELECT to have its plan told, and the column, from 0, that tells it line
     * by line; those before it are numbers. NULL: there is no such thing. */
    const char *explain;
    int explain_column;
    /* What stands behind INSERT INTO … when no column is named. NULL: " DEFAULT VALUES". */
    const char *default_values;
    /* What an INSERT ends with that leaves out rows whose key is there already, and no other error;
     * {0} stands for a column of the key. NULL: " ON CONFLICT DO NOTHING". */
    const char *do_nothing;

    /* Appends a statement that lets the table's identity go on behind the rows that are there.
     * NULL: it does so by itself. */
    void (*reset_identity)(struct corm_buffer *out, const char *table, const char *column);

    /* --- optional: migrating on a server that others use meanwhile; NULL where it has no meaning
     * --- */
    /* Whether lock_try's lock holds on this connection. 0: no (behind a pooler that gives each
     * transaction another session, in a cluster where it is local to a node): a lease is taken
     * instead, a row that expires; the session is then one that sees what others have committed.
     * Negative: error. */
    int (*lock_holds)(corm_conn *conn, corm_error_info *error);
    /* SQL: the server's clock, seconds since 1970 as double precision. Needed with lock_holds. */
    const char *clock;
    /* SQL that keeps others from writing to table {0} until the transaction ends. NULL: DDL needs
     * none. */
    const char *lock_table;
    /* A query for one text: SQL that gives the session the settings back that it has now. */
    const char *kept_settings;
    /* An expression in SQL: the tableoid of the current schema's corm_migrations, which may not be
     * the one that the name finds; NULL when there is none. */
    const char *record_table;
    /* Appends a condition in SQL: no session holds the lock of this name. Of an engine where some
     * sessions take a lock and others a lease. */
    void (*lock_is_free)(struct corm_buffer *out, const char *name);
    /* Statements of this transaction (or, where the engine has that not, of this session) that wait
     * for a table's lock so long fail with CORM_ERROR_LOCKED. 0, outside of a transaction: as it
     * was. */
    int (*lock_wait)(corm_conn *conn, int milliseconds, corm_error_info *error);
    /* The server's number of the session that runs this connection's transaction, and, asked on
     * another connection, who keeps it waiting: 1 and out filled, 0 when nobody does, negative:
     * error. */
    int64_t (*session)(corm_conn *conn);
    int (*blockers)(corm_conn *conn, int64_t session, char *out, size_t size,
         corm_error_info *error);

    /* --- optional: an INSERT that changes the row which has its key already --- */
    /* Appends what the INSERT ends with, up to the assignments; nothing: there are none. A row that
     * has another unique value of the new one stays as it is, and the statement fails by
     * CORM_ERROR_UNIQUE, or by CORM_ERROR_MULTIPLE_ROWS when only an INSERT can say which it is.
     * NULL: " ON CONFLICT (…) DO UPDATE SET ". */
    void (*key_taken)(struct corm_buffer *out, const char *const *key, size_t n, bool nothing);
    /* The value that the INSERT has for the column {0}. NULL: "excluded.{0}". */
    const char *inserted;
    /* What lets an INSERT give an identity that is ALWAYS the database's; before VALUES. */
    const char *overriding;

    /* --- optional: migrating where a changed table is rebuilt (scripts set foreign_keys_off);
     * NULL where none is --- */
    /* The most durable mode, until it is called with on false. */
    int (*durable)(corm_conn *conn, bool on, corm_error_info *error);
    /* Foreign keys off, outside of a transaction; with on true as they were. The SQL for both, to
     * be printed. */
    int (*foreign_keys)(corm_conn *conn, bool on, corm_error_info *error);
    const char *foreign_keys_off, *foreign_keys_on;
    /* How many rows refer to rows that are not there, and the table of the first of them ("" when
     * there is none). */
    int (*violations)(corm_conn *conn, int64_t *rows, char *table, size_t size,
         corm_error_info *error);
    /* CORM_ERROR_FULL when there is no room for the change's rebuild; nothing was done. */
    int (*rebuild_space)(corm_conn *conn, const corm_change *change, corm_error_info *error);

    /* --- optional: an engine whose columns may hold a kind in another form than it compares --- */
    /* A template (see expression) of what gives the value of this live column in the form that is
     * bound, or of what makes that the column's form to be written. NULL: it is that form. */
    const char *(*stored)(corm_conn *conn, const char *table, const corm_column *column,
         bool write);
    /* Writes what brings a database that an earlier corm made into today's form; nothing when it is
     * in it. */
    int (*renew)(corm_script *script, corm_conn *conn);
} corm_backend;

extern const corm_backend corm_backend_sqlite;
extern const corm_backend corm_backend_postgresql;
extern const corm_backend corm_backend_mariadb;

CORM__END
