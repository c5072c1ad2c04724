/* Any bytes as a value of any type of a server are a value of any kind, or an error: each engine's
 * decoder. Built for undefined behaviour to end the program. */
#include <mysql.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backend/postgresql/postgresql.h"
/* Each engine has a struct of this name. */
typedef struct mariadb_conn mariadb_conn;
#define corm_conn mariadb_conn
#include "backend/mariadb/statement.h"
#undef corm_conn

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) abort();
}

static const Oid oids[] = {
    PG_BOOL,       PG_BYTEA,       PG_CHAR,         PG_INT8,         PG_INT2,        PG_INT4,
    PG_TEXT,       PG_OID,         PG_JSON,         PG_FLOAT4,       PG_FLOAT8,      PG_DATE,
    PG_TIME,       PG_TIMESTAMP,   PG_TIMESTAMPTZ,  PG_INTERVAL,     PG_NUMERIC,     PG_UUID,
    PG_JSONB,      PG_FIRST_OWN,   PG_BOOL_ARRAY,   PG_BYTEA_ARRAY,  PG_INT2_ARRAY,  PG_INT4_ARRAY,
    PG_INT8_ARRAY, PG_FLOAT4_ARRAY, PG_FLOAT8_ARRAY, PG_NUMERIC_ARRAY, PG_DATE_ARRAY, PG_UUID_ARRAY,
};
static const struct {
    enum enum_field_types type;
    unsigned size; /* 0: any */
} fields[] = {
    { MYSQL_TYPE_TINY, 1 },     { MYSQL_TYPE_SHORT, 2 },      { MYSQL_TYPE_YEAR, 2 },
    { MYSQL_TYPE_INT24, 4 },    { MYSQL_TYPE_LONG, 4 },       { MYSQL_TYPE_FLOAT, 4 },
    { MYSQL_TYPE_LONGLONG, 8 }, { MYSQL_TYPE_DOUBLE, 8 },     { MYSQL_TYPE_BIT, 0 },
    { MYSQL_TYPE_DATE, 0 },     { MYSQL_TYPE_TIME, 0 },       { MYSQL_TYPE_DATETIME, 0 },
    { MYSQL_TYPE_BLOB, 0 },     { MYSQL_TYPE_NEWDECIMAL, 0 }, { MYSQL_TYPE_STRING, 0 },
};

static const char *const labels[] = { "a", "bb", NULL };
static const int values[] = { 1, 2 };

static corm_fetch_column column_of(const uint8_t *data) {
    return (corm_fetch_column){ .kind = (corm_kind)(data[0] % CORM_KIND_COUNT),
                                .element = (corm_kind)(data[1] % CORM_KIND_COUNT),
                                .optional = false,
                                .null = data[1] & 0x80,
                                .digits = 20,
                                .places = 4,
                                .name = "c",
                                .labels = labels,
                                .values = values };
}

static void check_status(int status, const corm_error_info *error) {
    require(status == 0 || (status < 0 && error->status == status && error->message[0]));
}

#include "check_value.h"

static void check_postgresql(const corm_fetch_column *column, unsigned type, const char *bytes,
                             size_t size) {
    corm_pg_reader reader;
    corm_error_info error = { 0 };
    corm_arena arena = { 0 };
    _Alignas(16) char place[64];
    void *objects[] = { place };
    memset(place, 0, sizeof place);
    int status =
        corm__pg_reader(&reader, column, oids[type % (sizeof oids / sizeof *oids)], &error);
    if (!status) {
        status = corm__pg_read(&reader, column, bytes, (int)size, objects, &arena, &error);
        if (!status) check_value(column->kind, place);
    }
    check_status(status, &error);
    corm__arena_release(&arena);
}

static void check_mariadb(const corm_fetch_column *column, unsigned type, const char *bytes,
                          size_t size, unsigned flags) {
    corm_mariadb_reader reader;
    corm_error_info error = { 0 };
    corm_arena arena = { 0 };
    _Alignas(16) char place[64];
    void *objects[] = { place };
    unsigned field_of = type % (sizeof fields / sizeof *fields);
    MYSQL_FIELD field = { .type = fields[field_of].type,
                          .flags = flags & 1 ? UNSIGNED_FLAG : 0,
                          .charsetnr = flags & 2 ? 63 : 45 };
    if (fields[field_of].size > size) return;
    corm_mariadb_cell cell = { (const unsigned char *)bytes,
                               fields[field_of].size ? fields[field_of].size : size };
    corm_fetch fetch = { column, 1, 1 };
    memset(place, 0, sizeof place);
    int status = corm__mariadb_reader(&reader, column, &field, &error);
    if (!status) {
        status = corm__mariadb_read_row(&reader, &fetch, &cell, objects, &arena, &error);
        if (!status) check_value(column->kind, place);
    }
    check_status(status, &error);
    corm__arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4) return 0;
    corm_fetch_column column = column_of(data);
    size_t n = size - 4;
    char *bytes = malloc(n + 1); /* exactly so long: reading past the end is seen */
    require(bytes);
    char *end = bytes + 1;
    memcpy(end, data + 4, n);
    check_postgresql(&column, data[2], end, n);
    check_mariadb(&column, data[2], end, n, data[3]);
    free(bytes);
    return 0;
}
