/* Reads CREATE TABLE and CREATE INDEX as SQLite keeps them: valid SQL, as somebody wrote it, or
 * changed by ALTER TABLE, which puts a new column behind the constraints. A recursive descent over
 * the tokens; the text of an expression is what stands between its parentheses. */
#include "backend/sqlite/parse.h"
#include "base/ascii.h"
#include "base/buffer.h"
#include "schema/sql_text.h"
#include <corm/status.h>
#include <string.h>

typedef struct reader {
    corm_arena *arena;
    const char *at;
    corm_token token; /* the one to be looked at */
    bool no_memory;
    corm_parsed_table *out;
    size_t column_capacity, constraint_capacity;
} reader;

static void next(reader *r) { r->token = corm__token_next(&r->at); }
static bool is(const reader *r, const char *word) { return corm__token_is(r->token, word); }
static bool at_end(const reader *r) { return r->token.kind == CORM_TOKEN_END; }

static bool accept(reader *r, const char *word) {
    if (!is(r, word)) return false;
    next(r);
    return true;
}

/* [name] and `name` as "name", for the tokens know only that. NULL when memory is out. */
static const char *normalize(corm_arena *arena, const char *sql) {
    if (!strpbrk(sql, "[`")) return sql;
    corm_buffer out = { 0 };
    char quote = 0;
    for (const char *c = sql; *c; c++) {
        char put = *c;
        bool foreign = quote == ']' || quote == '`';
        if (foreign && *c == '"') corm__buffer_putc(&out, '"');
        if (quote == '`' && c[0] == '`' && c[1] == '`')
            c++;
        else if (quote) {
            if (*c == quote && foreign) put = '"';
            if (*c == quote) quote = 0;
        } else if (*c == '\'' || *c == '"')
            quote = *c;
        else if (*c == '[' || *c == '`')
            quote = *c == '[' ? ']' : '`', put = '"';
        corm__buffer_putc(&out, put);
    }
    const char *text =
        corm__buffer_broken(&out) ? NULL : corm__arena_strdup(arena, corm__buffer_text(&out));
    corm__buffer_release(&out);
    return text;
}

static char *copy(reader *r, const char *start, size_t length) {
    char *text = corm__arena_strndup(r->arena, start, length);
    if (!text) r->no_memory = true;
    return text;
}

/* A name, unquoted; the token behind it follows. */
static char *name(reader *r) {
    corm_token token = r->token;
    bool quoted = token.kind == CORM_TOKEN_QUOTED || token.kind == CORM_TOKEN_STRING;
    char *text = quoted && token.length >= 2 ? copy(r, token.start + 1, token.length - 2)
                                             : copy(r, token.start, token.length);
    if (text && quoted) {
        char *to = text;
        for (const char *from = text; *from; from++) {
            *to++ = *from;
            if (from[0] == *token.start && from[1] == *token.start) from++;
        }
        *to = 0;
    }
    next(r);
    return text;
}

/* At "(": the text between it and its ")", trimmed; the token behind follows. NULL when there is
 * none. */
static char *group(reader *r) {
    if (!is(r, "(")) return NULL;
    const char *start = r->token.start + 1, *end = start;
    int depth = 0;
    do {
        if (is(r, "(")) depth++;
        if (is(r, ")")) depth--;
        end = r->token.start;
        next(r);
    } while (depth > 0 && !at_end(r));
    if (end < start) end = start; /* the text ends behind it */
    while (start < end && strchr(" \t\r\n", *start)) start++;
    while (start < end && strchr(" \t\r\n", end[-1])) end--;
    return copy(r, start, (size_t)(end - start));
}

/* ("a", b) as "a,b", without orders and collations. *plain false: something there is not a name. */
static char *name_list(reader *r, bool *plain) {
    corm_buffer out = { 0 };
    *plain = accept(r, "(");
    while (*plain && !at_end(r)) {
        if (r->token.kind != CORM_TOKEN_WORD && r->token.kind != CORM_TOKEN_QUOTED) {
            *plain = false;
            break;
        }
        if (out.length) corm__buffer_putc(&out, ',');
        const char *text = name(r);
        corm__buffer_puts(&out, text ? text : "");
        if (accept(r, "COLLATE")) name(r), *plain = false;
        if (accept(r, "DESC"))
            corm__buffer_puts(&out, " desc");
        else
            accept(r, "ASC");
        if (accept(r, ")")) break;
        if (!accept(r, ",")) *plain = false;
    }
    char *text = corm__buffer_broken(&out) ? NULL : copy(r, corm__buffer_text(&out), out.length);
    if (!text) r->no_memory = true;
    corm__buffer_release(&out);
    return text;
}

static void leave_out(reader *r, const char *start, const char *end) {
    const char *before = r->out->left_out;
    while (end > start && strchr(" \t\r\n", end[-1])) end--;
    r->out->left_out = corm__arena_printf(r->arena, "%s%s%.*s", before ? before : "",
                                          before ? "\n" : "", (int)(end - start), start);
    if (!r->out->left_out) r->no_memory = true;
}

