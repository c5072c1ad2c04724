/* The apps of a program, by name. */
#include "base/buffer.h"
#include "base/closest.h"
#include "base/error.h"
#include "model/model.h"
#include <string.h>

static void refuse(const corm_app *const *apps, const char *name, corm_error_info *error) {
    enum { MOST_SHOWN = 50 };
    const char *names[MOST_SHOWN] = { NULL };
    size_t n = 0;
    corm_buffer list = { 0 };
    for (; *apps && n < MOST_SHOWN; apps++) {
        names[n++] = (*apps)->name;
        corm__buffer_printf(&list, "%s%s", list.length ? ", " : "", (*apps)->name);
    }
    const char *meant = corm__closest(name, names, n);
    corm__fail(error, CORM_ERROR_USAGE, "no app %s in this program", name);
    if (meant)
        corm__error_hint(error, "did you mean %s?", meant);
    else if (n && !corm__buffer_broken(&list))
        corm__error_hint(error, "it has %s", corm__buffer_text(&list));
    corm__buffer_release(&list);
}

const corm_app *corm__app_find(const corm_app *const *apps, const char *name,
                               corm_error_info *error) {
    for (const corm_app *const *app = apps; *app; app++)
        if (strcmp((*app)->name, name) == 0) return *app;
    if (error) refuse(apps, name, error);
    return NULL;
}
