/* Types, defaults and conditions in SQLite's schema.
 *
 * A model's SQL must mean the same on every engine, but here a decimal(5, 2) holds 999 for 9.99. So
 * `price >= 9.99` is written `("price" / 100.0) >= 9.99`, which is exact for up to 15 digits, and
 * an expression that gives a decimal is written CAST(round((…) * 100.0) AS INTEGER). A wide decimal
 * is a text (wide.c): the number is all of it, or of a negative one what stands behind the space.
 * Reading recognises exactly these forms, none of which needs a function of corm's. Likewise
 * CURRENT_TIMESTAMP, which SQLite writes without a fraction, becomes a text with six digits, so
 * that all timestamps sort as text. */
#include "backend/sqlite/declaration.h"
#include "backend/sqlite/driver.h"
#include "base/ascii.h"
#include "base/error.h"
#include "base/real.h"
#include "schema/sql_text.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- types --- */

static const struct {
    corm_kind kind;
    const char *name;
} types[] = {
    { CORM_IDENTITY, "INTEGER" },
    { CORM_SMALLINT, "SMALLINT" },
    { CORM_INTEGER, "INTEGER" },
    { CORM_BIGINT, "BIGINT" },
    { CORM_BOOLEAN, "BOOLEAN" },
    { CORM_REAL, "REAL" },
    { CORM_DOUBLE_PRECISION, "DOUBLE PRECISION" },
    { CORM_VARCHAR, "VARCHAR" },
    { CORM_TEXT, "TEXT" },
    { CORM_BLOB, "BLOB" },
    { CORM_DATE, "DATE" },
    { CORM_TIME, "TIME" },
    { CORM_TIMESTAMP, "TIMESTAMP" },
    { CORM_INTERVAL, "INTERVAL" },
    { CORM_UUID, "UUID" },
    { CORM_JSON, "JSON_TEXT" }, /* "JSON" alone would make a number of the text 123 */
};

int corm__sqlite_write_type(corm_buffer *out, const corm_column *column, bool sole_key,
                            corm_error_info *error) {
    if (column->kind == CORM_DECIMAL) {
        bool integer = column->digits <= CORM__SQLITE_INTEGER_DIGITS;
        corm__buffer_printf(out, integer ? "DECIMAL(%d, %d)" : "DECIMAL_SORTED_TEXT(%d, %d)",
                            column->digits, column->places);
        return CORM_OK;
    }
    if (column->kind == CORM_INTEGER && sole_key) { /* INTEGER PRIMARY KEY would number the rows */
        corm__buffer_puts(out, "INT");
        return CORM_OK;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].kind != column->kind) continue;
        corm__buffer_puts(out, types[i].name);
        if (column->kind == CORM_VARCHAR && column->max_length > 0)
            corm__buffer_printf(out, "(%d)", column->max_length);
        return CORM_OK;
    }
    return corm__fail(error, CORM_ERROR_UNSUPPORTED, "column %s: SQLite has no %s", column->name,
                      corm_kind_name(column->kind));
}

/* A type that somebody else gave a name, by SQLite's own rules. */
static corm_kind kind_by_affinity(const char *declared) {
    if (corm__find_nocase(declared, "INT")) return CORM_BIGINT;
    if (corm__find_nocase(declared, "CHAR")) return CORM_VARCHAR;
    if (corm__find_nocase(declared, "BLOB")) return CORM_BLOB;
    if (corm__find_nocase(declared, "REAL") || corm__find_nocase(declared, "FLOA") ||
        corm__find_nocase(declared, "DOUB"))
        return CORM_DOUBLE_PRECISION;
    return CORM_TEXT;
}

/* A decimal has a form of corm's own (driver.h): the very text of the type says so. DECIMAL_TEXT is
 * that of an earlier corm. Elsewhere it is a number. */
static bool read_decimal(const char *declared, size_t length, corm_column *column) {
    char own[64];
    int digits = 0, places = 0;
    static const char *const names[] = { "DECIMAL", "DECIMAL_TEXT", "DECIMAL_SORTED_TEXT" };
    bool ours = false;
    sscanf(declared + strcspn(declared, "("), "(%d, %d)", &digits, &places);
    for (int i = 0; i < 3 && !ours; i++) {
        snprintf(own, sizeof own, "%s(%d, %d)", names[i], digits, places);
        ours = length == strlen(names[i]) && strcmp(own, declared) == 0;
    }
    column->kind = ours ? CORM_DECIMAL : CORM_DOUBLE_PRECISION;
    if (!ours) return false;
    column->digits = digits;
    column->places = places;
    return true;
}

