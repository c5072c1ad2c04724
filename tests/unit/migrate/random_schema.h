/* Random schemas of up to six tables over two apps, core and shop. Which one follows from the seed alone. */
#pragma once
#include <string.h>

#include "migrate/state.h"

enum { RANDOM_APPS = 2, RANDOM_TABLES = 6 };
static const char *const app_names[RANDOM_APPS] = { "core", "shop" };
static uint64_t seed;

static unsigned roll(unsigned n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* Foreign keys are nullable, as is every bigint, which may become one: so rows that are there never stand in the way. circles: any table may refer to
 * any other; else only to itself and those before it. */
static void random_table(corm_arena *arena, corm_table *t, unsigned i, bool circles, const bool *exists) {
    static const char *const names[RANDOM_TABLES] = { "t0", "t1", "t2", "t3", "t4", "t5" }, *const columns[] = { "a", "b", "c", "d", "e" };
    static const corm_kind kinds[] = { CORM_INTEGER, CORM_TEXT, CORM_BOOLEAN, CORM_BIGINT };
    corm_column *c = corm__arena_array(arena, 8, sizeof *c);
    corm_index *x = corm__arena_array(arena, 8, sizeof *x);
    corm_constraint *k = corm__arena_array(arena, 8, sizeof *k);
    size_t n = 0, nx = 0, nk = 0;
    c[n++] = (corm_column){ "id", .kind = CORM_IDENTITY };
    for (unsigned j = 0; j < 5; j++) {
        if (roll(3) == 0) continue;
        c[n] = (corm_column){ columns[j], .kind = kinds[roll(4)], .null = roll(2) };
        if (c[n].kind == CORM_BIGINT) c[n].null = true;
        if (c[n].kind == CORM_INTEGER && roll(3) == 0) c[n].default_value = (corm_default)CORM_DEFAULT(1);
        unsigned to = roll(circles ? RANDOM_TABLES : i + 1), on_delete = roll(2);
        if (c[n].kind == CORM_BIGINT && exists[to]) c[n].references = (corm_reference){ .table = names[to], .column = "id", .on_delete = on_delete ? CORM_CASCADE : CORM_SET_NULL };
        const char *name = corm__arena_printf(arena, "%s_%s", names[i], columns[j]);
        if (roll(3) == 0) x[nx++] = (corm_index){ name, .columns = columns[j], .unique = roll(2) };
        else if (roll(3) == 0) k[nk++] = (corm_constraint){ name, .kind = CORM_CONSTRAINT_UNIQUE, .columns = columns[j] };
        n++;
    }
    *t = (corm_table){ .name = names[i], .app = app_names[i >= RANDOM_TABLES / 2], .model = "", .primary_key = "id", .columns = c, .indexes = x, .constraints = k };
}

static size_t random_schema(corm_arena *arena, corm_table *tables, bool circles) {
    bool exists[RANDOM_TABLES];
    size_t n = 0;
    for (unsigned i = 0; i < RANDOM_TABLES; i++) exists[i] = roll(3) != 0;
    for (unsigned i = 0; i < RANDOM_TABLES; i++)
        if (exists[i]) random_table(arena, &tables[n++], i, circles, exists);
    return n;
}
