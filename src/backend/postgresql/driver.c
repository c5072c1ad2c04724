#include "backend/postgresql/ddl.h"
#include "backend/postgresql/statement.h"
#include "base/error.h"

static int version(corm_conn *conn) { return PQserverVersion(conn->pg); }
/* A message has 1 GB at most; a quarter leaves room for what it becomes in the server. */
static size_t most_bytes(corm_conn *conn) {
    (void)conn;
    return (size_t)1 << 28;
}
static bool alive(corm_conn *conn) { return !conn->lost; }
static bool in_transaction(corm_conn *conn) { return !conn->lost && conn->transaction != 'I'; }

/* The images of PostgreSQL initialise a new database by a temporary server that has no TCP port. A
 * program beside it must not take that for the real one; but one that was told the socket's folder
 * by name (DB_HOST, PGHOST, …) wants a server without a port. */
static int ready(corm_conn *conn, bool writable, corm_error_info *error) {
    PGresult *result = corm__pg_row(conn,
                                    "SELECT pg_catalog.current_setting('listen_addresses') = '', "
                                    "pg_catalog.pg_is_in_recovery(), "
                                    "pg_catalog.current_setting('transaction_read_only') = 'on'",
                                    0, NULL, 3, error);
    if (!result) return error->status;
    bool no_port = corm__pg_cell(result, 0, 0)[0] == 't',
         recovery = corm__pg_cell(result, 0, 1)[0] == 't',
         read_only = corm__pg_cell(result, 0, 2)[0] == 't';
    PQclear(result);
    if (no_port && conn->default_socket) {
        corm__fail(error, CORM_ERROR_STARTING,
                   "PostgreSQL runs without a TCP port (listen_addresses is empty), as the "
                   "temporary server of a first start does");
        corm__error_hint(error, "When that is intended, name the socket's folder in DB_HOST.");
        return 0;
    }
    if (writable && recovery) {
        corm__fail(error, CORM_ERROR_STARTING,
                   "PostgreSQL is in recovery: it is a standby, or still starting");
        return 0;
    }
    if (writable && read_only) {
        corm__fail(error, CORM_ERROR_READ_ONLY,
                   "PostgreSQL is read-only (default_transaction_read_only is on)");
        return 0;
    }
    return 1;
}

static int value(corm_buffer *out, const corm_column *column, const corm_default *value,
                 corm_error_info *error) {
    (void)error;
    corm__pg_default(out, column->kind, value);
    return 0;
}

static const corm_features features = {
    .transactional_ddl = true,
    .returning = true,
    .update_returning = true,
    .set_default = true,
    .arrays = true,
    .alter_column = true,
    .deferrable_unique = true,
    .deferrable_foreign_keys = true,
    .include_columns = true,
    .nulls_not_distinct = true,
    .index_methods = true,
    .partial_indexes = true,
    .expression_indexes = true,
    .descending_indexes = true,
    .exclusion = true,
    .not_valid = true,
    .on_delete_set_default = true,
    .extensions = true,
    .concurrent_index = true,
    .table_comments = true,
    .column_comments = true,
    .identity_kinds = true,
    .array_parameters = true,
    .nan = true,
    .for_update = true,
    .schemas = true,
    .bulk = true,
    .max_parameters = 65535,
    .max_identifier = 63,
    .case_sensitive_names = true,
    .regex_end = "$",
    .min_version = 120000,
};

const corm_backend corm_backend_postgresql = {
    .abi = CORM_BACKEND_ABI,
    .name = "postgresql",
    .title = "PostgreSQL",
    .features = &features,
    .open = corm__pg_open,
    .close = corm__pg_close,
    .version = version,
    .alive = alive,
    .in_transaction = in_transaction,
    .exec = corm__pg_exec,
    .prepare = corm__pg_prepare,
    .finalize = corm__pg_finalize,
    .column_count = corm__pg_column_count,
    .column_name = corm__pg_column_name,
    .execute = corm__pg_execute,
    .step = corm__pg_step,
    .reset = corm__pg_reset,
    .affected = corm__pg_affected,
    .bulk_begin = corm__pg_bulk_begin,
    .bulk_row = corm__pg_bulk_row,
    .bulk_end = corm__pg_bulk_end,
    .lock_try = corm__pg_lock_try,
    .lock_release = corm__pg_lock_release,
    .ready = ready,
    .create_database = corm__pg_create_database,
    .explain = "EXPLAIN ",
    .identifier = corm__pg_identifier,
    .placeholder = corm__pg_placeholder,
    .expression = corm__pg_expression,
    .stored = corm__pg_stored,
    .value = value,
    .ddl = corm__pg_ddl,
    .loses = corm__pg_loses,
    /* the server itself minds views */
    .dependents = "SELECT 'trigger', t.tgname::text, c.relname::text, p.prosrc, 0::bigint "
                  "FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
                  "JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid "
                  "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                  "WHERE NOT t.tgisinternal AND n.nspname = pg_catalog.current_schema() ORDER BY 2",
    .reset_identity = corm__pg_reset_identity,
    .lock_table = "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE",
    .kept_settings =
        "SELECT 'SELECT pg_catalog.set_config(s.name, coalesce(k.value, s.reset_val), false) FROM "
        "pg_catalog.pg_settings s LEFT JOIN (VALUES ' || coalesce(string_agg(format('(%L, %L)', "
        "name, setting), ', '), '(NULL::text, NULL::text)') || ') k (name, value) ON k.name = "
        "s.name WHERE s.source = ''session'' AND s.name NOT LIKE ''transaction%'' AND s.setting IS "
        "DISTINCT FROM coalesce(k.value, s.reset_val)' FROM pg_catalog.pg_settings WHERE source = "
        "'session'",
    .record_table = "pg_catalog.to_regclass(pg_catalog.quote_ident("
                    "pg_catalog.current_schema()) || '.corm_migrations')",
    .introspect = corm__pg_introspect,
    .cost = corm__pg_cost,
    .client = corm__pg_client,
    .lock_holds = corm__pg_lock_holds,
    .clock = "extract(epoch FROM clock_timestamp())::double precision",
    .lock_is_free = corm__pg_lock_is_free,
    .lock_wait = corm__pg_lock_wait,
    .session = corm__pg_session,
    .blockers = corm__pg_blockers,
    .overriding = " OVERRIDING SYSTEM VALUE",
    .most_bytes = most_bytes,
};
