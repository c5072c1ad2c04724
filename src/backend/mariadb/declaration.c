/* Types and defaults. MariaDB gives defaults as it prints expressions: 'it\'s', X'6162', -1, (1 +
 * 2), utc_timestamp(6). A literal becomes the default that was declared, a moment its name in
 * standard SQL, and all else stays an expression. */
#include "backend/mariadb/declaration.h"
#include "base/ascii.h"
#include "base/real.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_integer(corm_kind kind) {
    return kind == CORM_IDENTITY || kind == CORM_SMALLINT || kind == CORM_INTEGER ||
           kind == CORM_BIGINT || kind == CORM_INTERVAL;
}
static bool is_real(corm_kind kind) { return kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION; }
static bool is_number(corm_kind kind) {
    return is_integer(kind) || is_real(kind) || kind == CORM_DECIMAL;
}

/* --- types --- */

void corm__mariadb_write_type(corm_buffer *out, const corm_column *column) {
    switch (column->kind) {
    case CORM_SMALLINT: corm__buffer_puts(out, "smallint"); return;
    case CORM_INTEGER: corm__buffer_puts(out, "integer"); return;
    case CORM_IDENTITY:
        corm__buffer_puts(out, column->element == CORM_INTEGER    ? "integer"
                               : column->element == CORM_SMALLINT ? "smallint"
                                                                  : "bigint");
        return;
    case CORM_BIGINT: corm__buffer_puts(out, "bigint"); return;
    case CORM_INTERVAL: corm__buffer_puts(out, "bigint(18)"); return;
    case CORM_BOOLEAN: corm__buffer_puts(out, "tinyint(1)"); return;
    case CORM_REAL: corm__buffer_puts(out, "float"); return;
    case CORM_DOUBLE_PRECISION: corm__buffer_puts(out, "double"); return;
    case CORM_DECIMAL:
        corm__buffer_printf(out, "decimal(%d, %d)", column->digits > 0 ? column->digits : 38,
                            column->places);
        return;
    case CORM_VARCHAR:
    case CORM_ENUMERATION:
        corm__buffer_printf(out, "varchar(%d)", column->max_length > 0 ? column->max_length : 255);
        return;
    case CORM_BLOB: corm__buffer_puts(out, "longblob"); return;
    case CORM_DATE: corm__buffer_puts(out, "date"); return;
    case CORM_TIME: corm__buffer_puts(out, "time(6)"); return;
    case CORM_TIMESTAMP: corm__buffer_puts(out, "datetime(6)"); return;
    case CORM_UUID: corm__buffer_puts(out, "binary(16)"); return;
    case CORM_TEXT:
    case CORM_JSON:
    case CORM_NULL:
    case CORM_ARRAY:
    case CORM_EXPRESSION:
    case CORM_KIND_COUNT: break;
    }
    corm__buffer_puts(out, "longtext");
}