/* ABORT is what no clause means. */
static void on_conflict(reader *r) {
    const char *start = r->token.start;
    if (!accept(r, "ON")) return;
    accept(r, "CONFLICT");
    bool usual = is(r, "ABORT");
    next(r);
    if (!usual) leave_out(r, start, r->token.start);
}

static void *grow(reader *r, void *items, size_t n, size_t *capacity, size_t size) {
    if (n < *capacity) return items;
    size_t larger = *capacity ? *capacity * 2 : 16;
    char *grown = corm__arena_array(r->arena, larger, size);
    if (!grown) {
        r->no_memory = true;
        return NULL;
    }
    if (n) memcpy(grown, items, n * size);
    *capacity = larger;
    return grown;
}

static void add_constraint(reader *r, corm_constraint constraint, const char *column) {
    corm_parsed_table *out = r->out;
    size_t capacity = r->constraint_capacity;
    corm_constraint *constraints =
        grow(r, out->constraints, out->n_constraints, &r->constraint_capacity, sizeof *constraints);
    const char **columns =
        grow(r, out->check_columns, out->n_constraints, &capacity, sizeof *columns);
    if (!constraints || !columns) return;
    out->constraints = constraints;
    out->check_columns = columns;
    out->check_columns[out->n_constraints] = column;
    out->constraints[out->n_constraints++] = constraint;
}

static corm_on_delete action(reader *r) {
    if (accept(r, "CASCADE")) return CORM_CASCADE;
    if (accept(r, "RESTRICT")) return CORM_RESTRICT;
    if (accept(r, "SET")) {
        if (accept(r, "NULL")) return CORM_SET_NULL;
        accept(r, "DEFAULT");
        return CORM_SET_DEFAULT;
    }
    accept(r, "NO");
    accept(r, "ACTION");
    return CORM_NO_ACTION;
}

/* Behind REFERENCES. */
static corm_reference reference(reader *r, const char *constraint) {
    corm_reference out = { .name = constraint, .table = name(r) };
    bool plain;
    if (is(r, "(")) out.column = name_list(r, &plain);
    while (!at_end(r)) {
        reader before = *r;
        if (accept(r, "ON")) {
            bool deletes = is(r, "DELETE");
            next(r);
            corm_on_delete what = action(r);
            if (deletes) out.on_delete = what;
            if (!deletes && what != CORM_NO_ACTION)
                leave_out(r, before.token.start, r->token.start);
        } else if (accept(r, "MATCH"))
            next(r);
        else {
            bool not_ = accept(r, "NOT");
            if (!accept(r, "DEFERRABLE")) {
                *r = before; /* NOT NULL */
                break;
            }
            if (accept(r, "INITIALLY")) {
                out.deferrable = is(r, "DEFERRED") && !not_;
                next(r);
            }
        }
    }
    return out;
}

static bool starts_constraint(const reader *r) {
    static const char *const words[] = { "CONSTRAINT", "PRIMARY",   "NOT",     "NULL",
                                         "UNIQUE",     "CHECK",     "DEFAULT", "COLLATE",
                                         "REFERENCES", "GENERATED", "AS",      NULL };
    for (int i = 0; words[i]; i++)
        if (is(r, words[i])) return true;
    return false;
}

static void default_value(reader *r) {
    if (is(r, "(")) {
        group(r);
        return;
    }
    if (!accept(r, "-")) accept(r, "+");
    bool blob = is(r, "x");
    next(r);
    if (blob && r->token.kind == CORM_TOKEN_STRING) next(r);
}

/* One constraint of a column; false when the token is none. */
static bool column_constraint(reader *r, corm_parsed_column *column, const char **constraint) {
    const char *given = *constraint;
    if (accept(r, "CONSTRAINT")) {
        *constraint = name(r);
        return true;
    }
    *constraint = NULL;
    if (accept(r, "PRIMARY")) {
        accept(r, "KEY");
        if (!accept(r, "ASC")) accept(r, "DESC");
        on_conflict(r);
        accept(r, "AUTOINCREMENT");
    } else if (accept(r, "NOT")) {
        accept(r, "NULL");
        on_conflict(r);
    } else if (accept(r, "NULL"))
        on_conflict(r);
    else if (accept(r, "UNIQUE")) {
        on_conflict(r);
        add_constraint(r,
                       (corm_constraint){
                           .name = given, .kind = CORM_CONSTRAINT_UNIQUE, .columns = column->name },
                       NULL);
    } else if (accept(r, "CHECK"))
        add_constraint(
            r, (corm_constraint){ .name = given, .kind = CORM_CONSTRAINT_CHECK, .check = group(r) },
            column->name);
    else if (accept(r, "DEFAULT"))
        default_value(r);
    else if (accept(r, "COLLATE"))
        column->collation = name(r);
    else if (accept(r, "REFERENCES"))
        column->references = reference(r, given);
    else if (accept(r, "GENERATED"))
        accept(r, "ALWAYS");
    else if (accept(r, "AS"))
        column->generated = group(r);
    else if (is(r, "STORED") || is(r, "VIRTUAL"))
        next(r);
    else
        return false;
    return true;
}

