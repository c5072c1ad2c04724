/* Indexes, constraints and foreign keys.
 *
 * A foreign key wants an index that begins with its column, and makes one in silence when there is
 * none; an AUTO_INCREMENT wants one too. corm makes these itself, named after the foreign key, so
 * that it knows when they are there: a column has one exactly when no other key of the table begins
 * with it. Every change of a table's keys brings and takes them along, in the same statement,
 * because the server refuses to drop the last index that a foreign key can use. Introspection
 * leaves them out.
 *
 * A key holds 3072 bytes, and four are reserved for each character: a plain index over longer
 * columns takes a prefix of each; a unique one needs none, since the server keeps it by a hash. */
#include "backend/mariadb/ddl.h"
#include "backend/mariadb/declaration.h"
#include "base/ascii.h"
#include "base/error.h"
#include <string.h>

enum { MAX_KEY_BYTES = 3072, CHARACTER_BYTES = 4, MAX_PREFIX = 255, DESCENDING = 100800 };

static bool given(const char *text) { return corm__mariadb_given(text); }

/* --- the columns of a key --- */

static const corm_column *column_of(const corm_table *table, const char *name, size_t length) {
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (strlen(column->name) == length && memcmp(column->name, name, length) == 0)
            return column;
    return NULL;
}

/* Bytes in a key; 0: more than any key has. */
static int key_bytes(const corm_column *column) {
    switch (column->kind) {
    case CORM_VARCHAR:
    case CORM_ENUMERATION:
        return column->max_length > MAX_KEY_BYTES / CHARACTER_BYTES
                   ? 0
                   : column->max_length * CHARACTER_BYTES;
    case CORM_TEXT:
    case CORM_BLOB:
    case CORM_JSON:
    case CORM_ARRAY: return 0;
    case CORM_DECIMAL: return column->digits / 2 + 3;
    case CORM_UUID: return 16;
    default: return 8;
    }
}

typedef struct key_size {
    int bytes, n_long; /* of the columns that go in whole, and how many do not */
    bool fits;
} key_size;

/* at_most: columns of more bytes than that are long. */
static key_size size_of(const corm_table *table, const char *names, int at_most) {
    key_size size = { 0 };
    size_t length;
    const char *name;
    for (size_t i = 0; (name = corm__names_item(names, i, &length, NULL)); i++) {
        const corm_column *column = column_of(table, name, length);
        int bytes = column ? key_bytes(column) : 8;
        if (bytes == 0 || bytes > at_most)
            size.n_long++;
        else
            size.bytes += bytes;
    }
    size.fits = size.n_long == 0 && size.bytes <= MAX_KEY_BYTES;
    return size;
}

static void write_name(corm_buffer *out, const char *name, size_t length) {
    corm__buffer_putc(out, '`');
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '`') corm__buffer_putc(out, '`');
        corm__buffer_putc(out, name[i]);
    }
    corm__buffer_putc(out, '`');
}

/* (`a`, `b`(255) DESC). plain: the index may hold prefixes. */
static void write_key(corm_buffer *out, const corm_table *table, const char *names, bool plain) {
    enum { SHORT = 64 * CHARACTER_BYTES };
    key_size all = size_of(table, names, MAX_KEY_BYTES), cut = size_of(table, names, SHORT);
    int share = cut.n_long ? (MAX_KEY_BYTES - cut.bytes) / cut.n_long / CHARACTER_BYTES : 0,
        prefix = share > MAX_PREFIX ? MAX_PREFIX : share;
    size_t length;
    bool descending;
    const char *name;
    corm__buffer_putc(out, '(');
    for (size_t i = 0; (name = corm__names_item(names, i, &length, &descending)); i++) {
        const corm_column *column = column_of(table, name, length);
        int bytes = column ? key_bytes(column) : 8;
        if (i) corm__buffer_puts(out, ", ");
        write_name(out, name, length);
        if (plain && !all.fits && prefix > 0 && (bytes == 0 || bytes > prefix * CHARACTER_BYTES))
            corm__buffer_printf(out, "(%d)", prefix);
        if (descending) corm__buffer_puts(out, " DESC");
    }
    corm__buffer_putc(out, ')');
}