bool corm__sqlite_read_type(const char *declared, corm_column *column) {
    static const struct {
        corm_kind kind;
        const char *name;
    } others[] = {
        { CORM_DECIMAL, "DECIMAL" },
        { CORM_DECIMAL, "DECIMAL_TEXT" },
        { CORM_DECIMAL, "DECIMAL_SORTED_TEXT" },
        { CORM_DECIMAL, "NUMERIC" },
        { CORM_INTEGER, "INT" },
        { CORM_BIGINT, "UNSIGNED BIG INT" },
        { CORM_BOOLEAN, "BOOL" },
        { CORM_TIMESTAMP, "DATETIME" },
        { CORM_JSON, "JSON" },
        { CORM_DOUBLE_PRECISION, "DOUBLE" },
        { CORM_DOUBLE_PRECISION, "FLOAT" },
        { CORM_VARCHAR, "CHAR" },
    };
    size_t length = strcspn(declared, "(");
    int first = 0;
    sscanf(declared + length, "(%d", &first);
    while (length && corm__is_space(declared[length - 1])) length--;
    corm_kind kind = CORM_NULL;
    for (size_t i = 1; i < sizeof types / sizeof *types;
         i++) /* INTEGER is the first of two: the caller knows whether it is an identity */
        if (strlen(types[i].name) == length &&
            corm__compare_nocase_n(declared, types[i].name, length) == 0)
            kind = types[i].kind;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strlen(others[i].name) == length &&
            corm__compare_nocase_n(declared, others[i].name, length) == 0)
            kind = others[i].kind;
    if (kind == CORM_DECIMAL) return read_decimal(declared, length, column);
    column->kind = kind ? kind : !length ? CORM_BLOB : kind_by_affinity(declared);
    if (column->kind == CORM_VARCHAR) column->max_length = first;
    if (column->kind == CORM_VARCHAR && first <= 0)
        column->kind = CORM_TEXT; /* without a limit it is the same */
    return kind != CORM_NULL;
}

/* --- defaults --- */

static void write_string(corm_buffer *out, const char *text) {
    corm__buffer_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') corm__buffer_putc(out, '\'');
        corm__buffer_putc(out, *text);
    }
    corm__buffer_putc(out, '\'');
}

static void write_bytes(corm_buffer *out, const void *data, size_t size) {
    corm__buffer_puts(out, "X'");
    for (size_t i = 0; i < size; i++)
        corm__buffer_printf(out, "%02X", ((const unsigned char *)data)[i]);
    corm__buffer_putc(out, '\'');
}

static bool is_number(const char *text) {
    char *end;
    corm__real_parse(text, &end);
    return *text && !*end && strspn(text, "+-.0123456789eE") == strlen(text);
}

static int bad_default(const corm_column *column, const char *text, corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_TYPE, "column %s: the default \"%s\" is not %s",
                      column->name, text, corm_kind_name(column->kind));
}

static int write_units(corm_buffer *out, const corm_column *column, const char *text,
                       corm_error_info *error) {
    corm_decimal value;
    char digits[CORM__SQLITE_WIDE_TEXT];
    if (corm_decimal_parse(text, &value) != 0 || value.scale == CORM_DECIMAL_NAN ||
        corm_decimal_rescale(value, column->places, false, &value) != 0 ||
        !corm__sqlite_decimal_fits(value, column->digits))
        return bad_default(column, text, error);
    if (column->digits > CORM__SQLITE_INTEGER_DIGITS) {
        corm__sqlite_wide_format(value, digits);
        write_string(out, digits);
    } else
        corm__buffer_printf(out, "%lld", (long long)value.low);
    return CORM_OK;
}

