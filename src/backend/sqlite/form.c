/* Columns that another program made, and how their values are found by what they mean.
 *
 * SQLite's types say little: a DATETIME may hold '2020-01-01 00:00:00' or '2020-01-01T00:00:00Z', a
 * NUMERIC(10, 2) holds 12 and 12.5. So the schema decides, never a value's class: a column is
 * corm's own when its declaration stands in the CREATE TABLE as corm writes it. Its values are in
 * one form, and what is stored is compared, by an index where there is one. Any other column is
 * compared by corm_value_of(column, kind), which gives the value in corm's form, whatever its
 * spelling; what it cannot read it leaves as it is. */
#include "backend/sqlite/declaration.h"
#include "backend/sqlite/driver.h"
#include "base/buffer.h"
#include <stdio.h>
#include <string.h>

typedef enum form { FORM_OWN, FORM_UNITS_TEXT, FORM_OTHER } form;

/* The declared type at `type` is one that corm writes for columns of this kind. */
static form form_of_type(const char *type, const corm_column *column) {
    static const char *const names[CORM_KIND_COUNT] = { [CORM_BOOLEAN] = "BOOLEAN",
                                                        [CORM_TIME] = "TIME",
                                                        [CORM_TIMESTAMP] = "TIMESTAMP",
                                                        [CORM_UUID] = "UUID" };
    static const char *const decimals[] = { "DECIMAL", "DECIMAL_SORTED_TEXT", "DECIMAL_TEXT" };
    char own[64];
    size_t length = 0;
    if (names[column->kind]) {
        length = strlen(names[column->kind]);
        if (strncmp(type, names[column->kind], length) != 0) return FORM_OTHER;
    }
    int digits, places, which = -1;
    for (int i = 0; i < 3 && column->kind == CORM_DECIMAL && which < 0; i++) {
        size_t name = strlen(decimals[i]);
        if (strncmp(type, decimals[i], name) != 0 ||
            sscanf(type + name, "(%d, %d)", &digits, &places) != 2)
            continue;
        length = (size_t)snprintf(own, sizeof own, "%s(%d, %d)", decimals[i], digits, places);
        if (strncmp(type, own, length) == 0) which = i;
    }
    if ((column->kind == CORM_DECIMAL && which < 0) || !strchr(" ,)\n", type[length]))
        return FORM_OTHER;
    return which == 2 ? FORM_UNITS_TEXT : FORM_OWN;
}

/* As ddl.c writes a column, or ALTER TABLE adds one: behind four spaces or a comma, in quotes. */
static form form_in(const char *sql, const corm_column *column) {
    char name[256];
    sqlite3_snprintf(sizeof name, name, "\"%w\" ", column->name);
    size_t length = strlen(name);
    for (const char *at = sql; (at = strstr(at, name)); at += length) {
        bool own_line = at - sql > 5 && memcmp(at - 5, "\n    ", 5) == 0;
        bool added = at - sql > 2 && memcmp(at - 2, ", ", 2) == 0;
        if (own_line || added) return form_of_type(at + length, column);
    }
    return FORM_OTHER;
}

/* Of a view, or a table that is not there, nothing is known. */
static form form_of(corm_conn *conn, const char *table, const corm_column *column) {
    static const char sql[] =
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
    form form = FORM_OWN;
    if (!conn->declaration &&
        sqlite3_prepare_v2(conn->db, sql, -1, &conn->declaration, NULL) != SQLITE_OK)
        return FORM_OWN;
    sqlite3_bind_text(conn->declaration, 1, table, -1, SQLITE_STATIC);
    if (sqlite3_step(conn->declaration) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(conn->declaration, 0);
        if (text) form = form_in(text, column);
    }
    sqlite3_reset(conn->declaration);
    return form;
}

const char *corm__sqlite_stored(corm_conn *conn, const char *table, const corm_column *column,
                                bool write) {
    bool several = column->kind == CORM_BOOLEAN || column->kind == CORM_TIME ||
                   column->kind == CORM_TIMESTAMP || column->kind == CORM_UUID ||
                   column->kind == CORM_DECIMAL;
    form form = several && table ? form_of(conn, table, column) : FORM_OWN;
    if (form == FORM_OWN) return NULL;
    switch (column->kind) {
    case CORM_BOOLEAN: return write ? NULL : "({0} <> 0)";
    case CORM_TIME: return write ? NULL : "corm_value_of({0}, 'TIME')";
    case CORM_TIMESTAMP: return write ? NULL : "corm_value_of({0}, 'TIMESTAMP')";
    case CORM_UUID: return write ? NULL : "corm_value_of({0}, 'UUID')";
    default: break;
    }
    if (form == FORM_UNITS_TEXT) return write ? "corm_units({0}, {p})" : "corm_wide({0}, {p})";
    return write ? "corm_number({0}, {p})" : "corm_value_of({0}, 'DECIMAL({d}, {p})')";
}