/* --- indexes and constraints --- */

/* What the server does not keep stands in the comment: that it is an index and not a unique
 * constraint, and before 10.8, which takes DESC and makes nothing of it, the order: "index (asc,
 * desc)". */
static void write_comment(corm_buffer *out, const corm_script *script, const corm_index *index) {
    bool forgets = !corm__mariadb_version_is_mysql(script->version) && script->version < DESCENDING,
         descends = false, down;
    size_t length;
    for (size_t i = 0; corm__names_item(index->columns, i, &length, &down); i++) descends |= down;
    forgets &= descends;
    if (!index->unique && !forgets) return;
    corm__buffer_printf(out, " COMMENT '%s%s", index->unique ? "index" : "",
                        index->unique && forgets ? " " : "");
    for (size_t i = 0; forgets && corm__names_item(index->columns, i, &length, &down); i++)
        corm__buffer_printf(out, "%s%s", i ? ", " : "(", down ? "desc" : "asc");
    corm__buffer_puts(out, forgets ? ")'" : "'");
}

int corm__mariadb_write_index(corm_buffer *out, corm_script *script, const corm_table *table,
                              const corm_index *index) {
    bool fulltext = given(index->method) && corm__compare_nocase(index->method, "fulltext") == 0;
    if (given(index->where))
        return corm__mariadb_refuse(script, "index", index->name, "a condition");
    if (given(index->expression))
        return corm__mariadb_refuse(script, "index", index->name, "an expression");
    if (index->nulls_not_distinct)
        return corm__mariadb_refuse(script, "index", index->name, "NULLS NOT DISTINCT");
    if (given(index->method) && !fulltext && corm__compare_nocase(index->method, "btree") != 0)
        return corm__mariadb_refuse(script, "index", index->name, "this method");
    corm__mariadb_write(out,
                        index->unique ? "UNIQUE INDEX %I "
                        : fulltext    ? "FULLTEXT INDEX %I "
                                      : "INDEX %I ",
                        index->name);
    write_key(out, table, index->columns, !index->unique && !fulltext);
    write_comment(out, script, index);
    return 0;
}

int corm__mariadb_write_constraint(corm_buffer *out, corm_script *script, const corm_table *table,
                                   const corm_constraint *constraint) {
    const char *name = constraint->name;
    if (constraint->kind == CORM_CONSTRAINT_EXCLUDE)
        return corm__mariadb_refuse(script, "constraint", name, "EXCLUDE");
    if (constraint->deferrable)
        return corm__mariadb_refuse(script, "constraint", name, "DEFERRABLE");
    if (constraint->nulls_not_distinct)
        return corm__mariadb_refuse(script, "constraint", name, "NULLS NOT DISTINCT");
    corm__mariadb_write(out, "CONSTRAINT %I ", name);
    if (constraint->kind == CORM_CONSTRAINT_CHECK) {
        corm__buffer_puts(out, "CHECK (");
        corm__mariadb_write_sql(out, constraint->check);
        corm__buffer_putc(out, ')');
        return 0;
    }
    corm__buffer_puts(out, "UNIQUE ");
    write_key(out, table, constraint->columns, false);
    return 0;
}

/* The columns of a key in it, or none of them: then it is a hash. 0 and *same, or
 * CORM_ERROR_MEMORY. */
static int same_key(const corm_table *before, const corm_table *after, const char *names,
                    bool plain, bool *same) {
    corm_buffer old = { 0 }, new = { 0 };
    write_key(&old, before, names, plain);
    write_key(&new, after, names, plain);
    int status = old.broken || new.broken ? CORM_ERROR_MEMORY : 0;
    *same = !status && strcmp(corm__buffer_text(&old), corm__buffer_text(&new)) == 0 &&
            (plain || size_of(before, names, MAX_KEY_BYTES).fits ==
                          size_of(after, names, MAX_KEY_BYTES).fits);
    corm__buffer_release(&old);
    corm__buffer_release(&new);
    return status;
}

