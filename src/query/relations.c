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
    const corm_shape *shape; /* whose values the query has */
    corm_arena *arena;       /* of the result */
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

/* The member of the field as a value that stands at its place. */
static corm_value key_alone(const corm_field *field, const void *at) {
    corm_value key;
    corm_field at_zero = *field;
    at_zero.offset = 0;
    at_zero.optional = false;
    corm__member_get(&at_zero, at, &key);
    return key;
}

static int note_owner(loader *loader, const void *child, const corm_value *key_memory) {
    const corm_load *load = loader->load;
    corm_rows *rows = &loader->children;
    corm_value key;
    if (load->counts)
        key = key_alone(load->child_key ? load->child_key : load->parent_key, child);
    else if (load->child_key)
        corm__member_get(load->child_key, child, &key);
    else
        key = key_alone(load->parent_key, key_memory);
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

/* A statement as it is sent. */
typedef struct sending {
    corm_buffer sql;
    corm_value *values;
    corm_kind *kinds;
    size_t n;
} sending;

static size_t count_marks(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == 1;
    return n;
}

static int put_value(loader *loader, sending *sending, const corm_slot *slot) {
    corm_value *value = &sending->values[sending->n];
    sending->kinds[sending->n] = slot->target.kind;
    int status = corm__bind(loader->db, slot, loader->shape, &loader->scratch, value);
    loader->db->backend->placeholder(&sending->sql, (int)++sending->n, slot->target.kind,
                                     slot->target.element);
    return status;
}

static int put_text(loader *loader, sending *sending, const char *text) {
    int status = 0;
    while (*text && !status) {
        size_t plain = strcspn(text, "\x01");
        corm__buffer_add(&sending->sql, text, plain);
        text += plain;
        if (!*text) break;
        char *end;
        unsigned long slot = strtoul(text + 1, &end, 10);
        if (*end != ';' || slot >= loader->load->n_slots)
            return corm__db_fail(loader->db, CORM_ERROR_USAGE,
                                 "a name in the query holds the character 1");
        status = put_value(loader, sending, &loader->load->slots[slot]);
        text = end + 1;
    }
    return status;
}

static int run(loader *loader, sending *sending) {
    corm_execution execution = { .db = loader->db };
    execution.values = execution.values_room;
    int status = sending->sql.broken
                     ? corm__fail_memory(&loader->db->error)
                     : corm__prepare(loader->db, sending->sql.data, sending->sql.length,
                                     sending->kinds, (int)sending->n, &execution.stmt);
    if (!status)
        status = corm__execute(loader->db, execution.stmt, sending->values, (int)sending->n, 0);
    if (!status) status = read_children(loader, &execution);
    corm__execution_finish(&execution);
    return status;
}

/* length keys, the last one repeated when they are fewer; or one array. */
static int load_keys(loader *loader, const corm_value *keys, size_t n, size_t length) {
    const corm_load *load = loader->load;
    size_t most = length + count_marks(load->head) + count_marks(load->tail);
    sending sending = { .values = corm__arena_alloc(&loader->scratch, most * sizeof(corm_value)),
                        .kinds = corm__arena_alloc(&loader->scratch, most * sizeof(corm_kind)) };
    if (!sending.values || !sending.kinds) return corm__fail_memory(&loader->db->error);
    int status = put_text(loader, &sending, load->head);
    for (size_t i = 0; i < length; i++) {
        corm_value *value = &sending.values[sending.n];
        *value = keys[i < n ? i : n - 1];
        if (value->kind != CORM_ARRAY) value->kind = load->key.kind;
        sending.kinds[sending.n] = value->kind;
        if (i) corm__buffer_puts(&sending.sql, ", ");
        loader->db->backend->placeholder(&sending.sql, (int)++sending.n, value->kind,
                                         value->kind == CORM_ARRAY ? value->element : CORM_NULL);
    }
    if (!status) status = put_text(loader, &sending, load->tail);
    if (!status) status = run(loader, &sending);
    corm__buffer_release(&sending.sql);
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
    return load_keys(loader, &value, 1, 1);
}

static int load_children(loader *loader) {
    const corm_features *features = loader->db->backend->features;
    const key_table *table = &loader->table;
    size_t most = (size_t)features->max_parameters - count_marks(loader->load->head) -
                  count_marks(loader->load->tail);
    if (!table->n) return 0;
    if (features->array_parameters) return load_by_array(loader);
    for (size_t done = 0; done < table->n;) {
        size_t n = table->n - done < most ? table->n - done : most;
        int status = load_keys(loader, table->keys + done, n, corm__list_length(n, most));
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

/* Those of which no row came are 0. A relation whose rows are loaded has a head already. */
static int set_counts(loader *loader, int64_t *counts) {
    const corm_counted *rows =
        (const corm_counted *)(const void *)corm__rows_data(&loader->children);
    for (size_t i = 0; i < loader->children.length; i++) counts[loader->owners[i]] = rows[i].n;
    for (size_t i = 0; i < loader->n_parents; i++) {
        void **member = (void **)(loader->parents[i] + loader->load->step.field->pointer_offset);
        if (!*member) *member = corm__rows_member(loader->arena, 0, 0);
        if (!*member) return corm__fail_memory(&loader->db->error);
        ((corm_rows_head *)*member - 1)->count = counts[loader->numbers[i]];
    }
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
    if (loader->load->counts) {
        int64_t *numbers = corm__arena_array(&loader->scratch, n_keys, sizeof *numbers);
        return numbers ? set_counts(loader, numbers) : corm__fail_memory(&loader->db->error);
    }
    if (inner->n_loads)
        status = corm__load_relations(loader->db, inner, loader->shape, loader->arena,
                                      corm__rows_data(&loader->children), loader->children.length,
                                      child_size);
    if (status) return status;
    char **groups = corm__arena_array(&loader->scratch, n_keys, sizeof *groups);
    uint32_t *counts = corm__arena_array(&loader->scratch, n_keys, sizeof *counts);
    if (!groups || !counts) return corm__fail_memory(&loader->db->error);
    return lay_out(loader, groups, counts);
}

int corm__load_relations(corm_db *db, const corm_query_plan *plan, const corm_shape *shape,
                         corm_arena *arena, char *data, size_t n, size_t size) {
    int status = 0;
    for (size_t i = 0; i < plan->n_loads && !status; i++) {
        const corm_load *load = &plan->loads[i];
        loader loader = { .db = db, .load = load, .shape = shape, .arena = arena };
        if (n > UINT32_MAX / 2)
            return corm__db_fail(db, CORM_ERROR_RANGE, "too many rows for .with");
        size_t child = load->counts ? sizeof(corm_counted) : load->step.to->size;
        status = corm__rows_begin(&loader.children, child, 0) ? corm__fail_memory(&db->error) : 0;
        if (!status) status = load_one(&loader, plan, data, n, size);
        corm__rows_drop(&loader.children);
        free(loader.owners);
        corm__arena_release(&loader.scratch);
    }
    return status;
}