static int write_text_default(corm_buffer *out, const corm_column *column, const char *text,
                              corm_error_info *error) {
    char buffer[CORM_TIMESTAMP_TEXT];
    union {
        corm_date date;
        corm_time time;
        corm_timestamp timestamp;
        corm_uuid uuid;
    } value;
    switch (column->kind) {
    case CORM_DECIMAL: return write_units(out, column, text, error);
    case CORM_DATE:
        if (corm_date_parse(text, &value.date) != 0) return bad_default(column, text, error);
        write_string(out, corm_date_format(value.date, buffer, sizeof buffer));
        return CORM_OK;
    case CORM_TIME:
        if (corm_time_parse(text, &value.time) != 0) return bad_default(column, text, error);
        write_string(out, corm_time_format(value.time, buffer, sizeof buffer));
        return CORM_OK;
    case CORM_TIMESTAMP:
        if (corm_timestamp_parse(text, &value.timestamp) != 0)
            return bad_default(column, text, error);
        write_string(out, corm_timestamp_format(value.timestamp, buffer, sizeof buffer));
        return CORM_OK;
    case CORM_UUID:
        if (corm_uuid_parse(text, &value.uuid) != 0) return bad_default(column, text, error);
        write_bytes(out, value.uuid.bytes, sizeof value.uuid.bytes);
        return CORM_OK;
    case CORM_BLOB: write_bytes(out, text, strlen(text)); return CORM_OK;
    case CORM_BOOLEAN:
        if (corm__compare_nocase(text, "true") == 0 || corm__compare_nocase(text, "false") == 0)
            corm__buffer_putc(out, corm__to_lower(*text) == 't' ? '1' : '0');
        else if (strcmp(text, "0") == 0 || strcmp(text, "1") == 0)
            corm__buffer_puts(out, text);
        else
            return bad_default(column, text, error);
        return CORM_OK;
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
    case CORM_ENUMERATION: write_string(out, text); return CORM_OK;
    default:
        if (!is_number(text)) return bad_default(column, text, error);
        corm__buffer_puts(out, text);
        return CORM_OK;
    }
}

static bool is_text(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_JSON;
}

/* What SQLite's own word gives has no fraction of a second. The capitals of NOW tell the two
 * spellings apart when it is read. */
static const struct {
    corm_kind kind;
    const char *model, *stored;
} moments[] = {
    { CORM_TIMESTAMP, "CURRENT_TIMESTAMP", "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))" },
    { CORM_TIMESTAMP, "now()", "(strftime('%Y-%m-%d %H:%M:%f000', 'NOW'))" },
    { CORM_TIME, "CURRENT_TIME", "(strftime('%H:%M:%f000', 'now'))" },
};
enum { MOMENTS = sizeof moments / sizeof *moments };

static int write_sql_default(corm_buffer *out, const corm_column *column, const char *sql,
                             corm_error_info *error) {
    for (int i = 0; i < MOMENTS; i++) {
        if (moments[i].kind != column->kind || corm__compare_nocase(moments[i].model, sql) != 0)
            continue;
        corm__buffer_puts(out, moments[i].stored);
        return CORM_OK;
    }
    if (column->kind == CORM_DECIMAL && is_number(sql)) return write_units(out, column, sql, error);
    corm__buffer_putc(out, '(');
    int status = corm__sqlite_write_result(out, NULL, column, sql, error);
    corm__buffer_putc(out, ')');
    return status;
}

int corm__sqlite_write_default(corm_buffer *out, const corm_column *column,
                               const corm_default *value, corm_error_info *error) {
    char text[64];
    switch (value->kind) {
    case CORM_DEFAULT_NONE: corm__buffer_puts(out, "NULL"); return CORM_OK;
    case CORM_DEFAULT_TEXT:
        return write_text_default(out, column, value->text ? value->text : "", error);
    case CORM_DEFAULT_SQL:
        return write_sql_default(out, column, value->text ? value->text : "NULL", error);
    case CORM_DEFAULT_INTEGER:
        snprintf(text, sizeof text, "%lld", (long long)value->integer);
        break;
    case CORM_DEFAULT_REAL:
        corm__format(text, sizeof text, column->kind == CORM_DECIMAL ? "%.15g" : "%.17g",
                     value->real);
        break;
    }
    if (column->kind == CORM_DECIMAL) return write_units(out, column, text, error);
    if (is_text(column->kind))
        write_string(out, text);
    else if (column->kind == CORM_BOOLEAN)
        corm__buffer_putc(out, value->integer ? '1' : '0');
    else
        corm__buffer_puts(out, text);
    return CORM_OK;
}

bool corm__sqlite_default_is_constant(const corm_column *column, const corm_default *value) {
    return value->kind != CORM_DEFAULT_SQL ||
           (column->kind == CORM_DECIMAL && is_number(value->text ? value->text : ""));
}