/* The rebuilt column is corm's own, so its values get corm's form. */
void corm__sqlite_write_stored(corm_buffer *out, corm_conn *conn, const char *table,
                               const corm_column *column) {
    const char *template = conn ? corm__sqlite_stored(conn, table, column, false) : NULL;
    for (const char *p = template ? template : "{0}"; *p; p++) {
        if (*p != '{') {
            corm__buffer_putc(out, *p);
            continue;
        }
        if (p[1] == '0')
            corm__sqlite_identifier(out, column->name);
        else
            corm__buffer_printf(out, "%d", p[1] == 'd' ? column->digits : column->places);
        p += 2;
    }
}

/* --- the functions --- */

static void put_decimal(sqlite3_context *context, corm_decimal value, const corm_column *column) {
    char text[CORM__SQLITE_WIDE_TEXT];
    if (column->digits > CORM__SQLITE_INTEGER_DIGITS) {
        corm__sqlite_wide_format(value, text);
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
    } else
        sqlite3_result_int64(context, (int64_t)value.low);
}

/* A number as another program stores it: 12 is 12.00. */
static bool decimal_of(sqlite3_value *value, const corm_column *column, corm_decimal *out) {
    char text[64];
    const char *number = text;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        sqlite3_snprintf(sizeof text, text, "%lld", sqlite3_value_int64(value));
        break;
    case SQLITE_FLOAT:
        sqlite3_snprintf(sizeof text, text, "%!.15g", sqlite3_value_double(value));
        break;
    case SQLITE_TEXT: number = (const char *)sqlite3_value_text(value); break;
    default: return false;
    }
    return number && corm_decimal_parse(number, out) == 0 && out->scale != CORM_DECIMAL_NAN &&
           corm_decimal_rescale(*out, column->places, false, out) == 0 &&
           corm__sqlite_decimal_fits(*out, column->digits);
}

static void value_of(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    corm_column column = { 0 };
    corm_decimal decimal;
    corm_timestamp moment;
    corm_time time;
    corm_uuid uuid;
    char out[CORM_TIMESTAMP_TEXT];
    const char *type = (const char *)sqlite3_value_text(values[1]), *text = NULL;
    if (type) corm__sqlite_read_type(type, &column);
    if (column.kind == CORM_DECIMAL && decimal_of(values[0], &column, &decimal)) {
        put_decimal(context, decimal, &column);
        return;
    }
    if (sqlite3_value_type(values[0]) == SQLITE_TEXT)
        text = (const char *)sqlite3_value_text(values[0]);
    if (text && column.kind == CORM_TIMESTAMP && corm_timestamp_parse(text, &moment) == 0)
        sqlite3_result_text(context, corm_timestamp_format(moment, out, sizeof out), -1,
                            SQLITE_TRANSIENT);
    else if (text && column.kind == CORM_TIME && corm_time_parse(text, &time) == 0)
        sqlite3_result_text(context, corm_time_format(time, out, sizeof out), -1, SQLITE_TRANSIENT);
    else if (text && column.kind == CORM_UUID && corm_uuid_parse(text, &uuid) == 0)
        sqlite3_result_blob(context, uuid.bytes, sizeof uuid.bytes, SQLITE_TRANSIENT);
    else
        sqlite3_result_value(context, values[0]);
}

/* corm_number(units, places): the decimal itself, which a column of numeric affinity stores as a
 * number; of 15 digits, for it keeps no more. corm_units: the digits of the units, as an earlier
 * corm stored them. */
static void plain(sqlite3_context *context, sqlite3_value **values, bool units) {
    corm_decimal value;
    char text[CORM_DECIMAL_TEXT];
    const char *given = (const char *)sqlite3_value_text(values[0]);
    int places = sqlite3_value_int(values[1]);
    if (!given) return;
    if (!corm__sqlite_decimal_parse(given, (size_t)sqlite3_value_bytes(values[0]), places,
                                    &value)) {
        sqlite3_result_error(context, "a value is not a decimal", -1);
        return;
    }
    if (!units && !corm__sqlite_decimal_fits(value, 15)) {
        sqlite3_result_error(context, "a value does not fit the 15 digits of a number in SQLite",
                             -1);
        return;
    }
    if (units) value.scale = 0;
    sqlite3_result_text(context, corm_decimal_format(value, text, sizeof text), -1,
                        SQLITE_TRANSIENT);
}
static void number(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    plain(context, values, false);
}
static void units(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    plain(context, values, true);
}

int corm__sqlite_form_functions(corm_conn *conn) {
    static const struct {
        const char *name;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = { { "corm_value_of", value_of },
                      { "corm_number", number },
                      { "corm_units", units } };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(conn->db, functions[i].name, 2,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                        functions[i].run, NULL, NULL, NULL);
    return rc;
}