static const struct type {
    const char *name;
    corm_kind kind, of_unsigned; /* the one that holds the unsigned values too */
} types[] = {
    { "tinyint", CORM_SMALLINT, CORM_SMALLINT },
    { "smallint", CORM_SMALLINT, CORM_INTEGER },
    { "mediumint", CORM_INTEGER, CORM_INTEGER },
    { "int", CORM_INTEGER, CORM_BIGINT },
    { "bigint", CORM_BIGINT, CORM_DECIMAL },
    { "year", CORM_SMALLINT, CORM_SMALLINT },
    { "float", CORM_REAL, CORM_REAL },
    { "double", CORM_DOUBLE_PRECISION, CORM_DOUBLE_PRECISION },
    { "decimal", CORM_DECIMAL, CORM_DECIMAL },
    { "varchar", CORM_VARCHAR, CORM_VARCHAR },
    { "char", CORM_VARCHAR, CORM_VARCHAR },
    { "date", CORM_DATE, CORM_DATE },
    { "time", CORM_TIME, CORM_TIME },
    { "datetime", CORM_TIMESTAMP, CORM_TIMESTAMP },
    { "timestamp", CORM_TIMESTAMP, CORM_TIMESTAMP },
    { "uuid", CORM_UUID, CORM_UUID },
    { "json", CORM_JSON, CORM_JSON },
    { "binary", CORM_BLOB, CORM_BLOB },
    { "varbinary", CORM_BLOB, CORM_BLOB },
    { "tinyblob", CORM_BLOB, CORM_BLOB },
    { "blob", CORM_BLOB, CORM_BLOB },
    { "mediumblob", CORM_BLOB, CORM_BLOB },
    { "longblob", CORM_BLOB, CORM_BLOB },
    { "bit", CORM_BIGINT, CORM_BIGINT },
    { "geometry", CORM_BLOB, CORM_BLOB },
    { "point", CORM_BLOB, CORM_BLOB },
    { "linestring", CORM_BLOB, CORM_BLOB },
    { "polygon", CORM_BLOB, CORM_BLOB },
    { "multipoint", CORM_BLOB, CORM_BLOB },
    { "multilinestring", CORM_BLOB, CORM_BLOB },
    { "multipolygon", CORM_BLOB, CORM_BLOB },
    { "geometrycollection", CORM_BLOB, CORM_BLOB },
};

/* The next label of 'a','it''s' copied to out (which has room), or NULL at the end. */
static const char *next_label(const char *p, char *out) {
    p = strchr(p, '\'');
    if (!p) return NULL;
    for (p++; *p && (*p != '\'' || p[1] == '\''); p++) {
        if (*p == '\'') p++;
        *out++ = *p;
    }
    *out = 0;
    return *p ? p + 1 : p;
}

static int characters(const char *text) {
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* As long as an enumeration of a model at least. */
enum { ENUMERATION_LENGTH = 32 };

/* Room for the longest label of an enum, for all of a set. */
static void read_labels(const char *type, bool set, corm_column *column) {
    char *label = malloc(strlen(type) + 1);
    column->kind = CORM_TEXT; /* when memory is out, too: it holds them */
    if (!label) return;
    int longest = 1, all = 0;
    for (const char *p = type; (p = next_label(p, label));) {
        int n = characters(label);
        if (n > longest) longest = n;
        all += n + 1;
    }
    free(label);
    column->kind = CORM_VARCHAR;
    column->max_length = set                            ? (all > 1 ? all - 1 : 1)
                         : longest > ENUMERATION_LENGTH ? longest
                                                        : ENUMERATION_LENGTH;
}

void corm__mariadb_read_type(const char *type, corm_column *column) {
    size_t length = strcspn(type, "( ");
    const char *open = strchr(type, '('), *comma = open ? strchr(open, ',') : NULL;
    int first = open ? atoi(open + 1) : 0, second = comma ? atoi(comma + 1) : 0;
    bool without_sign = strstr(type, " unsigned") || strstr(type, " zerofill");
    column->kind = CORM_TEXT;
    if (strncmp(type, "enum(", 5) == 0 || strncmp(type, "set(", 4) == 0) {
        read_labels(type, *type == 's', column);
        return;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].name) == length && memcmp(types[i].name, type, length) == 0)
            column->kind = without_sign ? types[i].of_unsigned : types[i].kind;
    if (strncmp(type, "tinyint(1)", 10) == 0 || strcmp(type, "bit(1)") == 0)
        column->kind = CORM_BOOLEAN;
    if (strcmp(type, "bigint(18)") == 0) column->kind = CORM_INTERVAL;
    if (strcmp(type, "binary(16)") == 0) column->kind = CORM_UUID;
    if (column->kind == CORM_VARCHAR) column->max_length = first > 0 ? first : 1;
    if (column->kind == CORM_DECIMAL) {
        column->digits = strncmp(type, "bigint", 6) == 0 ? 20 : first;
        column->places = strncmp(type, "bigint", 6) == 0 ? 0 : second;
    }
}

