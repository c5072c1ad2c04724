#include "atlas/odd.h"
#include <stdio.h>

static const char *const meaning[ODD_KINDS] = {
    [ODD_INCOMPLETE] = "lack a text that a row needs; left out",
    [ODD_TOO_LONG] = "have a text longer than its column; left out",
    [ODD_TWICE] = "are there twice; the first one is loaded",
    [ODD_UNKNOWN_WORD] = "have a scope or a type that is not known; left out",
    [ODD_NO_COUNTRY] = "are of a country that is not in the list; left out",
    [ODD_NO_PARENT] = "have a parent that is not in the list; loaded without it",
    [ODD_CIRCLE] = "are parts of themselves; loaded without a parent",
    [ODD_NOT_A_CATALOGUE] = "are no gettext catalogues; left out",
    [ODD_NO_CATALOGUE] = "have no catalogue of iso-codes (some images leave translations out)",
};

void odd_note(odd *odd, odd_kind kind, const char *example) {
    size_t n = odd->count[kind]++;
    if (n < ODD_EXAMPLES)
        snprintf(odd->examples[kind][n], sizeof odd->examples[kind][n], "%s", example);
}

void odd_print(const odd *odd) {
    for (size_t kind = 0; kind < ODD_KINDS; kind++) {
        size_t n = odd->count[kind];
        if (!n) continue;
        printf("Odd: %zu %s: ", n, meaning[kind]);
        for (size_t i = 0; i < n && i < ODD_EXAMPLES; i++)
            printf("%s%s", i ? ", " : "", odd->examples[kind][i]);
        puts(n > ODD_EXAMPLES ? ", ..." : "");
    }
}
