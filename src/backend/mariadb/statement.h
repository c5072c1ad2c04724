/* Prepared statements: what statement.c, encode.c and decode.c share. */
#pragma once
#include "backend/mariadb/mariadb.h"

/* Where a parameter's value stands from execute to reset. */
typedef union corm_mariadb_scratch {
    int64_t integer;
    double real;
    float real4;
    bool boolean;
    MYSQL_TIME moment;
    char text[CORM_DECIMAL_TEXT];
} corm_mariadb_scratch;

/* A value as it came over the wire, without its length; NULL: SQL NULL. */
typedef struct corm_mariadb_cell {
    const unsigned char *data;
    size_t size;
} corm_mariadb_cell;

/* How one column of a result becomes a member of a struct. */
typedef struct corm_mariadb_reader {
    uint8_t how, source;
    bool probe, optional, null;
    uint8_t value_offset;
    uint16_t object;
    uint32_t offset;
} corm_mariadb_reader;

/* --- encode.c --- */
/* value as kind (that of the column or parameter; CORM_NULL: as it is). Texts and blobs stay where
 * they are. number: the parameter's, for errors. */
int corm__mariadb_bind(MYSQL_BIND *bind, corm_mariadb_scratch *room, const corm_value *value,
                       corm_kind kind, int number,
                       corm_error_info *error);

/* An array as a text of JSON in the arena, which the dialect's JSON_TABLE reads. */
int corm__mariadb_array(const corm_value *array, corm_arena *arena, corm_value *out,
                        corm_error_info *error);

/* --- decode.c --- */
/* Fails with CORM_ERROR_TYPE when values of this field do not go into what the column of fetch
 * is. */
int corm__mariadb_reader(corm_mariadb_reader *reader, const corm_fetch_column *column,
                         const MYSQL_FIELD *field, corm_error_info *error);
/* Reads a row into objects. 0 or a status. */
int corm__mariadb_read_row(const corm_mariadb_reader *readers, const corm_fetch *fetch,
                           const corm_mariadb_cell *cells, void **objects,
                           corm_arena *arena, corm_error_info *error);
