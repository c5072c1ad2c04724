/* The table of backends. SQLite is linked in. Another engine is either linked in too (its symbol is
 * weak here: a static build) or it is a module, loaded when a database of it is first opened, so
 * that a program on SQLite does not pay for libraries that it does not use. */
#include "base/error.h"
#include "db/modules.h"
#include <string.h>

extern const corm_backend corm_backend_postgresql __attribute__((weak));
extern const corm_backend corm_backend_mariadb __attribute__((weak));

typedef struct backend_row {
    const char *engine, *title,
        *library;               /* library: the client that its module needs, for messages */
    const corm_backend *linked; /* NULL: a module */
    const corm_backend *_Atomic loaded;
} backend_row;

static backend_row backends[] = {
    { "sqlite", "SQLite", "sqlite3", &corm_backend_sqlite, NULL },
    { "postgresql", "PostgreSQL", "libpq", &corm_backend_postgresql, NULL },
    { "mariadb", "MariaDB", "libmariadb", &corm_backend_mariadb, NULL },
};

bool corm__backend_installed(const char *engine) {
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
        if (strcmp(backends[i].engine, engine) == 0)
            return backends[i].linked || corm__module_installed(engine);
    return false;
}

const corm_backend *corm__backend_find(const char *engine, corm_error_info *error) {
    for (size_t i = 0; engine && i < sizeof backends / sizeof *backends; i++) {
        backend_row *row = &backends[i];
        if (strcmp(row->engine, engine) != 0) continue;
        if (row->linked) return row->linked;
        /* Two threads may both load it: they get the same module. */
        if (!row->loaded)
            row->loaded = corm__module_load(row->engine, row->title, row->library, error);
        return row->loaded;
    }
    corm__fail(error, CORM_ERROR_SETTINGS, "unknown engine \"%s\"", engine ? engine : "");
    corm__error_hint(error, "Use sqlite, postgresql or mariadb.");
    return NULL;
}