/* The content of '…' or X'…' in the arena; NULL when memory is out. */
static char *unquote(corm_arena *arena, const char *sql, size_t length) {
    char *text = corm__arena_bytes(arena, length + 1), *at = text;
    if (!text) return NULL;
    for (size_t i = 1; i + 1 < length; i++) {
        *at++ = sql[i];
        if (sql[i] == '\'' && sql[i + 1] == '\'') i++;
    }
    *at = 0;
    return text;
}

static int nibble(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

static char *unhex(corm_arena *arena, const char *sql, size_t length, size_t *size) {
    *size = length > 3 ? (length - 3) / 2 : 0;
    char *bytes = corm__arena_bytes(arena, *size + 1);
    if (!bytes) return NULL;
    for (size_t i = 0; i < *size; i++)
        bytes[i] = (char)((unsigned)nibble(sql[2 + 2 * i]) << 4 | (unsigned)nibble(sql[3 + 2 * i]));
    bytes[*size] = 0;
    return bytes;
}

static int read_units(corm_arena *arena, const corm_column *column, const char *text,
                      corm_default *out) {
    corm_decimal value;
    char digits[CORM_DECIMAL_TEXT];
    if (!corm__sqlite_decimal_parse(text, strlen(text), column->places, &value)) return CORM_OK;
    out->kind = CORM_DEFAULT_TEXT;
    out->text = corm__arena_strdup(arena, corm_decimal_format(value, digits, sizeof digits));
    return out->text ? CORM_OK : CORM_ERROR_MEMORY;
}

/* As SQLite reads it: an integer that fits in 64 bits, else a REAL. What is neither (infinity)
 * stays SQL. */
static int read_number(corm_arena *arena, const corm_column *column, const char *sql,
                       corm_default *out) {
    const char *digits = sql + (*sql == '-');
    char *text = corm__arena_printf(arena, "%.*s%s", (int)(digits - sql), sql,
                                    digits + strspn(digits, " \t\r\n")),
         *end;
    if (!text) return CORM_ERROR_MEMORY;
    if (column->kind == CORM_DECIMAL) {
        int status = read_units(arena, column, text, out);
        if (!status && !out->text) *out = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = text };
        return status;
    }
    errno = 0;
    *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = strtoll(text, &end, 10) };
    if (!*end && !errno) return CORM_OK;
    *out = (corm_default){ .kind = CORM_DEFAULT_REAL, .real = corm__real_parse(text, &end) };
    if (!*end && isfinite(out->real)) return CORM_OK;
    *out = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = text };
    return CORM_OK;
}

static int read_literal(corm_arena *arena, const corm_column *column, const char *sql,
                        corm_default *out) {
    size_t length = strlen(sql), size;
    out->kind = CORM_DEFAULT_TEXT;
    if (*sql == '\'') {
        out->text = unquote(arena, sql, length);
        return !out->text                     ? CORM_ERROR_MEMORY
               : column->kind == CORM_DECIMAL ? read_units(arena, column, out->text, out)
                                              : CORM_OK;
    }
    if ((*sql == 'X' || *sql == 'x') && sql[1] == '\'') {
        char *bytes = unhex(arena, sql, length, &size), text[CORM_UUID_TEXT];
        out->text = bytes;
        if (!bytes) return CORM_ERROR_MEMORY;
        if (column->kind != CORM_UUID || size != sizeof(corm_uuid)) return CORM_OK;
        corm_uuid uuid;
        memcpy(uuid.bytes, bytes, sizeof uuid.bytes);
        out->text = corm__arena_strdup(arena, corm_uuid_format(uuid, text, sizeof text));
        return out->text ? CORM_OK : CORM_ERROR_MEMORY;
    }
    return read_number(arena, column, sql, out);
}