/* "int(11)" as "int", "decimal(5, 2)" as "decimal(5,2)": the widths of integers mean nothing, but
 * for those that corm tells kinds apart by.
 */
static void normalize(const char *type, char *out, size_t size) {
    bool width = (strncmp(type, "smallint", 8) == 0 || strncmp(type, "int", 3) == 0 ||
                  strncmp(type, "bigint", 6) == 0) &&
                 strcmp(type, "bigint(18)") != 0;
    size_t n = 0;
    if (strcmp(type, "integer") == 0) type = "int";
    for (; *type && n + 1 < size; type++) {
        if (width && *type == '(') {
            while (*type && *type != ')') type++;
            continue;
        }
        if (*type != ' ') out[n++] = *type;
    }
    out[n] = 0;
}

bool corm__mariadb_is_exact(const corm_column *column, const char *type, bool *exact) {
    corm_buffer own = { 0 };
    char a[200], b[200];
    corm__mariadb_write_type(&own, column);
    normalize(corm__buffer_text(&own), a, sizeof a);
    normalize(type, b, sizeof b);
    *exact = strcmp(a, b) == 0;
    bool broken = corm__buffer_broken(&own);
    corm__buffer_release(&own);
    return !broken;
}

bool corm__mariadb_read_enum(corm_arena *arena, const char *column, const char *type,
                             char **check) {
    *check = NULL;
    if (strncmp(type, "enum(", 5) != 0) return true;
    size_t length = strlen(type);
    corm_buffer out = { 0 };
    corm__buffer_printf(&out, "%s IN %.*s", column, (int)(length - 4), type + 4);
    *check = corm__buffer_copy(&out, arena);
    corm__buffer_release(&out);
    return *check != NULL;
}

/* --- defaults --- */

/* Moments are UTC, whatever the zone of the session that inserts. */
static const struct moment {
    corm_kind kind;
    const char *model, *stored;
} moments[] = {
    { CORM_TIMESTAMP, "CURRENT_TIMESTAMP", "utc_timestamp(6)" },
    { CORM_TIMESTAMP, "now()", "utc_timestamp(6)" },
    { CORM_TIMESTAMP, "CURRENT_TIMESTAMP",
      "current_timestamp(6)" }, /* from here on what others write */
    { CORM_TIMESTAMP, "CURRENT_TIMESTAMP", "current_timestamp()" },
    { CORM_DATE, "CURRENT_DATE", "utc_date()" },
    { CORM_DATE, "CURRENT_DATE", "curdate()" },
    { CORM_TIME, "CURRENT_TIME", "utc_time(6)" },
    { CORM_TIME, "CURRENT_TIME", "curtime()" },
    { CORM_UUID, "gen_random_uuid()", "unhex(replace(uuid(),'-',''))" },
    { CORM_UUID, "gen_random_uuid()", "uuid()" },
};
enum { MOMENTS = sizeof moments / sizeof *moments };

static void write_bytes(corm_buffer *out, const char *text) {
    corm__buffer_puts(out, "X'");
    for (; *text; text++) corm__buffer_printf(out, "%02X", (unsigned)(unsigned char)*text);
    corm__buffer_putc(out, '\'');
}

/* A text with a backslash as bytes, without the introducer _utf8mb4: the server forgets to escape
 * what stands behind one. */
static void write_text(corm_buffer *out, const char *text) {
    if (strchr(text, '\\'))
        write_bytes(out, text);
    else
        corm__mariadb_literal(out, text);
}

/* A binary literal as a default comes back as a text that the server has cut at what is no UTF-8; a
 * call comes back as it was. */
static bool write_uuid(corm_buffer *out, const char *text) {
    corm_uuid uuid;
    if (corm_uuid_parse(text, &uuid)) return false;
    corm__buffer_puts(out, "unhex('");
    for (size_t i = 0; i < sizeof uuid.bytes; i++)
        corm__buffer_printf(out, "%02x", (unsigned)uuid.bytes[i]);
    corm__buffer_puts(out, "')");
    return true;
}

