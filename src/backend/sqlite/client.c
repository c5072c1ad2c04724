#include "backend/sqlite/driver.h"
#include "base/arena.h"
#include "base/error.h"
#include <string.h>

/* The shell takes a leading "-" for an option and "file:" for a URI; a name of a file is neither.
 */
static const char *as_file(const char *name, corm_arena *arena) {
    bool mistakable = name[0] == '-' || strncmp(name, "file:", 5) == 0;
    return mistakable ? corm__arena_printf(arena, "./%s", name) : corm__arena_strdup(arena, name);
}

int corm__sqlite_client(const corm_connect_options *options, const char *const *extra,
                        corm_arena *arena, corm_client *out, corm_error_info *error) {
    size_t n = 0;
    while (extra[n]) n++;
    const char *name = as_file(options->name, arena);
    const char **arguments = corm__arena_array(arena, n + 5, sizeof *arguments);
    if (!name || !arguments) return corm__fail_memory(error);
    const char *const first[] = { "sqlite3", "-cmd", "PRAGMA foreign_keys=ON", name };
    memcpy(arguments, first, sizeof first);
    memcpy(arguments + 4, extra, n * sizeof *extra);
    *out = (corm_client){ arguments, NULL, "on Debian: apt-get install sqlite3" };
    return CORM_OK;
}
