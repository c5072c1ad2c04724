/* What is touched has an entry by its name: the step that last wrote it, and those that have read
 * it since. Who reads stands on who wrote; who writes stands on all of them. A foreign key reads
 * what it refers to when it comes and when it goes, so that its table goes after it. What SQL and C
 * do is not known: they are taken to change the tables of their app and those that the SQL names,
 * as far as that is only a reason to come later. */
#include "migrate/state/uses.h"
#include "schema/sql_text.h"
#include <string.h>

typedef struct reader reader;
struct reader {
    size_t step;
    reader *next;
};

typedef struct entry {
    const char *what;
    size_t writer, guessed;
    reader *readers;
} entry;

typedef struct noting {
    corm_uses *uses;
    size_t step;
    const corm_state *before;
    const corm_table *table; /* of the operation, before it; NULL: none */
    bool broken;
} noting;

static entry *entry_of(noting *n, const char *kind, const char *table, const char *part,
                       size_t length) {
    corm_uses *u = n->uses;
    corm_buffer key = { 0 };
    corm__buffer_printf(&key, "%s %s%s%.*s", kind, table, part ? "." : "", (int)length,
                        part ? part : "");
    entry *e =
        corm__buffer_broken(&key) ? NULL : corm__map_get_bytes(&u->entries, key.data, key.length);
    if (!e && !corm__buffer_broken(&key) && (e = corm__arena_zalloc(u->arena, sizeof *e))) {
        e->what = corm__arena_strdup(u->arena, key.data);
        if (!e->what || corm__map_set(&u->entries, e->what, e)) e = NULL;
    }
    corm__buffer_release(&key);
    n->broken |= !e;
    return e;
}

static void stand(const noting *n, size_t step, bool guessed, const entry *e) {
    if (step && step != n->step && n->uses->stands_on)
        n->uses->stands_on(n->uses->context, step, guessed, e->what);
}

static void read_part(noting *n, const char *kind, const char *table, const char *part,
                      size_t length) {
    entry *e = entry_of(n, kind, table, part, length);
    if (!e) return;
    stand(n, e->writer, false, e);
    stand(n, e->guessed, true, e);
    if (e->readers && e->readers->step == n->step) return;
    reader *r = corm__arena_alloc(n->uses->arena, sizeof *r);
    n->broken |= !r;
    if (!r) return;
    *r = (reader){ n->step, e->readers };
    e->readers = r;
}

static void write_part(noting *n, const char *kind, const char *table, const char *part,
                       size_t length) {
    entry *e = entry_of(n, kind, table, part, length);
    if (!e) return;
    stand(n, e->writer, false, e);
    stand(n, e->guessed, true, e);
    for (const reader *r = e->readers; r; r = r->next) stand(n, r->step, false, e);
    e->writer = n->step;
    e->readers = NULL;
}

static void read_table(noting *n, const char *table) { read_part(n, "table", table, NULL, 0); }
static void write_column(noting *n, const char *name) {
    if (name) write_part(n, "column", n->table->name, name, strlen(name));
}
/* Indexes, constraints and tables share their names, in the whole database. */
static void write_name(noting *n, const char *name) {
    if (name) write_part(n, "name", name, NULL, 0);
}

static void read_columns(noting *n, const char *names) {
    const char *name;
    size_t length;
    for (size_t i = 0; n->table && (name = corm__names_item(names, i, &length, NULL)); i++)
        read_part(n, "column", n->table->name, name, length);
}
static void read_sql(noting *n, const char *sql) {
    for (const corm_column *c = n->table && sql && *sql ? n->table->columns : NULL; c && c->name;
         c++)
        if (corm__sql_mentions(sql, c->name))
            read_part(n, "column", n->table->name, c->name, strlen(c->name));
}

/* What lets foreign keys refer to a column comes or goes. */
static void write_key(noting *n, const char *columns) {
    size_t length;
    const char *name = corm__names_item(columns, 0, &length, NULL);
    if (name && corm__names_count(columns) == 1) write_part(n, "key", n->table->name, name, length);
}