int corm__mariadb_change_prefixes(corm_mariadb_alter *alter, const corm_table *before,
                                  const corm_table *after) {
    corm_buffer text = { 0 };
    int status = 0;
    bool same;
    for (const corm_index *i = after->indexes; i && i->name && !status; i++) {
        if (given(i->method) && corm__compare_nocase(i->method, "fulltext") == 0) continue;
        status = same_key(before, after, i->columns, !i->unique, &same);
        if (status || same) continue;
        corm__buffer_reset(&text);
        status = corm__mariadb_write_index(&text, alter->script, after, i);
        corm__mariadb_clause(alter, "DROP INDEX %I, ADD %B", i->name, &text);
    }
    for (const corm_constraint *c = after->constraints; c && c->name && !status; c++) {
        if (c->kind != CORM_CONSTRAINT_UNIQUE) continue;
        status = same_key(before, after, c->columns, false, &same);
        if (status || same) continue;
        corm__buffer_reset(&text);
        status = corm__mariadb_write_constraint(&text, alter->script, after, c);
        corm__mariadb_clause(alter, "DROP INDEX %I, ADD %B", c->name, &text);
    }
    corm__buffer_release(&text);
    return status == CORM_ERROR_MEMORY ? corm__fail_memory(alter->script->error) : status;
}

/* --- indexes that corm makes --- */

static bool begins(const char *names, const char *column) {
    size_t length;
    const char *first = corm__names_item(names, 0, &length, NULL);
    return first && strlen(column) == length && memcmp(first, column, length) == 0;
}

static bool is_plain(const corm_index *index) {
    return !given(index->where) && !given(index->expression) &&
           (!given(index->method) || corm__compare_nocase(index->method, "btree") == 0);
}

/* A key over more than fits is a hash or holds prefixes: of no use here. */
static bool is_served(const corm_table *table, const char *column) {
    if (begins(table->primary_key, column)) return true;
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE && begins(c->columns, column) &&
            size_of(table, c->columns, MAX_KEY_BYTES).fits)
            return true;
    for (const corm_index *i = table->indexes; i && i->name; i++)
        if (is_plain(i) && begins(i->columns, column) &&
            size_of(table, i->columns, MAX_KEY_BYTES).fits)
            return true;
    return false;
}

bool corm__mariadb_has_hash(const corm_table *table) {
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE && !size_of(table, c->columns, MAX_KEY_BYTES).fits)
            return true;
    for (const corm_index *i = table->indexes; i && i->name; i++)
        if (i->unique && !size_of(table, i->columns, MAX_KEY_BYTES).fits) return true;
    return false;
}

const char *corm__mariadb_support_name(corm_arena *arena, const corm_table *table,
                                       const corm_column *column) {
    return column->references.table ? corm__foreign_key_name(arena, table, column)
                                    : corm__derived_name(arena, table->name, column->name, "key");
}

int corm__mariadb_support(corm_arena *arena, const corm_table *table, const corm_column *column,
                          const char **name) {
    *name = NULL;
    bool needs = column->references.table || column->kind == CORM_IDENTITY;
    if (!needs || is_served(table, column->name)) return 0;
    *name = corm__mariadb_support_name(arena, table, column);
    return *name ? 0 : CORM_ERROR_MEMORY;
}

int corm__mariadb_change_support(corm_mariadb_alter *alter, const corm_table *before,
                                 const corm_table *after) {
    corm_script *script = alter->script;
    const char *old, *new;
    for (const corm_column *column = after->columns; column && column->name; column++) {
        const corm_column *was = before ? corm__column_find(before, column->name) : NULL;
        old = NULL;
        if (corm__mariadb_support(script->arena, after, column, &new) ||
            (was && corm__mariadb_support(script->arena, before, was, &old)))
            return corm__fail_memory(script->error);
        if (old && (!new || strcmp(old, new) != 0))
            corm__mariadb_clause(alter, "DROP INDEX %S%I", corm__mariadb_if_exists(script, true),
                                 old);
        if (new && (!old || strcmp(old, new) != 0))
            corm__mariadb_clause(alter, "ADD INDEX %S%I (%I)",
                                 corm__mariadb_if_exists(script, false), new, column->name);
    }
    return 0;
}

