/* .with for relations to many rows: one query a relation, however many rows there are.
 *
 * The parents' keys are collected, each once, in a table from key to number. The children of all of
 * them come by one query (by several, when the engine takes fewer parameters), by parent and then
 * by their own key, into one array; each one's parent is looked up as it comes. Counting sort then
 * lays them out, the children of one parent side by side behind a head with their number, which is
 * what the parent's member points to. Then the children are parents in turn. Parents with the same
 * key (a row that was joined to several) share their children. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

/* --- the query --- */

static const corm_field *field_of_column(const corm_model *model, const char *name) {
    for (size_t i = 0; i < model->n_fields; i++)
        if (corm__field_gives(&model->fields[i], name)) return &model->fields[i];
    return NULL;
}

/* The column that refers to the parents: of the children, or of the table in between, whose value
 * comes along as an object of its own. */
static int key_column(corm_draft *draft, corm_arena *arena, corm_load *load, corm_buffer *out) {
    corm_compiler *compiler = &draft->compiler;
    if (!load->step.between.table) {
        load->child_key = field_of_column(load->step.to, load->step.to_column);
        corm__compile_column(compiler, compiler->root, load->step.to_column, out);
        return load->child_key
                   ? 0
                   : corm__db_fail(compiler->db, CORM_ERROR_USAGE, "%s has no column %s",
                                   load->step.to->name, load->step.to_column);
    }
    corm__buffer_printf(out, "t%u.", compiler->aliases);
    compiler->backend->identifier(out, load->step.between.own_column);
    corm_fetch *fetch = &load->plan.fetch;
    corm_fetch_column *column =
        (corm_fetch_column *)(uintptr_t)&fetch
            ->columns[fetch->n_columns++]; /* fetch_with leaves room for it */
    corm_column type;
    if (corm__column_of_field(load->step.from, load->parent_key, arena, &type))
        return corm__fail_memory(&compiler->db->error);
    corm__fetch_member(load->parent_key, &type, column);
    load->key_object = (uint16_t)fetch->n_objects++;
    column->object = load->key_object;
    column->offset = 0;
    column->optional = column->null = false;
    column->name = load->step.between.own_column;
    load->plan.objects[load->key_object] = (corm_object){ .size = sizeof(corm_value) };
    corm__buffer_puts(&draft->columns, ", ");
    corm__buffer_append(&draft->columns, out);
    return 0;
}

static void put_between(corm_draft *draft, const corm_load *load, corm_buffer *out) {
    corm_compiler *compiler = &draft->compiler;
    const corm_between *between = &load->step.between;
    if (!between->table) return;
    unsigned alias = compiler->aliases;
    corm__buffer_puts(out, " JOIN ");
    compiler->backend->identifier(out, between->table);
    corm__buffer_printf(out, " AS t%u ON t%u.", alias, alias);
    compiler->backend->identifier(out, between->other_column);
    corm__buffer_puts(out, " = ");
    corm__compile_column(compiler, compiler->root, load->step.to_column, out);
}

/* The list of keys comes between head and tail; an engine with arrays gets them as one, and the
 * query is whole. */
static int condition(corm_draft *draft, corm_load *load, const corm_buffer *key, corm_buffer *sql) {
    corm_compiler *compiler = &draft->compiler;
    corm__buffer_puts(sql, " WHERE ");
    if (!compiler->backend->features->array_parameters) {
        corm__buffer_append(sql, key);
        corm__buffer_puts(sql, " IN (");
        return 0;
    }
    corm_buffer operands[2] = { *key, { 0 } };
    corm_column type = { .kind = load->key.kind };
    compiler->backend->placeholder(&operands[1], 1, CORM_ARRAY, load->key.kind);
    int status = corm__compile_template(compiler, CORM_OP_ONE_OF, &type, NULL, operands, 2, sql);
    if (operands[1].broken) sql->broken = true;
    corm__buffer_release(&operands[1]);
    return status;
}

/* By parent, then by the children's own key: the index that finds the children has them in this
 * order, so that nothing is sorted. */
static int put_order(corm_draft *draft, const corm_load *load, const corm_buffer *parent_key,
                     corm_buffer *sql) {
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n = corm__key_fields(load->step.to, key);
    corm__buffer_puts(sql, " ORDER BY ");
    corm__buffer_add(sql, parent_key->data, parent_key->length);
    if (load->step.between.table) {
        corm__buffer_printf(sql, ", t%u.", draft->compiler.aliases);
        draft->compiler.backend->identifier(sql, load->step.between.other_column);
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        const char *column = corm__field_column(key[i], draft->resolver.arena);
        if (!column) return corm__fail_memory(&draft->compiler.db->error);
        corm__buffer_puts(sql, ", ");
        corm__compile_column(&draft->compiler, draft->compiler.root, column, sql);
    }
    return 0;
}

