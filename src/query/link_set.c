/* corm_set: the links of a row become those given, by what differs from those that there are. Both
 * are keys in a map, so that the time is linear in their number. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

typedef struct link_set {
    corm_db *db;
    corm_map there; /* keys: to the flag of a link that there is, to `added` of one that is added */
    char *kept;     /* a flag for each link */
    char added;
    corm_link_key *links, *add;
    size_t n_links, n_add;
} link_set;

static corm_link_key key_of(const corm_value *value) {
    corm_link_key key = { 0 };
    if (value->kind == CORM_UUID)
        key.uuid = value->uuid;
    else if (value->kind == CORM_VARCHAR || value->kind == CORM_TEXT)
        key.text = value->text;
    else
        key.integer = value->integer;
    return key;
}

static const void *bytes_of(const corm_link_key *key, corm_kind element, size_t *length) {
    *length = element == CORM_TEXT   ? strlen(key->text)
              : element == CORM_UUID ? sizeof key->uuid
                                     : sizeof key->integer;
    return element == CORM_TEXT ? (const void *)key->text : key;
}

static int look_at_links(link_set *set, const corm_model *other, corm_kind element) {
    corm_field field = *corm__primary_key_field(other);
    field.offset = 0;
    for (size_t i = 0; i < set->n_links; i++) {
        corm_value value;
        size_t length;
        corm__member_get(&field, &set->links[i], &value);
        set->links[i] = key_of(&value);
        const void *bytes = bytes_of(&set->links[i], element, &length);
        if (corm__map_set_bytes(&set->there, bytes, length, &set->kept[i]))
            return corm__fail_memory(&set->db->error);
    }
    return 0;
}

/* A NULL among the keys is left to corm_add to refuse. */
static int look_at_keys(link_set *set, const corm_value *keys) {
    for (size_t i = 0; i < keys->array.length; i++) {
        corm_value value = corm__array_item(keys, i);
        corm_link_key *key = &set->add[set->n_add];
        size_t length;
        *key = key_of(&value);
        bool null = keys->element == CORM_TEXT && !key->text;
        const void *bytes = null ? NULL : bytes_of(key, keys->element, &length);
        char *known = null ? NULL : corm__map_get_bytes(&set->there, bytes, length);
        if (known) {
            *known = 1;
            continue;
        }
        set->n_add++;
        if (!null && corm__map_set_bytes(&set->there, bytes, length, &set->added))
            return corm__fail_memory(&set->db->error);
    }
    return 0;
}

/* The keys as an array of their type, where they stand. */
static corm_value array_of(corm_link_key *keys, size_t n, corm_kind element) {
    if (element == CORM_INTEGER) element = CORM_BIGINT;
    size_t size = element == CORM_UUID   ? sizeof keys->uuid
                  : element == CORM_TEXT ? sizeof keys->text
                                         : sizeof keys->integer;
    for (size_t i = 0; i < n; i++) memmove((char *)keys + i * size, &keys[i], size);
    return (corm_value){ .kind = CORM_ARRAY, .element = element, .array = { keys, n, false } };
}

static int make_same(link_set *set, const corm_model *model, const char *relation, corm_value owner,
                     const corm_value *keys) {
    corm_db *db = set->db;
    void *rows = corm__links_read(db, model, relation, owner, keys->element);
    if (!rows) return db->error.status;
    const corm_field *field = corm__field_find(model, relation, strlen(relation));
    set->links = rows;
    set->n_links = corm_len(rows);
    set->kept = calloc(set->n_links + 1, 1);
    set->add = malloc((keys->array.length + 1) * sizeof *set->add);
    int status = set->kept && set->add ? 0 : corm__fail_memory(&db->error);
    if (!status) status = look_at_links(set, field->to, keys->element);
    if (!status) status = look_at_keys(set, keys);
    size_t n = 0; /* those that go */
    for (size_t i = 0; !status && i < set->n_links; i++)
        if (!set->kept[i]) set->links[n++] = set->links[i];
    if (!status && n)
        status = corm__remove(db, model, relation, owner, array_of(set->links, n, keys->element));
    if (!status && set->n_add)
        status =
            corm__add(db, model, relation, owner, array_of(set->add, set->n_add, keys->element));
    corm_free(rows);
    free(set->kept);
    free(set->add);
    corm__map_release(&set->there);
    return status;
}

int corm__set(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
              corm_value keys) {
    link_set set = { .db = db };
    int status = corm__db_enter(db);
    if (status) return status;
    if (keys.array.length && !keys.array.items)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s: the array of keys is NULL", model->name,
                             relation);
    status = corm_begin(db);
    return status ? status : corm__end(db, make_same(&set, model, relation, owner, &keys));
}