int corm__sqlite_read_default(corm_arena *arena, const corm_column *column, const char *sql,
                              corm_default *out) {
    *out = (corm_default){ 0 };
    if (!sql || corm__compare_nocase(sql, "NULL") == 0) return CORM_OK;
    for (int i = 0; i < MOMENTS;
         i++) { /* table_xinfo gives expressions without their parentheses */
        size_t length = strlen(moments[i].stored);
        bool bare =
            strlen(sql) == length - 2 && memcmp(moments[i].stored + 1, sql, length - 2) == 0;
        if (moments[i].kind != column->kind || (!bare && strcmp(moments[i].stored, sql) != 0))
            continue;
        *out = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = moments[i].model };
        return CORM_OK;
    }
    const char *at = sql;
    corm_token token = corm__token_next(&at), next = corm__token_next(&at);
    bool blob = corm__token_is(token, "x") && next.kind == CORM_TOKEN_STRING &&
                next.start == token.start + 1;
    bool negative = corm__token_is(token, "-") && next.kind == CORM_TOKEN_NUMBER;
    bool one = next.kind == CORM_TOKEN_END &&
               (token.kind == CORM_TOKEN_STRING || token.kind == CORM_TOKEN_NUMBER);
    if (one || ((blob || negative) && corm__token_next(&at).kind == CORM_TOKEN_END))
        return read_literal(arena, column, sql, out);
    out->kind = CORM_DEFAULT_SQL;
    out->text = corm__sqlite_read_result(arena, NULL, column, sql);
    return out->text ? CORM_OK : CORM_ERROR_MEMORY;
}

/* --- conditions and expressions --- */

static bool token_names(corm_token token, const char *name) {
    size_t length = strlen(name);
    if (token.kind == CORM_TOKEN_WORD)
        return token.length == length && corm__compare_nocase_n(token.start, name, length) == 0;
    return token.kind == CORM_TOKEN_QUOTED && token.length == length + 2 &&
           corm__compare_nocase_n(token.start + 1, name, length) == 0;
}

static bool is_wide(const corm_column *column) {
    return column->digits > CORM__SQLITE_INTEGER_DIGITS;
}

static const corm_column *scaled_column(const corm_table *table, corm_token token) {
    for (const corm_column *column = table ? table->columns : NULL; column && column->name;
         column++)
        if (column->kind == CORM_DECIMAL && (column->places > 0 || is_wide(column)) &&
            token_names(token, column->name))
            return column;
    return NULL;
}

/* "100.0" for 2. */
static const char *scale_text(int places, char *out, size_t size) {
    snprintf(out, size, "1%0*d.0", places, 0);
    return out;
}

/* The column as a number. */
static void write_number(corm_buffer *out, const corm_column *column) {
    char scale[48];
    int sorted = CORM_DECIMAL_MAX_DIGITS + (column->places > 0) + (int)strlen("- ");
    corm__buffer_puts(out, is_wide(column) ? "(CASE WHEN " : "(");
    corm__sqlite_identifier(out, column->name);
    if (is_wide(column)) {
        corm__buffer_puts(out, " < '.' THEN substr(");
        corm__sqlite_identifier(out, column->name);
        corm__buffer_printf(out, ", %d) ELSE ", sorted + 1);
        corm__sqlite_identifier(out, column->name);
        corm__buffer_puts(out, " END + 0.0)");
    } else
        corm__buffer_printf(out, " / %s)", scale_text(column->places, scale, sizeof scale));
}

int corm__sqlite_write_sql(corm_buffer *out, const corm_table *table, const char *sql,
                           corm_error_info *error) {
    corm_token before = { 0 };
    for (const char *copied = sql, *at = sql;;) {
        corm_token token = corm__token_next(&at);
        corm__buffer_add(out, copied, (size_t)(token.start - copied));
        copied = at;
        if (token.kind == CORM_TOKEN_END) return CORM_OK;
        const char *ahead = at;
        const corm_column *column = scaled_column(table, token);
        if (column && corm__token_is(corm__token_next(&ahead), "(") &&
            token.kind == CORM_TOKEN_WORD)
            column = NULL; /* a function */
        if (column && corm__token_is(before, "."))
            return corm__fail(error, CORM_ERROR_UNSUPPORTED,
                              "\"%s\": write the column %s without its table", sql, column->name);
        if (!column)
            corm__buffer_add(out, token.start, token.length);
        else
            write_number(out, column);
        before = token;
    }
}

/* At a "(": the wide column whose number follows. out is broken when memory is out. */
static const corm_column *wide_at(const corm_table *table, const char *at, const char **end,
                                  corm_buffer *out) {
    const corm_column *column = table ? table->columns : NULL;
    for (; column && column->name; column++) {
        corm_buffer number = { 0 };
        if (column->kind != CORM_DECIMAL || !is_wide(column)) continue;
        write_number(&number, column);
        if (corm__buffer_broken(&number)) {
            out->broken = true;
            return NULL;
        }
        bool same = strncmp(at - 1, corm__buffer_text(&number), number.length) == 0;
        *end = at - 1 + number.length;
        corm__buffer_release(&number);
        if (same) return column;
    }
    return NULL;
}