int corm__mariadb_rename_support(corm_mariadb_alter *alter, const corm_table *before,
                                 const corm_table *after, const corm_column *from,
                                 const corm_column *to, corm_conn *conn) {
    corm_script *script = alter->script;
    const char *old, *new;
    if (corm__mariadb_support(script->arena, before, from, &old) ||
        corm__mariadb_support(script->arena, after, to, &new))
        return corm__fail_memory(script->error);
    if (!old || !new || strcmp(old, new) == 0) return 0;
    if (conn) { /* in a database that another tool made it has another name, or is not there */
        int found = corm__mariadb_ask(script, conn, NULL,
                                      "SELECT 1 FROM information_schema.STATISTICS WHERE "
                                      "TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %L AND "
                                      "INDEX_NAME = %L LIMIT 1",
                                      before->name, old);
        if (found <= 0) return found;
    }
    corm__mariadb_clause(alter, "RENAME INDEX %I TO %I", old, new);
    return 0;
}

/* --- foreign keys --- */

/* RESTRICT is what no clause means, and the catalogue says so; when it is written out, an ALTER
 * TABLE in place makes NO ACTION of it. To MySQL no clause is NO ACTION. */
int corm__mariadb_write_foreign_key(corm_buffer *out, corm_script *script, const corm_table *table,
                                    const corm_column *column) {
    const corm_reference *reference = &column->references;
    const char *restricts =
        corm__mariadb_version_is_mysql(script->version) ? " ON DELETE RESTRICT" : "";
    const char *const actions[] = { [CORM_NO_ACTION] = " ON DELETE NO ACTION",
                                    [CORM_CASCADE] = " ON DELETE CASCADE",
                                    [CORM_RESTRICT] = restricts,
                                    [CORM_SET_NULL] = " ON DELETE SET NULL",
                                    [CORM_SET_DEFAULT] = "",
                                    [CORM_PROTECT] = restricts };
    const char *name = corm__foreign_key_name(script->arena, table, column);
    if (!name) return corm__fail_memory(script->error);
    if (reference->deferrable)
        return corm__mariadb_refuse(script, "foreign key", name, "DEFERRABLE");
    if (reference->on_delete == CORM_SET_DEFAULT)
        return corm__mariadb_refuse(script, "foreign key", name, "ON DELETE SET DEFAULT");
    corm__mariadb_write(out, "CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %I (%I)%S", name,
                        column->name, reference->table, reference->column,
                        actions[reference->on_delete]);
    return 0;
}

int corm__mariadb_add_foreign_key(corm_mariadb_alter *alter, const corm_table *table,
                                  const corm_column *column) {
    corm_buffer text = { 0 };
    int status = corm__mariadb_write_foreign_key(&text, alter->script, table, column);
    if (!status) corm__mariadb_clause(alter, "ADD %B", &text);
    corm__buffer_release(&text);
    return status;
}

/* Without a row of the catalogue the name is the model's: so the text stays the same when a run
 * goes on after it was killed. */
int corm__mariadb_drop_foreign_key(corm_mariadb_alter *alter, const corm_table *table,
                                   const corm_column *column, corm_conn *conn) {
    corm_script *script = alter->script;
    const char *exists = corm__mariadb_if_exists(script, true),
               *name = corm__foreign_key_name(script->arena, table, column);
    if (!name) return corm__fail_memory(script->error);
    MYSQL_RES *result = NULL;
    if (conn) {
        corm_buffer sql = { 0 };
        corm__mariadb_write(
            &sql,
            "SELECT CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = "
            "DATABASE() AND TABLE_NAME = %L "
            "AND COLUMN_NAME = %L AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY CONSTRAINT_NAME",
            table->name, column->name);
        bool broken = corm__buffer_broken(&sql);
        result =
            broken ? NULL : corm__mariadb_query(conn, corm__buffer_text(&sql), "!", script->error);
        corm__buffer_release(&sql);
        if (broken) return corm__fail_memory(script->error);
        if (!result) return script->error->status;
    }
    MYSQL_ROW row;
    int n = 0;
    for (; result && (row = mysql_fetch_row(result)); n++)
        corm__mariadb_clause(alter, "DROP FOREIGN KEY %S%I", exists, row[0]);
    mysql_free_result(result);
    if (n == 0) corm__mariadb_clause(alter, "DROP FOREIGN KEY %S%I", exists, name);
    return 0;
}
