/* Preloaded: as if main had begun with setlocale(LC_ALL, ""), as many programs do. Not for what the
 * program starts: a compiler need not bear it. */
#include <locale.h>
#include <stdlib.h>

__attribute__((constructor)) static void set_locale(void) {
    setlocale(LC_ALL, "");
    unsetenv("LD_PRELOAD");
}