/* At a "(": the column when ("name" / 100.0) follows, and *end behind it. */
static const corm_column *scaled_at(const corm_table *table, const char *at, const char **end,
                                    corm_buffer *out) {
    char scale[48];
    const corm_column *wide = wide_at(table, at, end, out);
    if (wide) return wide;
    corm_token name = corm__token_next(&at), slash = corm__token_next(&at),
               number = corm__token_next(&at), close = corm__token_next(&at);
    const corm_column *column = name.kind == CORM_TOKEN_QUOTED ? scaled_column(table, name) : NULL;
    if (!column || !corm__token_is(slash, "/") || !corm__token_is(close, ")") ||
        number.kind != CORM_TOKEN_NUMBER)
        return NULL;
    scale_text(column->places, scale, sizeof scale);
    if (number.length != strlen(scale) || memcmp(number.start, scale, number.length) != 0)
        return NULL;
    *end = at;
    return column;
}

char *corm__sqlite_read_sql(corm_arena *arena, const corm_table *table, const char *sql) {
    corm_buffer out = { 0 };
    for (const char *copied = sql, *at = sql;;) {
        corm_token token = corm__token_next(&at);
        corm__buffer_add(&out, copied, (size_t)(token.start - copied));
        copied = at;
        if (token.kind == CORM_TOKEN_END) break;
        const char *end = at;
        const corm_column *column =
            corm__token_is(token, "(") ? scaled_at(table, at, &end, &out) : NULL;
        if (column) copied = at = end;
        if (!column)
            corm__buffer_add(&out, token.start, token.length);
        else if (corm__identifier_is_plain(column->name))
            corm__buffer_puts(&out, column->name);
        else
            corm__sqlite_identifier(&out, column->name);
    }
    char *text =
        corm__buffer_broken(&out) ? NULL : corm__arena_strdup(arena, corm__buffer_text(&out));
    corm__buffer_release(&out);
    return text;
}

static const char RESULT_BEGIN[] = "CAST(round((";

static void result_end(int places, char *out, size_t size) {
    char scale[48];
    snprintf(out, size, ") * %s) AS INTEGER)", scale_text(places, scale, sizeof scale));
}

int corm__sqlite_write_result(corm_buffer *out, const corm_table *table, const corm_column *column,
                              const char *sql, corm_error_info *error) {
    if (column->kind == CORM_DECIMAL && is_wide(column) && corm__compare_nocase(sql, "NULL") != 0) {
        corm__fail(error, CORM_ERROR_UNSUPPORTED,
                   "column %s: SQLite cannot compute a decimal of more than %d digits",
                   column->name, CORM__SQLITE_INTEGER_DIGITS);
        corm__error_hint(error, "take fewer digits, or let the program compute it");
        return CORM_ERROR_UNSUPPORTED;
    }
    if (column->kind != CORM_DECIMAL || column->places == 0)
        return corm__sqlite_write_sql(out, table, sql, error);
    char end[96];
    corm__buffer_puts(out, RESULT_BEGIN);
    int status = corm__sqlite_write_sql(out, table, sql, error);
    result_end(column->places, end, sizeof end);
    corm__buffer_puts(out, end);
    return status;
}

char *corm__sqlite_read_result(corm_arena *arena, const corm_table *table,
                               const corm_column *column, const char *sql) {
    if (column->kind != CORM_DECIMAL || column->places == 0)
        return corm__sqlite_read_sql(arena, table, sql);
    char end[96];
    result_end(column->places, end, sizeof end);
    size_t length = strlen(sql), begin_length = sizeof RESULT_BEGIN - 1, end_length = strlen(end);
    if (length < begin_length + end_length || memcmp(sql, RESULT_BEGIN, begin_length) != 0 ||
        strcmp(sql + length - end_length, end) != 0)
        return corm__sqlite_read_sql(arena, table, sql);
    char *inner =
        corm__arena_strndup(arena, sql + begin_length, length - begin_length - end_length);
    return inner ? corm__sqlite_read_sql(arena, table, inner) : NULL;
}
