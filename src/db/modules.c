/* Backends in shared objects, corm-<engine>.so. One is looked for in CORM_BACKEND_DIR, in corm/
 * beside this library, beside this library (the build folder), and where corm was installed. */
#include "base/buffer.h"
#include "base/error.h"
#include "db/modules.h"
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char own_place;

/* The folder of the file that this code is in; "" when not known. A program that runs with more
 * rights than its caller does not trust its own name. */
static void own_folder(char *out, size_t size) {
    Dl_info info;
    out[0] = 0;
    if (getauxval(AT_SECURE) || !dladdr(&own_place, &info) || !info.dli_fname) return;
    const char *slash = strrchr(info.dli_fname, '/');
    if (slash && (size_t)(slash - info.dli_fname) < size) {
        memcpy(out, info.dli_fname, (size_t)(slash - info.dli_fname));
        out[slash - info.dli_fname] = 0;
    }
}

/* Asked of the program, which comes first. */
static int has_interpreter(struct dl_phdr_info *program, size_t size, void *found) {
    (void)size;
    for (int i = 0; i < program->dlpi_phnum; i++)
        if (program->dlpi_phdr[i].p_type == PT_INTERP) *(bool *)found = true;
    return 1;
}

/* A module brings libraries of its own with it, a second libc too: loaded into a program that was
 * linked with -static, it ends it. */
static bool is_static(void) {
    bool dynamic = false;
    dl_iterate_phdr(has_interpreter, &dynamic);
    return !dynamic;
}

static const corm_backend *load_from(const char *path, const char *engine, const char *title,
                                     const char *library, corm_error_info *error) {
    errno = 0;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module && errno == ENOMEM) {
        corm__fail_memory(error);
        return NULL;
    }
    if (!module) {
        const char *why = dlerror();
        corm__fail(error, CORM_ERROR_UNSUPPORTED, "the %s backend does not load: %s", title,
                   why ? why : path);
        corm__error_hint(error, "Install the client library that it needs (%s).", library);
        return NULL;
    }
    char symbol[64];
    corm__error_set(symbol, sizeof symbol, "corm_backend_%s", engine);
    const corm_backend *backend = dlsym(module, symbol);
    if (backend && backend->abi == CORM_BACKEND_ABI) return backend;
    if (!backend)
        corm__fail(error, CORM_ERROR_UNSUPPORTED, "%s is not a backend of corm: it has no %s", path,
                   symbol);
    else
        corm__fail(error, CORM_ERROR_UNSUPPORTED,
                   "%s is of another version of corm (ABI %d, here %d)", path, backend->abi,
                   CORM_BACKEND_ABI);
    corm__error_hint(error, "Install corm and its backends in the same version.");
    dlclose(module);
    return NULL;
}

enum { LONGEST_PATH = 4200 };

/* Whether the module is there: its path in path, otherwise the places in *looked. */
static bool find_module(const char *engine, char path[LONGEST_PATH], corm_buffer *looked) {
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
        int length = snprintf(path, LONGEST_PATH, "%s/corm-%s.so", places[i], engine);
        if (length < LONGEST_PATH && access(path, F_OK) == 0) return true;
        corm__buffer_printf(looked, "%s%s", looked->length ? ", " : "", places[i]);
    }
    return false;
}

const corm_backend *corm__module_load(const char *engine, const char *title, const char *library,
                                      corm_error_info *error) {
    char path[LONGEST_PATH];
    corm_buffer looked = { 0 };
    const corm_backend *backend = NULL;
    if (is_static()) {
        corm__fail(error, CORM_ERROR_UNSUPPORTED,
                   "the program is linked statically, without the %s backend", title);
        corm__error_hint(error, "Link it in: pkg-config --static --libs corm-%s.", engine);
        return NULL;
    }
    if (find_module(engine, path, &looked)) {
        backend = load_from(path, engine, title, library, error);
    } else if (corm__buffer_broken(&looked)) {
        corm__fail_memory(error);
    } else {
        corm__fail(error, CORM_ERROR_UNSUPPORTED,
                   "the %s backend is not installed: no corm-%s.so in %s", title, engine,
                   corm__buffer_text(&looked));
        corm__error_hint(error,
                         "Install it, build corm with %s, or name its folder in CORM_BACKEND_DIR.",
                         library);
    }
    corm__buffer_release(&looked);
    return backend;
}

bool corm__module_installed(const char *engine) {
    char path[LONGEST_PATH];
    corm_buffer looked = { 0 };
    bool installed = find_module(engine, path, &looked);
    corm__buffer_release(&looked);
    return installed;
}