static int compile_load(corm_draft *draft, corm_arena *arena, const corm_with *with,
                        corm_load *load, corm_buffer *key) {
    corm_db *db = draft->compiler.db;
    bool arrays = db->backend->features->array_parameters;
    corm_column type;
    int status = corm__fetch_with(&draft->compiler, with, &load->plan, &draft->columns);
    if (!status) status = key_column(draft, arena, load, key);
    if (status) return status;
    if (corm__column_of_field(load->step.from, load->parent_key, arena, &type))
        return corm__fail_memory(&db->error);
    corm__target_of(&type, NULL, load->step.from->table, true, &load->key);
    corm_buffer *sql = &draft->sql;
    corm__buffer_puts(sql, "SELECT ");
    corm__buffer_append(sql, &draft->columns);
    corm__buffer_puts(sql, " FROM ");
    status = corm__compile_from(&draft->compiler, sql);
    put_between(draft, load, sql);
    if (!status) status = condition(draft, load, key, sql);
    if (!status && !arrays) {
        if (sql->broken) return corm__fail_memory(&db->error); /* the reset would mend it */
        load->head = corm__arena_strdup(arena, corm__buffer_text(sql));
        corm__buffer_reset(sql);
        corm__buffer_putc(sql, ')');
    }
    if (!status) status = put_order(draft, load, key, sql);
    if (status) return status;
    *(arrays ? &load->head : &load->tail) = corm__arena_strdup(arena, corm__buffer_text(sql));
    if (draft->columns.broken || key->broken || sql->broken || !load->head ||
        (!arrays && !load->tail))
        return corm__fail_memory(&db->error);
    return 0;
}

int corm__compile_load(corm_db *db, corm_arena *arena, const corm_with *with, corm_load *load) {
    corm_draft draft;
    corm_buffer key = { 0 };
    load->step = with->step;
    load->parent_key = field_of_column(with->step.from, with->step.from_column);
    if (!load->parent_key)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s has no column %s", with->step.from->name,
                             with->step.from_column);
    /* The inner plan shares the arena of the outer one, which moves into it for the time of
     * compiling. */
    load->plan.arena = *arena;
    int status = corm__draft_begin(&draft, db, with->model, NULL, &load->plan);
    if (!status) status = compile_load(&draft, &load->plan.arena, with, load, &key);
    *arena = load->plan.arena;
    load->plan.arena = (corm_arena){ 0 };
    corm__draft_release(&draft);
    corm__buffer_release(&key);
    return status;
}

/* --- keys to numbers --- */

typedef struct key_table {
    corm_value *keys; /* each once, in order of appearance */
    uint32_t *slots;  /* number + 1, by hash; 0: free */
    size_t n, mask;
} key_table;

static size_t key_bytes(const corm_value *key, const void **out) {
    switch (key->kind) {
    case CORM_VARCHAR:
    case CORM_TEXT: *out = key->text; return strlen(key->text);
    case CORM_UUID: *out = &key->uuid; return sizeof key->uuid;
    case CORM_DATE: *out = &key->date; return sizeof key->date;
    default: *out = &key->integer; return sizeof key->integer; /* and the other kinds of 64 bits */
    }
}

static size_t key_hash(const corm_value *key) {
    const void *bytes;
    size_t length = key_bytes(key, &bytes);
    if (bytes == &key->integer)
        return (size_t)(((uint64_t)key->integer * 0x9E3779B97F4A7C15u) >> 20);
    return (size_t)corm__hash(bytes, length);
}

static bool key_equal(const corm_value *a, const corm_value *b) {
    const void *x, *y;
    size_t length = key_bytes(a, &x);
    return length == key_bytes(b, &y) && memcmp(x, y, length) == 0;
}

static uint32_t *key_slot(const key_table *table, const corm_value *key) {
    for (size_t i = key_hash(key) & table->mask;; i = (i + 1) & table->mask)
        if (!table->slots[i] || key_equal(&table->keys[table->slots[i] - 1], key))
            return &table->slots[i];
}

static bool keys_begin(key_table *table, corm_arena *scratch, size_t most) {
    size_t capacity = 8;
    while (capacity < most * 2) capacity *= 2;
    *table = (key_table){ .mask = capacity - 1 };
    table->keys = corm__arena_alloc(scratch, most * sizeof *table->keys);
    table->slots = corm__arena_array(scratch, capacity, sizeof *table->slots);
    return table->keys && table->slots;
}

/* --- loading --- */

