/* SQLite: what the files of this folder share. How values are stored:
 *
 * boolean 0 or 1; integers, identity and interval (microseconds) INTEGER; real and double precision
 * REAL, never NaN; varchar, text, json, enumeration TEXT; date, time, timestamp (UTC) TEXT of fixed
 * width, which sorts as time does; uuid BLOB of 16 bytes; blob BLOB; decimal(d, p): when d <= 18
 * INTEGER units of 10^-p, 9.99 in decimal(5, 2) is 999; else a TEXT that sorts as its values do:
 * wide.c. So sums and comparisons are exact. A REAL or a text with a point that comes out of an
 * expression is the value itself. A column that another program made may have other forms: see
 * form.c. */
#pragma once
#include <corm/backend.h>
#include <locale.h>
#include <sqlite3.h>

/* Decimals up to this many digits are INTEGER; a text of a wider one has at most this many
 * bytes. */
enum { CORM__SQLITE_INTEGER_DIGITS = 18, CORM__SQLITE_WIDE_TEXT = 96 };

struct corm_conn {
    sqlite3 *db;
    char *name;                 /* as in the options, for messages */
    bool memory;
    bool locale_tried;
    char sound[128];            /* a table that was checked: errors.c */
    double sound_until;         /* on corm__clock */
    sqlite3_stmt *declaration;  /* of a table: form.c; made when first needed */
    locale_t locale;            /* UTF-8, made when first needed; 0: none, ASCII rules apply */
    int lock;                   /* descriptor of the migration lock's file; -1: not held */
    char *lock_path;
    int synchronous;            /* as it was, while a migration has it FULL; 0: unchanged */
    bool foreign_keys_off;      /* for a rebuild: they are to be on again */
    bool left_wal;              /* the same: WAL is to be set again */
    int64_t cache_size;         /* the same: as it was; 0: unchanged */
};

struct corm_stmt {
    corm_conn *conn;
    sqlite3_stmt *handle;
    /* texts of bound values, one for each parameter; made when first needed */
    char (*scratch)[CORM__SQLITE_WIDE_TEXT];
    int n_parameters;
    int total_changes;          /* before the execution */
    /* what the first step gave, until somebody asks; 0: it is not done yet */
    int first;
    int64_t affected;
};

/* errors.c: fills *error from the connection's last error (rc: its code) and returns the status.
 * sql may be NULL. */
int corm__sqlite_error(sqlite3 *db, int rc, const char *sql, corm_error_info *error);

/* A damaged page may be read as a value of another type, as a key that is there twice, as NULL:
 * when SQLite's own check of the table says so, such an error becomes CORM_ERROR_CORRUPT. The
 * check reads the whole table; of one that was found sound it is not repeated for an hour. The
 * status. */
int corm__sqlite_explain(corm_conn *conn, const char *table, corm_error_info *error);

/* open.c */
int corm__sqlite_open(const corm_connect_options *options, corm_conn **out, corm_error_info *error);
void corm__sqlite_close(corm_conn *conn);
int corm__sqlite_ready(corm_conn *conn, bool writable, corm_error_info *error);
int corm__sqlite_create_database(const corm_connect_options *options, corm_error_info *error);

/* lock.c */
int corm__sqlite_lock_try(corm_conn *conn, const char *name, char *holder, size_t size,
                          corm_error_info *error);
void corm__sqlite_lock_release(corm_conn *conn, const char *name);

/* exec.c */
int corm__sqlite_exec(corm_conn *conn, const char *sql, corm_error_info *error);
int corm__sqlite_version(corm_conn *conn);

/* types.c: binds value to parameter index (from 1); reads the current row. */
int corm__sqlite_bind(corm_stmt *stmt, int index, const corm_value *value, corm_error_info *error);
int corm__sqlite_fetch_row(corm_stmt *stmt, const corm_fetch *fetch, void **objects,
                           struct corm_arena *arena, corm_error_info *error);

/* functions.c, decimal.c, convert.c: register the SQL functions that the dialect's templates use.
 * An SQLite result code. */