/* The foreign key of a column comes or goes. */
static void use_reference(noting *n, const corm_table *of, const corm_column *column) {
    const corm_reference *to = &column->references;
    if (!to->table) return;
    const char *name = corm__foreign_key_name(n->uses->arena, of, column);
    n->broken |= !name;
    write_name(n, name);
    read_table(n, to->table);
    if (!to->column) return;
    read_part(n, "column", to->table, to->column, strlen(to->column));
    read_part(n, "key", to->table, to->column, strlen(to->column));
}

static void use_column(noting *n, const corm_column *column) {
    if (!column || !column->name) return;
    use_reference(n, n->table, column);
    read_sql(n, column->generated);
}

static void use_index(noting *n, const corm_index *i) {
    if (!i || !i->name) return;
    write_name(n, i->name);
    read_columns(n, i->columns);
    read_columns(n, i->include);
    read_sql(n, i->expression);
    read_sql(n, i->where);
    if (i->unique) write_key(n, i->columns);
}

static void use_constraint(noting *n, const corm_constraint *c) {
    if (!c || !c->name) return;
    write_name(n, c->name);
    read_columns(n, c->columns);
    read_columns(n, c->include);
    read_sql(n, c->check);
    read_sql(n, c->elements);
    read_sql(n, c->where);
    if (c->kind == CORM_CONSTRAINT_UNIQUE) write_key(n, c->columns);
}

/* All that comes or goes with the table. */
static void use_whole(noting *n, const corm_table *t) {
    write_part(n, "table", t->name, NULL, 0);
    write_name(n, t->name);
    for (const corm_column *c = t->columns; c && c->name; c++) use_reference(n, t, c);
    for (const corm_index *i = t->indexes; i && i->name; i++) write_name(n, i->name);
    for (const corm_constraint *c = t->constraints; c && c->name; c++) write_name(n, c->name);
}

static void use_renamed(noting *n, const corm_operation *o) {
    use_whole(n, n->table);
    if (!o->new_name) return;
    write_part(n, "table", o->new_name, NULL, 0);
    write_name(n, o->new_name);
}

static void use_primary_key(noting *n, const char *key) {
    if (!key) return;
    write_part(n, "primary key", n->table->name, NULL, 0);
    write_key(n, n->table->primary_key);
    write_key(n, key);
    read_columns(n, key);
}

/* Of what is only named: a constraint, or the foreign key of a column. */
static void use_named_constraint(noting *n, const char *name) {
    const corm_column *column = NULL;
    if (!name) return;
    use_constraint(n, corm__constraint_find(n->table, name));
    n->broken |= corm__foreign_key_find(n->uses->arena, n->table, name, &column) != 0;
    if (column) use_reference(n, n->table, column);
}

static void use_part(noting *n, const corm_operation *o) {
    const corm_table *t = n->table;
    const corm_column *old = o->column.name ? corm__column_find(t, o->column.name)
                             : o->name      ? corm__column_find(t, o->name)
                                            : NULL;
    switch (o->kind) {
    case CORM_ADD_COLUMN:
    case CORM_ALTER_COLUMN:
        write_column(n, o->column.name);
        use_column(n, old);
        use_column(n, &o->column);
        use_primary_key(n, o->primary_key);
        return;
    case CORM_REMOVE_COLUMN:
        write_column(n, o->name);
        use_column(n, old);
        use_primary_key(n, o->primary_key);
        return;
    case CORM_RENAME_COLUMN:
        write_column(n, o->name);
        write_column(n, o->new_name);
        return;
    case CORM_ADD_INDEX: use_index(n, &o->index); return;
    case CORM_ALTER_INDEX:
        use_index(n, o->index.name ? corm__index_find(t, o->index.name) : NULL);
        use_index(n, &o->index);
        return;
    case CORM_REMOVE_INDEX:
    case CORM_RENAME_INDEX:
        use_index(n, o->name ? corm__index_find(t, o->name) : NULL);
        write_name(n, o->new_name);
        return;
    case CORM_ADD_CONSTRAINT: use_constraint(n, &o->constraint); return;
    case CORM_ALTER_CONSTRAINT:
        use_named_constraint(n, o->constraint.name);
        use_constraint(n, &o->constraint);
        return;
    case CORM_REMOVE_CONSTRAINT:
    case CORM_RENAME_CONSTRAINT:
    case CORM_VALIDATE_CONSTRAINT:
        use_named_constraint(n, o->name);
        write_name(n, o->new_name);
        return;
    case CORM_ALTER_COMMENT: write_part(n, "comment", t->name, NULL, 0); return;
    case CORM_ALTER_PRIMARY_KEY: use_primary_key(n, o->primary_key ? o->primary_key : ""); return;
    default: return;
    }
}