static void write_literal(corm_buffer *out, corm_kind kind, const char *text) {
    char moment[CORM_TIMESTAMP_TEXT];
    corm_timestamp timestamp;
    corm_time time;
    if (kind == CORM_BOOLEAN) {
        bool no = corm__compare_nocase(text, "0") == 0 || corm__compare_nocase(text, "f") == 0 ||
                  corm__compare_nocase(text, "false") == 0 ||
                  corm__compare_nocase(text, "n") == 0 || corm__compare_nocase(text, "no") == 0 ||
                  corm__compare_nocase(text, "off") == 0;
        corm__buffer_putc(out, no ? '0' : '1');
    } else if (kind == CORM_BLOB) {
        write_bytes(out, text);
    } else if (kind == CORM_TIMESTAMP && corm_timestamp_parse(text, &timestamp) == 0) {
        corm__buffer_printf(out, "'%s'", corm_timestamp_format(timestamp, moment, sizeof moment));
    } else if (kind == CORM_TIME && corm_time_parse(text, &time) == 0) {
        corm__buffer_printf(out, "'%s'", corm_time_format(time, moment, sizeof moment));
    } else if (kind != CORM_UUID || !write_uuid(out, text)) {
        write_text(out, text);
    }
}

void corm__mariadb_write_value(corm_buffer *out, corm_kind kind, const corm_default *value) {
    char text[64];
    switch (value->kind) {
    case CORM_DEFAULT_NONE: corm__buffer_puts(out, "NULL"); return;
    case CORM_DEFAULT_TEXT: write_literal(out, kind, value->text ? value->text : ""); return;
    case CORM_DEFAULT_SQL:
        for (int i = 0; i < MOMENTS; i++) {
            if (moments[i].kind != kind || corm__compare_nocase(moments[i].model, value->text) != 0)
                continue;
            corm__buffer_puts(out, moments[i].stored);
            return;
        }
        corm__mariadb_write_sql(out, value->text);
        return;
    case CORM_DEFAULT_INTEGER:
        snprintf(text, sizeof text, "%lld", (long long)value->integer);
        break;
    case CORM_DEFAULT_REAL:
        corm__format(text, sizeof text, kind == CORM_DECIMAL ? "%.15g" : "%.17g", value->real);
        break;
    }
    if (kind == CORM_BOOLEAN)
        corm__buffer_putc(out, strcmp(text, "0") != 0 ? '1' : '0');
    else if (is_number(kind))
        corm__buffer_puts(out, text);
    else
        write_literal(out, kind, text);
}

void corm__mariadb_write_default(corm_buffer *out, corm_kind kind, const corm_default *value,
                                 bool is_mysql) {
    bool large = kind == CORM_TEXT || kind == CORM_BLOB || kind == CORM_JSON;
    bool brackets = value->kind == CORM_DEFAULT_SQL ||
                    (kind == CORM_UUID && value->kind != CORM_DEFAULT_NONE) || (is_mysql && large);
    if (brackets) corm__buffer_putc(out, '(');
    corm__mariadb_write_value(out, kind, value);
    if (brackets) corm__buffer_putc(out, ')');
}

/* --- reading defaults --- */

static int digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The text of '…' with the server's escapes; *end behind it. NULL when memory is out. */
static char *unquote(corm_arena *arena, const char *p, const char **end) {
    char *out = corm__arena_bytes(arena, strlen(p) + 1), *to = out;
    if (!out) return NULL;
    for (p++; *p && (*p != '\'' || p[1] == '\''); p++) {
        char c = *p;
        if (c == '\'') p++;
        if (c == '\\' && p[1]) {
            c = *++p;
            c = c == 'n'   ? '\n'
                : c == 'r' ? '\r'
                : c == 't' ? '\t'
                : c == '0' ? '\0'
                : c == 'Z' ? '\032'
                : c == 'b' ? '\b'
                           : c;
        }
        *to++ = c;
    }
    *to = 0;
    *end = *p ? p + 1 : p;
    return out;
}