typedef struct loader {
    corm_db *db;
    const corm_load *load;
    corm_arena *arena; /* of the result */
    corm_arena scratch;
    char **parents;    /* those whose member is filled */
    uint32_t *numbers; /* and the number of each one's key */
    size_t n_parents;
    key_table table;
    corm_rows children; /* as they come */
    uint32_t *owners;   /* the number of each one's key */
    size_t owners_capacity;
} loader;

/* The rows of object number `object`: the rows themselves, or what is joined to them. */
static char *object_of(const corm_query_plan *plan, char *row, uint16_t object) {
    if (!object) return row;
    char *parent = object_of(plan, row, plan->objects[object].parent);
    return parent ? *(char **)(parent + plan->objects[object].pointer_offset) : NULL;
}

static int collect(loader *loader, const corm_query_plan *plan, char *data, size_t n, size_t size) {
    loader->parents = corm__arena_alloc(&loader->scratch, n * sizeof *loader->parents);
    loader->numbers = corm__arena_alloc(&loader->scratch, n * sizeof *loader->numbers);
    if (!loader->parents || !loader->numbers || !keys_begin(&loader->table, &loader->scratch, n))
        return corm__fail_memory(&loader->db->error);
    for (size_t i = 0; i < n; i++) {
        char *parent = object_of(plan, data + i * size, loader->load->object);
        corm_value key;
        if (!parent) continue;
        corm__member_get(loader->load->parent_key, parent, &key);
        if (key.kind == CORM_NULL) continue;
        uint32_t *slot = key_slot(&loader->table, &key);
        if (!*slot) {
            loader->table.keys[loader->table.n++] = key;
            *slot = (uint32_t)loader->table.n;
        }
        loader->parents[loader->n_parents] = parent;
        loader->numbers[loader->n_parents++] = *slot - 1;
    }
    return 0;
}

static int note_owner(loader *loader, const void *child, const corm_value *key_memory) {
    corm_rows *rows = &loader->children;
    corm_value key;
    if (loader->load->child_key)
        corm__member_get(loader->load->child_key, child, &key);
    else {
        corm_field at_zero = *loader->load->parent_key;
        at_zero.offset = 0;
        at_zero.optional = false;
        corm__member_get(&at_zero, key_memory, &key);
    }
    uint32_t *slot = key.kind ? key_slot(&loader->table, &key) : NULL;
    if (!slot || !*slot) return 0; /* a text key that the database finds equal and C does not */
    if (rows->length >= loader->owners_capacity) {
        size_t capacity = loader->owners_capacity ? loader->owners_capacity * 2 : 64;
        uint32_t *owners = realloc(loader->owners, capacity * sizeof *owners);
        if (!owners) return corm__fail_memory(&loader->db->error);
        loader->owners = owners;
        loader->owners_capacity = capacity;
    }
    loader->owners[rows->length++] = *slot - 1;
    return 0;
}

static int read_children(loader *loader, corm_execution *execution) {
    const corm_query_plan *plan = &loader->load->plan;
    corm_value key = CORM_VALUE_NULL;
    for (;;) {
        void *row = corm__rows_next(&loader->children);
        if (!row) return corm__fail_memory(&loader->db->error);
        if (loader->load->key_object) execution->spare[loader->load->key_object] = &key;
        int status = corm__execution_row(execution, plan, row, loader->arena);
        if (status <= 0) return status;
        status = note_owner(loader, row, &key);
        if (status) return status;
    }
}

static int run(loader *loader, const char *sql, size_t length, const corm_value *values,
               const corm_kind *kinds, size_t n) {
    corm_execution execution = { .db = loader->db };
    execution.values = execution.values_room;
    int status = corm__prepare(loader->db, sql, length, kinds, (int)n, &execution.stmt);
    if (!status) status = corm__execute(loader->db, execution.stmt, values, (int)n, 0);
    if (!status) status = read_children(loader, &execution);
    corm__execution_finish(&execution);
    return status;
}

/* The keys as a C array of their kind. */
static int load_by_array(loader *loader) {
    const key_table *table = &loader->table;
    corm_kind kind = loader->load->key.kind;
    bool text = kind == CORM_VARCHAR || kind == CORM_TEXT;
    size_t size = text                ? sizeof(char *)
                  : kind == CORM_UUID ? sizeof(corm_uuid)
                  : kind == CORM_DATE ? sizeof(corm_date)
                                      : sizeof(int64_t);
    char *items = corm__arena_alloc(&loader->scratch, table->n * size);
    if (!items) return corm__fail_memory(&loader->db->error);
    for (size_t i = 0; i < table->n; i++) {
        const void *bytes = &table->keys[i].text;
        if (!text) key_bytes(&table->keys[i], &bytes);
        memcpy(items + i * size, bytes, size);
    }
    corm_value value = { .kind = CORM_ARRAY,
                         .element = text ? CORM_TEXT : kind,
                         .array = { items, table->n, false } };
    corm_kind kinds = CORM_ARRAY;
    return run(loader, loader->load->head, strlen(loader->load->head), &value, &kinds, 1);
}

