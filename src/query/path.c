/* Paths: "Recipes.user->email" as the macros wrote it down, followed through the models. Each name
 * but the last is a relation. */
#include "base/ascii.h"
#include "base/error.h"
#include "query/query.h"
#include <string.h>

static bool is_word(char c) { return corm__is_alnum(c) || c == '_'; }

const char *corm__path_next(const char **cursor, size_t *length) {
    const char *p = *cursor;
    while (*p == ' ') p++;
    if (*p == '.')
        p++;
    else if (p[0] == '-' && p[1] == '>')
        p += 2;
    while (*p == ' ') p++;
    const char *name = p;
    while (is_word(*p)) p++;
    *length = (size_t)(p - name);
    if (!*length) return NULL;
    while (*p == ' ') p++;
    *cursor = p;
    return name;
}

static int unknown(corm_db *db, const corm_model *model, const char *text, const char *name,
                   size_t length) {
    corm__db_fail(db, CORM_ERROR_USAGE, "%s: %s has no member '%.*s'", text, model->name,
                  (int)length, name);
    corm__error_hint(&db->error, "a path is written as in C: %s.member, or %s.relation->member",
                     model->plural ? model->plural : model->name,
                     model->plural ? model->plural : model->name);
    return CORM_ERROR_USAGE;
}

/* The field that a foreign key refers to: to_field, or the primary key. */
static const corm_field *referenced(corm_db *db, const corm_model *model,
                                    const corm_field *relation) {
    const corm_field *key =
        relation->to_field ? corm__field_find(model, relation->to_field, strlen(relation->to_field))
                           : corm__primary_key_field(model);
    if (!key) {
        corm__db_fail(db, CORM_ERROR_USAGE,
                      "%s: %s has no single primary key that '%s' can refer to", model->name,
                      model->name, relation->name);
        corm__error_hint(&db->error, "give %s an identity(id), or the relation .to_field",
                         model->name);
    }
    return key;
}

static int to_one(corm_db *db, corm_arena *arena, corm_step *step) {
    const corm_field *key = referenced(db, step->to, step->field);
    if (!key) return CORM_ERROR_USAGE;
    step->from_column = corm__field_column(step->field, arena);
    step->to_column = corm__field_column(key, arena);
    step->loose = !step->field->constraint;
    step->null = step->field->optional || step->field->null || step->loose;
    return step->from_column && step->to_column ? 0 : corm__fail_memory(&db->error);
}

static int over_between(corm_db *db, corm_arena *arena, corm_step *step, const corm_model *owner,
                        const corm_field *field) {
    const corm_field *from = corm__primary_key_field(step->from),
                     *to = corm__primary_key_field(step->to);
    if (!from || !to) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s: %s has no single primary key", owner->name,
                      field->name, from ? step->to->name : step->from->name);
        corm__error_hint(&db->error,
                         "a many_to_many relation needs one on both sides, such as identity(id)");
        return CORM_ERROR_USAGE;
    }
    int status = corm__between(owner, field, arena, &step->between);
    if (status)
        return status == CORM_ERROR_MEMORY
                   ? corm__fail_memory(&db->error)
                   : corm__db_fail(db, status, "%s.%s: the table in between is not known",
                                   owner->name, field->name);
    const corm_between *between = &step->between;
    if (owner != step->from || field != step->field) /* from the other side */
        step->between = (corm_between){ between->table, between->other_column, between->own_column,
                                        between->other_constraint, between->own_constraint };
    step->many = true;
    step->loose = !between->other_constraint;
    step->from_column = corm__field_column(from, arena);
    step->to_column = corm__field_column(to, arena);
    return step->from_column && step->to_column ? 0 : corm__fail_memory(&db->error);
}

static int reverse(corm_db *db, corm_arena *arena, corm_step *step) {
    const corm_field *field = step->field;
    const corm_field *there =
        field->through ? corm__field_find(step->to, field->through, strlen(field->through)) : NULL;
    if (there && there->item == CORM_ITEM_MANY_TO_MANY)
        return over_between(db, arena, step, step->to, there);
    if (!there || (there->item != CORM_ITEM_FOREIGN_KEY && there->item != CORM_ITEM_ONE_TO_ONE)) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s: %s has no relation '%s'", step->from->name,
                      field->name, step->to->name, field->through ? field->through : "");
        corm__error_hint(&db->error, "name the foreign_key of %s that refers to %s", step->to->name,
                         step->from->name);
        return CORM_ERROR_USAGE;
    }
    const corm_field *key = referenced(db, step->from, there);
    if (!key) return CORM_ERROR_USAGE;
    step->many = field->item == CORM_ITEM_HAS_MANY;
    step->null = true;
    step->from_column = corm__field_column(key, arena);
    step->to_column = corm__field_column(there, arena);
    return step->from_column && step->to_column ? 0 : corm__fail_memory(&db->error);
}

