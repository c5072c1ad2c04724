/* The table of backends. SQLite is linked in. Another engine is either linked in too (its symbol is weak here: a static build) or it is a
 * module, corm-<engine>.so, loaded when a database of it is first opened, so that a program on SQLite does not pay for libraries that it
 * does not use. A module is looked for in CORM_BACKEND_DIR, in corm/ beside this library, beside this library (the build folder), and where
 * corm was installed. */
#include "base/buffer.h"
#include "base/error.h"
#include "db/db.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern const corm_backend corm_backend_postgresql __attribute__((weak));
extern const corm_backend corm_backend_mariadb __attribute__((weak));

typedef struct backend_row {
    const char *engine, *title, *library; /* library: the client that its module needs, for messages */
    const corm_backend *linked;           /* NULL: a module */
    const corm_backend *_Atomic loaded;
} backend_row;

static backend_row backends[] = {
    { "sqlite", "SQLite", "sqlite3", &corm_backend_sqlite, NULL },
    { "postgresql", "PostgreSQL", "libpq", &corm_backend_postgresql, NULL },
    { "mariadb", "MariaDB", "libmariadb", &corm_backend_mariadb, NULL },
};

/* The folder of the file that this code is in; "" when not known. A program that runs with more rights than its caller does not trust its
 * own name. */
static void own_folder(char *out, size_t size) {
    Dl_info info;
    out[0] = 0;
    if (getauxval(AT_SECURE) || !dladdr(backends, &info) || !info.dli_fname) return;
    const char *slash = strrchr(info.dli_fname, '/');
    if (slash && (size_t)(slash - info.dli_fname) < size) {
        memcpy(out, info.dli_fname, (size_t)(slash - info.dli_fname));
        out[slash - info.dli_fname] = 0;
    }
}

static const corm_backend *load_from(const char *path, const backend_row *row, corm_error_info *error) {
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) {
        const char *why = dlerror();
        corm__fail(error, CORM_ERROR_UNSUPPORTED, "the %s backend does not load: %s", row->title, why ? why : path);
        corm__error_hint(error, "Install the client library that it needs (%s).", row->library);
        return NULL;
    }
    char symbol[64];
    corm__error_set(symbol, sizeof symbol, "corm_backend_%s", row->engine);
    const corm_backend *backend = dlsym(module, symbol);
    if (backend && backend->abi == CORM_BACKEND_ABI) return backend;
    if (!backend)
        corm__fail(error, CORM_ERROR_UNSUPPORTED, "%s is not a backend of corm: it has no %s", path, symbol);
    else
        corm__fail(error, CORM_ERROR_UNSUPPORTED, "%s is of another version of corm (ABI %d, here %d)", path, backend->abi,
                   CORM_BACKEND_ABI);
    corm__error_hint(error, "Install corm and its backends in the same version.");
    dlclose(module);
    return NULL;
}

/* Whether the module is there: its path in *path, otherwise the places in *looked. */
static bool find_module(const backend_row *row, corm_buffer *path, corm_buffer *looked) {
    char own[4096];
    own_folder(own, sizeof own);
    char beside[sizeof own + sizeof "/corm"];
    corm__error_set(beside, sizeof beside, "%s/corm", own);
    const char *const places[] = {
        secure_getenv("CORM_BACKEND_DIR"),
        own[0] ? beside : NULL,
        own,
        strcmp(beside, CORM_MODULE_DIR) != 0 ? CORM_MODULE_DIR : NULL,
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!places[i] || !places[i][0]) continue;
        corm__buffer_reset(path);
        corm__buffer_printf(path, "%s/corm-%s.so", places[i], row->engine);
        if (corm__buffer_broken(path)) return false;
        if (access(path->data, F_OK) == 0) return true;
        corm__buffer_printf(looked, "%s%s", looked->length ? ", " : "", places[i]);
    }
    return false;
}

static const corm_backend *load(const backend_row *row, corm_error_info *error) {
    corm_buffer path = { 0 }, looked = { 0 };
    const corm_backend *backend = NULL;
    if (find_module(row, &path, &looked)) {
        backend = load_from(path.data, row, error);
    } else if (corm__buffer_broken(&path) || corm__buffer_broken(&looked)) {
        corm__fail_memory(error);
    } else {
        corm__fail(error, CORM_ERROR_UNSUPPORTED, "the %s backend is not installed: no corm-%s.so in %s", row->title, row->engine,
                   corm__buffer_text(&looked));
        corm__error_hint(error, "Install it, build corm with %s, or name its folder in CORM_BACKEND_DIR.", row->library);
    }
    corm__buffer_release(&path);
    corm__buffer_release(&looked);
    return backend;
}

bool corm__backend_installed(const char *engine) {
    corm_buffer path = { 0 }, looked = { 0 };
    bool installed = false;
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
        if (strcmp(backends[i].engine, engine) == 0) installed = backends[i].linked || find_module(&backends[i], &path, &looked);
    corm__buffer_release(&path);
    corm__buffer_release(&looked);
    return installed;
}

const corm_backend *corm__backend_find(const char *engine, corm_error_info *error) {
    for (size_t i = 0; engine && i < sizeof backends / sizeof *backends; i++) {
        backend_row *row = &backends[i];
        if (strcmp(row->engine, engine) != 0) continue;
        if (row->linked) return row->linked;
        /* Two threads may both load it: they get the same module. */
        if (!row->loaded) row->loaded = load(row, error);
        return row->loaded;
    }
    corm__fail(error, CORM_ERROR_SETTINGS, "unknown engine \"%s\"", engine ? engine : "");
    corm__error_hint(error, "Use sqlite, postgresql or mariadb.");
    return NULL;
}
