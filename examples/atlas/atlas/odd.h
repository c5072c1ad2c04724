/* What is odd in the data: counted by kind, with examples, and reported at the end. Real data is
 * dirty; one bad entry is no reason to load none. */
#pragma once
#include <stddef.h>

typedef enum odd_kind {
    ODD_INCOMPLETE,
    ODD_TOO_LONG,
    ODD_TWICE,
    ODD_UNKNOWN_WORD,
    ODD_NO_COUNTRY,
    ODD_NO_PARENT,
    ODD_CIRCLE,
    ODD_NOT_A_CATALOGUE,
    ODD_NO_CATALOGUE,
    ODD_KINDS
} odd_kind;

enum { ODD_EXAMPLES = 3 };

typedef struct odd {
    size_t count[ODD_KINDS];
    char examples[ODD_KINDS][ODD_EXAMPLES][48];     /* cut where they are longer */
} odd;

/* Counts one more of the kind; `example` is copied. */
void odd_note(odd *odd, odd_kind kind, const char *example);
/* Prints one line a kind that was met, on standard output; nothing when none was. */
void odd_print(const odd *odd);
