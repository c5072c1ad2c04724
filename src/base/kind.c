#include <corm/schema.h>

static const char *const names[CORM_KIND_COUNT] = {
    [CORM_NULL] = "null",
    [CORM_IDENTITY] = "identity",
    [CORM_SMALLINT] = "smallint",
    [CORM_INTEGER] = "integer",
    [CORM_BIGINT] = "bigint",
    [CORM_BOOLEAN] = "boolean",
    [CORM_REAL] = "real",
    [CORM_DOUBLE_PRECISION] = "double_precision",
    [CORM_DECIMAL] = "decimal",
    [CORM_VARCHAR] = "varchar",
    [CORM_TEXT] = "text",
    [CORM_BLOB] = "blob",
    [CORM_DATE] = "date",
    [CORM_TIME] = "time",
    [CORM_TIMESTAMP] = "timestamp",
    [CORM_INTERVAL] = "interval",
    [CORM_UUID] = "uuid",
    [CORM_JSON] = "json",
    [CORM_ENUMERATION] = "enumeration",
    [CORM_ARRAY] = "array",
    [CORM_EXPRESSION] = "expression",
};

const char *corm_kind_name(corm_kind kind) { return (unsigned)kind < CORM_KIND_COUNT ? names[kind] : "unknown kind"; }