/* The bytes of X'6162' as a text; *end behind it. */
static char *unhex(corm_arena *arena, const char *p, const char **end) {
    char *out = corm__arena_bytes(arena, strlen(p) + 1), *to = out;
    if (!out) return NULL;
    for (p++; digit(p[0]) >= 0 && digit(p[1]) >= 0; p += 2)
        *to++ = (char)(digit(p[0]) * 16 + digit(p[1]));
    *to = 0;
    *end = *p ? p + 1 : p;
    return out;
}

static bool all_digits(const char *text) {
    const char *p = text + (*text == '-');
    if (!*p) return false;
    char *end;
    corm__real_parse(p, &end);
    return !*end && strspn(p, "0123456789.eE+-") == strlen(p);
}

static void read_number(const char *text, corm_kind kind, corm_default *out) {
    char *end;
    if (is_real(kind)) {
        *out = (corm_default){ .kind = CORM_DEFAULT_REAL,
                               .real = corm__real_parse(text, &end),
                               .text = NULL };
        return;
    }
    long long integer = strtoll(text, &end, 10);
    if (!*end && (is_number(kind) || kind == CORM_BOOLEAN))
        *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = integer };
    else
        *out = (corm_default){ .kind = CORM_DEFAULT_TEXT, .text = text };
}

static bool read_moment(const char *text, corm_kind kind, corm_default *out) {
    for (int i = 0; i < MOMENTS; i++) {
        if (moments[i].kind != kind || corm__compare_nocase(moments[i].stored, text) != 0) continue;
        *out = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = moments[i].model };
        return true;
    }
    return false;
}

/* unhex('00112233…'), of a uuid. */
static bool read_uuid(corm_arena *arena, const char *text, corm_default *out) {
    char digits[33], formatted[CORM_UUID_TEXT];
    corm_uuid uuid;
    if (sscanf(text, "unhex('%32[0-9a-fA-F]')", digits) != 1 || corm_uuid_parse(digits, &uuid))
        return false;
    *out = (corm_default){ .kind = CORM_DEFAULT_TEXT,
                           .text = corm__arena_strdup(
                               arena, corm_uuid_format(uuid, formatted, sizeof formatted)) };
    return true;
}

bool corm__mariadb_read_default(corm_arena *arena, const char *text, const corm_column *column,
                                corm_default *out) {
    corm_kind kind = column->kind;
    const char *end = "";
    *out = (corm_default){ 0 };
    if (!text || corm__compare_nocase(text, "NULL") == 0) return true;
    if (read_moment(text, kind, out)) return true;
    if (kind == CORM_UUID && read_uuid(arena, text, out)) return out->text != NULL;
    const char *literal = text;
    if (strncmp(literal, "_utf8mb4'", 9) == 0) literal += 8;
    bool quoted = *literal == '\'', bits = corm__compare_nocase_n(literal, "b'", 2) == 0,
         bytes = corm__compare_nocase_n(literal, "x'", 2) == 0;
    if (quoted || bits || bytes) {
        char *value =
            bytes ? unhex(arena, literal + 1, &end) : unquote(arena, literal + bits, &end);
        if (!value) return false;
        if (!*end && bits) {
            *out =
                (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = strtoll(value, NULL, 2) };
        } else if (!*end) {
            if (strncmp(value, "0000-00-00", 10) == 0)
                return true; /* no date: there is nothing like it elsewhere */
            *out = (corm_default){ .kind = CORM_DEFAULT_TEXT, .text = value };
            if ((is_number(kind) || kind == CORM_BOOLEAN) && all_digits(value))
                read_number(value, kind, out);
        }
        if (!*end) return true;
    }
    char *copy = all_digits(text) ? corm__arena_strdup(arena, text)
                                  : corm__mariadb_read_sql(arena, NULL, text);
    if (!copy) return false;
    *out = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = copy };
    if (all_digits(copy)) read_number(copy, kind, out);
    return true;
}