static int load_by_list(loader *loader, const corm_value *keys, size_t n, size_t length) {
    corm_buffer sql = { 0 };
    corm_value *values = corm__arena_alloc(&loader->scratch, length * sizeof *values);
    corm_kind *kinds = corm__arena_alloc(&loader->scratch, length * sizeof *kinds);
    if (!values || !kinds) return corm__fail_memory(&loader->db->error);
    corm__buffer_puts(&sql, loader->load->head);
    for (size_t i = 0; i < length; i++) {
        values[i] = keys[i < n ? i : n - 1];
        values[i].kind = kinds[i] = loader->load->key.kind;
        if (i) corm__buffer_puts(&sql, ", ");
        loader->db->backend->placeholder(&sql, (int)i + 1, kinds[i], CORM_NULL);
    }
    corm__buffer_puts(&sql, loader->load->tail);
    int status = sql.broken ? corm__fail_memory(&loader->db->error)
                            : run(loader, sql.data, sql.length, values, kinds, length);
    corm__buffer_release(&sql);
    return status;
}

static int load_children(loader *loader) {
    const corm_features *features = loader->db->backend->features;
    const key_table *table = &loader->table;
    size_t most = (size_t)features->max_parameters;
    if (!table->n) return 0;
    if (features->array_parameters) return load_by_array(loader);
    for (size_t done = 0; done < table->n;) {
        size_t n = table->n - done < most ? table->n - done : most;
        int status = load_by_list(loader, table->keys + done, n, corm__list_length(n, most));
        if (status) return status;
        done += n;
    }
    return 0;
}

/* The children of each key side by side, each group behind its head; *first gets the place of every
 * group. */
static int lay_out(loader *loader, char **groups, uint32_t *counts) {
    size_t size = loader->load->step.to->size, n = loader->table.n;
    for (size_t i = 0; i < loader->children.length; i++) counts[loader->owners[i]]++;
    for (size_t i = 0; i < n; i++) {
        groups[i] = corm__rows_member(loader->arena, size, counts[i]);
        if (!groups[i]) return corm__fail_memory(&loader->db->error);
        counts[i] = 0;
    }
    const char *data = corm__rows_data(&loader->children);
    for (size_t i = 0; i < loader->children.length; i++) {
        uint32_t owner = loader->owners[i];
        memcpy(groups[owner] + counts[owner]++ * size, data + i * size, size);
    }
    for (size_t i = 0; i < loader->n_parents; i++)
        *(void **)(loader->parents[i] + loader->load->step.field->pointer_offset) =
            groups[loader->numbers[i]];
    return 0;
}

/* What hangs on the children, before they are laid out: copies then carry the pointers along. */
static int load_one(loader *loader, const corm_query_plan *plan, char *data, size_t n,
                    size_t size) {
    int status = collect(loader, plan, data, n, size);
    if (!status) status = load_children(loader);
    if (status) return status;
    const corm_query_plan *inner = &loader->load->plan;
    size_t child_size = loader->load->step.to->size, n_keys = loader->table.n;
    if (inner->n_loads)
        status = corm__load_relations(loader->db, inner, loader->arena,
                                      corm__rows_data(&loader->children), loader->children.length,
                                      child_size);
    if (status) return status;
    char **groups = corm__arena_array(&loader->scratch, n_keys, sizeof *groups);
    uint32_t *counts = corm__arena_array(&loader->scratch, n_keys, sizeof *counts);
    if (!groups || !counts) return corm__fail_memory(&loader->db->error);
    return lay_out(loader, groups, counts);
}

int corm__load_relations(corm_db *db, const corm_query_plan *plan, corm_arena *arena, char *data,
                         size_t n, size_t size) {
    int status = 0;
    for (size_t i = 0; i < plan->n_loads && !status; i++) {
        loader loader = { .db = db, .load = &plan->loads[i], .arena = arena };
        if (n > UINT32_MAX / 2)
            return corm__db_fail(db, CORM_ERROR_RANGE, "too many rows for .with");
        status = corm__rows_begin(&loader.children, plan->loads[i].step.to->size, 0)
                     ? corm__fail_memory(&db->error)
                     : 0;
        if (!status) status = load_one(&loader, plan, data, n, size);
        corm__rows_drop(&loader.children);
        free(loader.owners);
        corm__arena_release(&loader.scratch);
    }
    return status;
}