int corm__sqlite_functions(corm_conn *conn);
int corm__sqlite_decimal_functions(corm_conn *conn);
int corm__sqlite_scalar_functions(corm_conn *conn);
int corm__sqlite_cast_function(corm_conn *conn);

/* match.c: the character at *at, which is moved behind it. A byte that is none is
 * CORM__SQLITE_NO_CHARACTER and itself. */
enum { CORM__SQLITE_NO_CHARACTER = 0x110000 };
unsigned corm__sqlite_decode(const unsigned char **at, const unsigned char *end);
/* What matches a pattern as corm__regex writes it, with $ for the end of a text. Takes what the
 * buffer holds; NULL when it is broken or memory is out. */
typedef struct corm_matcher corm_matcher;
corm_matcher *corm__sqlite_matcher(struct corm_buffer *pattern);
void corm__sqlite_matcher_free(void *matcher);
/* locale: of corm__utf8_locale. */
bool corm__sqlite_matches(corm_matcher *matcher, const unsigned char *text, size_t size,
                          locale_t locale);

/* wide.c: decimals of more than 18 digits as texts whose order is theirs. format: of a value in
 * its column's scale, up to 38 digits. parse: this form; a text with a point; or digits, which
 * are units of 10^-places. False: it is none of them. fits: |value| < 10^digits in units. */
void corm__sqlite_wide_format(corm_decimal value, char out[CORM__SQLITE_WIDE_TEXT]);
bool corm__sqlite_decimal_parse(const char *text, size_t size, int places, corm_decimal *out);
bool corm__sqlite_decimal_fits(corm_decimal value, int digits);
int corm__sqlite_wide_functions(corm_conn *conn);

/* form.c: templates of SQL that read a column in corm's form, or write a value into it. NULL: it is
 * corm's own, and what is stored is the form. */
const char *corm__sqlite_stored(corm_conn *conn, const char *table, const corm_column *column,
                                bool write);
/* The column as a rebuild copies it. */
void corm__sqlite_write_stored(struct corm_buffer *out, corm_conn *conn, const char *table,
                               const corm_column *column);
int corm__sqlite_form_functions(corm_conn *conn);

/* array.c: an array parameter as a table, for x IN (SELECT value FROM corm_array(?)). The value
 * must live until the statement is reset. */
int corm__sqlite_array_table(corm_conn *conn);
bool corm__sqlite_array_holds(corm_kind element);
int corm__sqlite_bind_array(sqlite3_stmt *handle, int index, const corm_value *value);

/* dialect.c */
void corm__sqlite_identifier(struct corm_buffer *out, const char *name);
void corm__sqlite_placeholder(struct corm_buffer *out, int number, corm_kind kind,
                              corm_kind element);
const char *corm__sqlite_expression(int op, const corm_column *type);

/* client.c */
int corm__sqlite_client(const corm_connect_options *options, const char *const *extra,
                        struct corm_arena *arena, corm_client *out, corm_error_info *error);

/* ddl.c, rebuild.c, introspect.c */
int corm__sqlite_cost(const corm_change *change, int version, corm_change_cost *out);
void corm__sqlite_loses(struct corm_buffer *out, const corm_column *before,
                        const corm_column *after);
int corm__sqlite_ddl(corm_script *script, const corm_change *change, corm_conn *conn);
int corm__sqlite_renew(corm_script *script, corm_conn *conn);
int corm__sqlite_introspect(corm_conn *conn, const char *only, struct corm_arena *arena,
                            corm_schema *out, corm_error_info *error);

/* rebuild_guard.c */
int corm__sqlite_durable(corm_conn *conn, bool on, corm_error_info *error);
int corm__sqlite_foreign_keys(corm_conn *conn, bool on, corm_error_info *error);
int corm__sqlite_violations(corm_conn *conn, int64_t *rows, char *table, size_t size,
                            corm_error_info *error);
/* Behind a rebuild: WAL again, its log given back, the cache as it was. */
void corm__sqlite_end_rebuild(corm_conn *conn);
int corm__sqlite_rebuild_space(corm_conn *conn, const corm_change *change, corm_error_info *error);