static void column(reader *r) {
    corm_parsed_table *out = r->out;
    corm_parsed_column *columns =
        grow(r, out->columns, out->n_columns, &r->column_capacity, sizeof *columns);
    if (!columns) return;
    out->columns = columns;
    corm_parsed_column *column = &columns[out->n_columns++];
    *column = (corm_parsed_column){ .name = name(r) };
    while (!at_end(r) && !starts_constraint(r) && !is(r, ",") && !is(r, ")")) {
        if (is(r, "("))
            group(r);
        else
            next(r);
    }
    const char *constraint = NULL;
    while (!r->no_memory && column_constraint(r, column, &constraint)) continue;
}

static corm_parsed_column *find(corm_parsed_table *out, const char *name) {
    for (size_t i = 0; i < out->n_columns && name; i++)
        if (out->columns[i].name && corm__compare_nocase(out->columns[i].name, name) == 0)
            return &out->columns[i];
    return NULL;
}

/* A foreign key of several columns is none that a corm_column can have. */
static void foreign_key(reader *r, const char *constraint, const char *start) {
    bool plain;
    accept(r, "KEY");
    const char *columns = name_list(r, &plain);
    if (!accept(r, "REFERENCES")) return;
    corm_reference to = reference(r, constraint);
    corm_parsed_column *column = find(r->out, columns);
    if (column)
        column->references = to;
    else
        leave_out(r, start, r->token.start);
}

static void table_constraint(reader *r) {
    const char *constraint = NULL, *start = r->token.start;
    bool plain;
    if (accept(r, "CONSTRAINT")) constraint = name(r);
    if (accept(r, "PRIMARY")) {
        accept(r, "KEY");
        group(r);
        on_conflict(r);
    } else if (accept(r, "UNIQUE")) {
        const char *columns = name_list(r, &plain);
        on_conflict(r);
        add_constraint(r,
                       (corm_constraint){
                           .name = constraint, .kind = CORM_CONSTRAINT_UNIQUE, .columns = columns },
                       NULL);
    } else if (accept(r, "CHECK"))
        add_constraint(r,
                       (corm_constraint){
                           .name = constraint, .kind = CORM_CONSTRAINT_CHECK, .check = group(r) },
                       NULL);
    else if (accept(r, "FOREIGN"))
        foreign_key(r, constraint, start);
}

int corm__sqlite_parse_table(corm_arena *arena, const char *sql, corm_parsed_table *out) {
    *out = (corm_parsed_table){ 0 };
    const char *text = normalize(arena, sql);
    if (!text) return CORM_ERROR_MEMORY;
    reader r = { .arena = arena, .at = text, .out = out };
    for (next(&r); !at_end(&r) && !is(&r, "("); next(&r)) continue;
    accept(&r, "(");
    while (!at_end(&r) && !r.no_memory) {
        if (is(&r, "CONSTRAINT") || is(&r, "PRIMARY") || is(&r, "UNIQUE") || is(&r, "CHECK") ||
            is(&r, "FOREIGN"))
            table_constraint(&r);
        else
            column(&r);
        if (is(&r, ")")) break;
        while (!at_end(&r) && !is(&r, ",") && !is(&r, ")")) next(&r); /* what was not understood */
        if (is(&r, ")")) break;
        next(&r);
    }
    if (accept(&r, ")") && !at_end(&r)) leave_out(&r, r.token.start, text + strlen(text));
    return r.no_memory ? CORM_ERROR_MEMORY : CORM_OK;
}

int corm__sqlite_parse_index(corm_arena *arena, const char *sql, corm_index *out) {
    const char *text = normalize(arena, sql);
    if (!text) return CORM_ERROR_MEMORY;
    reader r = { .arena = arena, .at = text };
    for (next(&r); !at_end(&r) && !is(&r, "("); next(&r))
        if (is(&r, "UNIQUE")) out->unique = true;
    reader list = r;
    bool plain;
    const char *columns = name_list(&r, &plain), *expression = group(&list);
    if (plain)
        out->columns = columns;
    else
        out->expression = expression;
    if (accept(&list, "WHERE")) {
        const char *start = list.token.start, *end = start + strlen(start);
        while (end > start && strchr(" \t\r\n;", end[-1])) end--;
        out->where = copy(&r, start, (size_t)(end - start));
    }
    return r.no_memory || list.no_memory ? CORM_ERROR_MEMORY : CORM_OK;
}
