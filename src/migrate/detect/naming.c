#include "migrate/detect/naming.h"
#include "base/ascii.h"
#include "migrate/graph/graph.h"
#include <stdlib.h>
#include <string.h>

/* A longer name ends in "_and_more": file names have to stay readable. */
enum { LONGEST = 52, LONGEST_LABEL = 100 };

/* The name of an index or a constraint says its table already, when corm derived it. */
static char *of_part(const char *verb, const corm_operation *o, const char *model, const char *name,
                     corm_arena *arena) {
    size_t length = strlen(o->table);
    bool says = corm__compare_nocase_n(name, o->table, length) == 0 &&
                (name[length] == '_' || !name[length]);
    return says ? corm__arena_printf(arena, "%s%s", verb, name)
                : corm__arena_printf(arena, "%s%s_%s", verb, model, name);
}

char *corm__operation_label(const corm_operation *o, const char *model, const char *new_model,
                            corm_arena *arena) {
    switch (o->kind) {
    case CORM_CREATE_TABLE: return corm__arena_strdup(arena, o->model ? o->model : o->table);
    case CORM_DELETE_TABLE: return corm__arena_printf(arena, "delete_%s", model);
    case CORM_RENAME_TABLE: /* a model that has another table, but not another name */
        if (!new_model || corm__compare_nocase(model, new_model) == 0)
            return corm__arena_printf(arena, "rename_%s_%s", o->table, o->new_name);
        return corm__arena_printf(arena, "rename_%s_%s", model, new_model);
    case CORM_ADD_COLUMN: return corm__arena_printf(arena, "%s_%s", model, o->column.name);
    case CORM_REMOVE_COLUMN: return corm__arena_printf(arena, "remove_%s_%s", model, o->name);
    case CORM_ALTER_COLUMN: return corm__arena_printf(arena, "alter_%s_%s", model, o->column.name);
    case CORM_RENAME_COLUMN:
        return corm__arena_printf(arena, "rename_%s_%s_%s", o->name, model, o->new_name);
    case CORM_ADD_INDEX: return of_part("", o, model, o->index.name, arena);
    case CORM_REMOVE_INDEX:
    case CORM_REMOVE_CONSTRAINT: return of_part("remove_", o, model, o->name, arena);
    case CORM_RENAME_INDEX:
    case CORM_RENAME_CONSTRAINT:
        return corm__arena_printf(arena, "rename_%s_%s", o->name, o->new_name);
    case CORM_ALTER_INDEX: return of_part("alter_", o, model, o->index.name, arena);
    case CORM_ADD_CONSTRAINT: return of_part("", o, model, o->constraint.name, arena);
    case CORM_ALTER_CONSTRAINT: return of_part("alter_", o, model, o->constraint.name, arena);
    case CORM_VALIDATE_CONSTRAINT: return of_part("validate_", o, model, o->name, arena);
    case CORM_ALTER_COMMENT: return corm__arena_printf(arena, "alter_%s_comment", model);
    case CORM_ALTER_PRIMARY_KEY: return corm__arena_printf(arena, "alter_%s_primary_key", model);
    case CORM_CREATE_EXTENSION: return corm__arena_strdup(arena, o->name);
    case CORM_REMOVE_EXTENSION: return corm__arena_printf(arena, "remove_%s", o->name);
    case CORM_RUN_SQL: return corm__arena_strdup(arena, "run_sql");
    case CORM_RUN_C: return corm__arena_strdup(arena, "run_c");
    case CORM_SEPARATE: break;
    }
    return corm__arena_strdup(arena, "custom");
}

/* A name is pasted into an identifier: lower case letters, digits and underscores. */
static size_t as_word(const char *label, char *out, size_t size) {
    size_t length = 0;
    for (; *label && length + 1 < size; label++) {
        char c = corm__to_lower(*label);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain || length == 0 || out[length - 1] != '_') out[length++] = plain ? c : '_';
    }
    out[length] = 0;
    return length;
}

static bool said_before(const char *const *labels, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(labels[i], labels[n]) == 0) return true;
    return false;
}

char *corm__migration_words(const char *const *labels, size_t n, corm_arena *arena) {
    static const char more[] = "_and_more";
    char text[LONGEST + LONGEST_LABEL] = "", word[LONGEST_LABEL];
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        if (said_before(labels, i)) continue;
        size_t own = as_word(labels[i], word, length ? LONGEST_LABEL : LONGEST);
        bool fits = length + 1 + own <= LONGEST;
        if (length && fits) text[length++] = '_';
        memcpy(text + length, fits ? word : more, (fits ? own : sizeof more - 1) + 1);
        length += fits ? own : sizeof more - 1;
        if (!fits) break;
    }
    return corm__arena_strdup(arena, length ? text : "custom");
}

char *corm__migration_name(const char *after, const char *const *labels, size_t n,
                           corm_arena *arena) {
    if (!after) return corm__arena_strdup(arena, "0001_initial");
    char *words = corm__migration_words(labels, n, arena);
    return words ? corm__arena_printf(arena, "%04ld_%s", corm__migration_number(after) + 1, words)
                 : NULL;
}
