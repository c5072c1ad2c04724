/* In place of modules.c, for a program in which all that it needs is linked: scripts/amalgamate. */
#include "base/error.h"
#include "db/modules.h"

const corm_backend *corm__module_load(const char *engine, const char *title, const char *library,
                                      corm_error_info *error) {
    (void)library;
    corm__fail(error, CORM_ERROR_UNSUPPORTED, "this program was built without the %s backend (%s)",
               title, engine);
    corm__error_hint(error, "Use a database that it has, such as sqlite.");
    return NULL;
}

bool corm__module_installed(const char *engine) {
    (void)engine;
    return false;
}
