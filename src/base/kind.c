#include "base/kind.h"

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

const char *corm_kind_name(corm_kind kind) {
    return (unsigned)kind < CORM_KIND_COUNT ? names[kind] : "unknown kind";
}

size_t corm__kind_size(corm_kind kind) {
    switch (kind) {
    case CORM_IDENTITY:
    case CORM_BIGINT:
    case CORM_TIME:
    case CORM_TIMESTAMP:
    case CORM_INTERVAL:
    case CORM_DOUBLE_PRECISION: return 8;
    case CORM_INTEGER:
    case CORM_REAL:
    case CORM_DATE:
    case CORM_ENUMERATION: return 4;
    case CORM_SMALLINT: return 2;
    case CORM_BOOLEAN: return 1;
    case CORM_UUID: return sizeof(corm_uuid);
    case CORM_DECIMAL: return sizeof(corm_decimal);
    case CORM_BLOB: return sizeof(corm_blob);
    case CORM_ARRAY: return sizeof(corm_array_text);
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON: return sizeof(char *);
    case CORM_NULL:
    case CORM_EXPRESSION:
    case CORM_KIND_COUNT: break;
    }
    return 0;
}

size_t corm__kind_value_offset(corm_kind kind) {
    switch (kind) {
    case CORM_SMALLINT: return offsetof(corm_optional_smallint, value);
    case CORM_INTEGER: return offsetof(corm_optional_integer, value);
    case CORM_BOOLEAN: return offsetof(corm_optional_boolean, value);
    case CORM_REAL: return offsetof(corm_optional_real, value);
    case CORM_DATE: return offsetof(corm_optional_date, value);
    case CORM_DECIMAL: return offsetof(corm_optional_decimal, value);
    case CORM_UUID: return offsetof(corm_optional_uuid, value);
    default: return offsetof(corm_optional_bigint, value);
    }
}
