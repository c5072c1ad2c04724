#include "base/ascii.h"
#include "base/map.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <stdio.h>
#include <string.h>

/* PostgreSQL cuts longer identifiers without a word. */
enum { MAX_NAME = 63, HASH_DIGITS = 8 };

/* --- lists that end with name NULL --- */

size_t corm__column_count(const corm_table *table) {
    size_t n = 0;
    if (table->columns)
        while (table->columns[n].name) n++;
    return n;
}

const corm_column *corm__column_find(const corm_table *table, const char *name) {
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (strcmp(column->name, name) == 0) return column;
    return NULL;
}

const corm_index *corm__index_find(const corm_table *table, const char *name) {
    for (const corm_index *index = table->indexes; index && index->name; index++)
        if (strcmp(index->name, name) == 0) return index;
    return NULL;
}

const corm_constraint *corm__constraint_find(const corm_table *table, const char *name) {
    for (const corm_constraint *constraint = table->constraints; constraint && constraint->name;
         constraint++)
        if (strcmp(constraint->name, name) == 0) return constraint;
    return NULL;
}

const corm_table *corm__table_find(const corm_schema *schema, const char *name) {
    for (size_t i = 0; i < schema->n_tables; i++)
        if (strcmp(schema->tables[i].name, name) == 0) return &schema->tables[i];
    return NULL;
}

/* --- names in one text, comma-separated --- */

static void trim(const char **start, const char **end) {
    while (*start < *end && corm__is_space(**start)) ++*start;
    while (*start < *end && corm__is_space((*end)[-1])) --*end;
}

/* Cuts the word off the end of an item of which it is not the first. */
static bool cut_word(const char *start, const char **end, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(*end - start) <= length || !corm__is_space((*end)[-(ptrdiff_t)length - 1]) ||
        corm__compare_nocase_n(*end - length, word, length) != 0)
        return false;
    *end -= length;
    trim(&start, end);
    return true;
}

/* The n-th item without the spaces around it; false past the end. */
static bool item_at(const char *names, size_t index, const char **start, const char **end) {
    if (!names || !names[strspn(names, " \t\n\v\f\r")]) return false;
    for (const char *p = names;; p++) {
        const char *comma = strchr(p, ',');
        *start = p;
        *end = comma ? comma : p + strlen(p);
        trim(start, end);
        if (index-- == 0) return true;
        if (!comma) return false;
        p = comma;
    }
}

const char *corm__names_item(const char *names, size_t index, size_t *length, bool *descending) {
    const char *start, *end;
    if (!item_at(names, index, &start, &end)) return NULL;
    bool down = cut_word(start, &end, "desc");
    if (!down) cut_word(start, &end, "asc");
    *length = (size_t)(end - start);
    if (descending) *descending = down;
    return start;
}

bool corm__names_have(const char *names, const char *name) {
    size_t length, wanted = strlen(name);
    const char *item;
    for (size_t i = 0; (item = corm__names_item(names, i, &length, NULL)); i++)
        if (length == wanted && memcmp(item, name, length) == 0) return true;
    return false;
}

size_t corm__names_count(const char *names) {
    const char *start, *end;
    size_t n = 0;
    while (item_at(names, n, &start, &end)) n++;
    return n;
}

char *corm__names_at(const char *names, size_t index, corm_arena *arena) {
    const char *start, *end;
    return item_at(names, index, &start, &end)
               ? corm__arena_strndup(arena, start, (size_t)(end - start))
               : NULL;
}

bool corm__index_mentions(const corm_index *index, const char *column) {
    return corm__names_have(index->columns, column) || corm__names_have(index->include, column) ||
           corm__sql_mentions(index->expression, column) ||
           corm__sql_mentions(index->where, column);
}

bool corm__constraint_mentions(const corm_constraint *constraint, const char *column) {
    return corm__names_have(constraint->columns, column) ||
           corm__names_have(constraint->include, column) ||
           corm__sql_mentions(constraint->check, column) ||
           corm__sql_mentions(constraint->elements, column) ||
           corm__sql_mentions(constraint->where, column);
}

/* --- names that corm gives --- */

/* The length that the whole name has; out gets as much of it as fits. */
static size_t compose(char *out, size_t size, const char *table, const char *columns,
                      const char *suffix) {
    size_t used = (size_t)snprintf(out, size, "%s", table), length;
    const char *item;
    for (size_t i = 0; (item = corm__names_item(columns, i, &length, NULL)); i++)
        used += (size_t)snprintf(used < size ? out + used : NULL, used < size ? size - used : 0,
                                 "_%.*s", (int)length, item);
    return used + (size_t)snprintf(used < size ? out + used : NULL, used < size ? size - used : 0,
                                   "_%s", suffix);
}

char *corm__derived_name(corm_arena *arena, const char *table, const char *columns,
                         const char *suffix) {
    size_t length = compose(NULL, 0, table, columns, suffix);
    char *name = corm__arena_bytes(arena, length + 1);
    if (!name) return NULL;
    compose(name, length + 1, table, columns, suffix);
    return corm__shorten_name(name);
}

char *corm__shorten_name(char *name) {
    size_t length = strlen(name);
    if (length <= MAX_NAME) return name;
    unsigned hash = (unsigned)corm__hash(name, length);
    size_t cut = MAX_NAME - HASH_DIGITS - 1;
    while (cut > 0 && ((unsigned char)name[cut] & 0xC0) == 0x80) cut--;
    snprintf(name + cut, length + 1 - cut, "_%08x", hash);
    return name;
}

const char *corm__foreign_key_name(corm_arena *arena, const corm_table *table,
                                   const corm_column *column) {
    const char *name = column->references.name;
    return name && *name ? name : corm__derived_name(arena, table->name, column->name, "fkey");
}

int corm__foreign_key_find(corm_arena *arena, const corm_table *table, const char *name,
                           const corm_column **out) {
    *out = NULL;
    for (const corm_column *column = table->columns; column && column->name && !*out; column++) {
        if (!column->references.table) continue;
        const char *own = corm__foreign_key_name(arena, table, column);
        if (!own) return CORM_ERROR_MEMORY;
        if (strcmp(own, name) == 0) *out = column;
    }
    return 0;
}

void corm__names_write(corm_buffer *out, const char *names, char quote) {
    size_t length;
    bool descending;
    const char *name;
    for (size_t i = 0; (name = corm__names_item(names, i, &length, &descending)); i++) {
        if (i) corm__buffer_puts(out, ", ");
        corm__buffer_putc(out, quote);
        for (size_t c = 0; c < length; c++) {
            if (name[c] == quote) corm__buffer_putc(out, quote);
            corm__buffer_putc(out, name[c]);
        }
        corm__buffer_putc(out, quote);
        if (descending) corm__buffer_puts(out, " DESC");
    }
}