int corm__step_of(corm_db *db, corm_arena *arena, const corm_model *model, const corm_field *field,
                  corm_step *out) {
    *out = (corm_step){ .field = field, .from = model, .to = field->to };
    switch (field->item) {
    case CORM_ITEM_FOREIGN_KEY:
    case CORM_ITEM_ONE_TO_ONE: return to_one(db, arena, out);
    case CORM_ITEM_MANY_TO_MANY: return over_between(db, arena, out, model, field);
    case CORM_ITEM_HAS_MANY:
    case CORM_ITEM_HAS_ONE: return reverse(db, arena, out);
    default:
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s is not a relation", model->name,
                             field->name);
    }
}

static bool is_relation(const corm_field *field, const char *name, size_t length) {
    return field->item >= CORM_ITEM_FOREIGN_KEY && field->item <= CORM_ITEM_HAS_ONE &&
           strlen(field->name) == length && memcmp(field->name, name, length) == 0;
}

/* A column that the last step's foreign key holds itself needs no join: user->id is user_id, where
 * the database sees to it that there is such a row. */
static void shorten(corm_path *path) {
    corm_step *last = path->n_steps ? &path->steps[path->n_steps - 1] : NULL;
    if (!last || last->many || last->loose ||
        (last->field->item != CORM_ITEM_FOREIGN_KEY && last->field->item != CORM_ITEM_ONE_TO_ONE))
        return;
    if (strcmp(path->column, last->to_column) != 0) return;
    path->model = last->from;
    path->field = last->field;
    path->column = last->from_column;
    path->n_steps--;
}

static int end_path(corm_db *db, corm_arena *arena, corm_path *path) {
    if (path->field) {
        path->column = corm__field_column(path->field, arena);
        if (!path->column) return corm__fail_memory(&db->error);
        shorten(path);
        return 0;
    }
    path->key = corm__primary_key_field(path->model);
    if (!path->key) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s: %s has no single primary key to stand for it",
                      path->text, path->model->name);
        corm__error_hint(&db->error, "name a column behind the relation");
        return CORM_ERROR_USAGE;
    }
    path->column = corm__field_column(path->key, arena);
    if (!path->column) return corm__fail_memory(&db->error);
    shorten(path);
    return 0;
}

static bool is_name(const char *name, const char *word, size_t length) {
    return name && strlen(name) == length && memcmp(name, word, length) == 0;
}

int corm__path_parse(corm_db *db, corm_arena *arena, const corm_model *root, const char *text,
                     corm_path *out) {
    corm_frame frame = { .model = root, .name = root->plural };
    int status = corm__path_parse_in(db, arena, &frame, text, out);
    out->frame = NULL;
    return status;
}

int corm__path_parse_in(corm_db *db, corm_arena *arena, corm_frame *frame, const char *text,
                        corm_path *out) {
    const char *plural = frame->name ? frame->name : frame->model->name;
    if (!text)
        return corm__db_fail(db, CORM_ERROR_USAGE, "an expression on %s has no path", plural);
    const char *cursor = text, *name;
    size_t length, most = 1;
    for (const char *p = text; *p; p++) most += *p == '.' || *p == '>';
    *out = (corm_path){ .text = corm__arena_strdup(arena, text),
                        .steps = corm__arena_array(arena, most, sizeof(corm_step)),
                        .model = frame->model };
    if (!out->text || !out->steps) return corm__fail_memory(&db->error);
    name = corm__path_next(&cursor, &length);
    while (frame && !(name && is_name(frame->name, name, length))) frame = frame->outer;
    if (!frame) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s: the query is on %s, so a path begins with '%s.'",
                      text, plural, plural);
        if (strchr("\"0123456789-(", *text))
            corm__error_hint(&db->error, "a value among operands is written VALUE(%s)", text);
        else
            corm__error_hint(&db->error, "write %s.member", plural);
        return CORM_ERROR_USAGE;
    }
    out->frame = frame;
    out->model = frame->model;
    while (*cursor) {
        if (out->field)
            return corm__db_fail(db, CORM_ERROR_USAGE,
                                 "%s: '%s' is a column, nothing can follow it", text,
                                 out->field->name);
        name = corm__path_next(&cursor, &length);
        if (!name)
            return corm__db_fail(db, CORM_ERROR_USAGE,
                                 "%s is not a path: names with . and -> between are", text);
        const corm_field *field = corm__field_find(out->model, name, length);
        if (!field) return unknown(db, out->model, text, name, length);
        if (!is_relation(field, name, length)) {
            out->field = field;
            continue;
        }
        int status = corm__step_of(db, arena, out->model, field, &out->steps[out->n_steps]);
        if (status) return status;
        out->n_steps++;
        out->model = field->to;
    }
    if (!out->field && !out->n_steps)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s names a table, not a column", text);
    return end_path(db, arena, out);
}