/* --- SQL and C --- */

static void guess(noting *n, const char *table) {
    entry *e = entry_of(n, "table", table, NULL, 0);
    if (e) e->guessed = n->step;
}

static void guess_named(noting *n, const char *sql) {
    char name[256];
    for (corm_token token; sql && (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        bool quoted = token.kind == CORM_TOKEN_QUOTED && token.length >= 2;
        size_t length = token.length - 2 * quoted;
        if ((token.kind != CORM_TOKEN_WORD && !quoted) || length >= sizeof name) continue;
        memcpy(name, token.start + quoted, length);
        name[length] = 0;
        if (corm__state_find(n->before, name)) guess(n, name);
    }
}

static void guess_all(noting *n, const char *app, const corm_operation *o) {
    for (size_t i = 0; app && i < n->before->n; i++)
        if (n->before->tables[i].app && strcmp(n->before->tables[i].app, app) == 0)
            guess(n, n->before->tables[i].name);
    guess_named(n, o->sql);
    for (const corm_engine_sql *e = o->engines; e && e->engine; e++) guess_named(n, e->sql);
}

/* --- one operation --- */

static int note_list(corm_uses *uses, size_t step, const char *app, const corm_operation *list,
                     const corm_state *before) {
    int status = 0;
    for (const corm_operation *o = list; !status && o && o->kind; o++)
        status = corm__uses_note(uses, step, app, o, before);
    return status;
}

int corm__uses_note(corm_uses *uses, size_t step, const char *app, const corm_operation *o,
                    const corm_state *before) {
    noting n = { .uses = uses, .step = step, .before = before };
    const corm_table named = { .name = o->table ? o->table : "" };
    const corm_table made = { .name = named.name,
                              .columns = o->columns,
                              .indexes = o->indexes,
                              .constraints = o->constraints };
    n.table = corm__state_find(before, o->table);
    if (!n.table) n.table = &named; /* made by an operation of the same list */
    if (o->kind == CORM_CREATE_TABLE)
        use_whole(&n, &made);
    else if (o->kind == CORM_DELETE_TABLE)
        use_whole(&n, n.table);
    else if (o->kind == CORM_RENAME_TABLE)
        use_renamed(&n, o);
    else if ((int)o->kind <= CORM_LAST_TABLE_CHANGE) {
        read_table(&n, n.table->name);
        use_part(&n, o);
    } else if (o->kind == CORM_RUN_SQL || o->kind == CORM_RUN_C)
        guess_all(&n, app, o);
    else if (o->kind != CORM_SEPARATE && o->name)
        write_part(&n, "extension", o->name, NULL, 0);
    int status = n.broken ? CORM_ERROR_MEMORY : 0;
    if (!status && o->kind == CORM_SEPARATE)
        status = note_list(uses, step, app, o->database, before);
    return status ? status : note_list(uses, step, app, o->state, before);
}

void corm__uses_release(corm_uses *uses) { corm__map_release(&uses->entries); }
