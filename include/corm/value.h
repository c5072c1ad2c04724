/* A value with its kind: what is bound to a statement. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/schema.h>

CORM__BEGIN

typedef struct corm_value {
    corm_kind kind;             /* CORM_NULL: SQL NULL */
    union {
        corm_kind element;      /* CORM_ARRAY: the kind of its items */
        int digits;             /* CORM_DECIMAL: those of its column; 0: not known */
    };
    union {
        int64_t integer;        /* identity smallint integer bigint */
        bool boolean;
        double real;            /* real double_precision */
        const char *text;       /* varchar text json; NULL is SQL NULL */
        corm_decimal decimal;
        corm_blob blob;
        corm_date date;
        corm_time time;
        corm_timestamp timestamp;
        corm_interval interval;
        corm_uuid uuid;
        /* items: C array of the element's C type; or, with values, of corm_value */
        struct { const void *items; size_t length; bool values; } array;
        const struct corm_expr *expression;                 /* CORM_EXPRESSION: in queries only */
    };
} corm_value;

/* Values for corm_sql: corm_sql(db, Total, "… WHERE email = ? AND id > ?", TEXT("x"), BIGINT(5)).
 * Memory stays the caller's. */
#define CORM_VALUE_NULL ((corm_value){ .kind = CORM_NULL })
#define CORM_VALUE_BIGINT(v) ((corm_value){ .kind = CORM_BIGINT, .integer = (v) })
#define CORM_VALUE_BOOLEAN(v) ((corm_value){ .kind = CORM_BOOLEAN, .boolean = (v) })
#define CORM_VALUE_DOUBLE(v) ((corm_value){ .kind = CORM_DOUBLE_PRECISION, .real = (v) })
#define CORM_VALUE_TEXT(v) ((corm_value){ .kind = CORM_TEXT, .text = (v) })
#define CORM_VALUE_DECIMAL(v) ((corm_value){ .kind = CORM_DECIMAL, .decimal = (v) })
#define CORM_VALUE_BLOB(d, n) ((corm_value){ .kind = CORM_BLOB, .blob = { (d), (n) } })
#define CORM_VALUE_DATE(v) ((corm_value){ .kind = CORM_DATE, .date = (v) })
#define CORM_VALUE_TIMESTAMP(v) ((corm_value){ .kind = CORM_TIMESTAMP, .timestamp = (v) })
#define CORM_VALUE_UUID(v) ((corm_value){ .kind = CORM_UUID, .uuid = (v) })
#ifndef CORM_NO_SHORT_NAMES
CORM__FREE(TEXT);
CORM__FREE(BIGINT);
#define TEXT(v) CORM_VALUE_TEXT(v)
#define BIGINT(v) CORM_VALUE_BIGINT(v)
#endif

CORM__END
