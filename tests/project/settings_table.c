/* Prints the table of docs/settings.md. */
#include "settings/settings_internal.h"
#include <stdio.h>

static void print(const char *text) {
    for (; *text; text++) {
        if (*text == '|') putchar('\\');
        putchar(*text);
    }
}

int main(void) {
    puts("| setting | environment | default | for | |\n|---|---|---|---|---|");
    for (const corm_setting *s = corm__settings_table; s->name; s++) {
        printf("| `%s` | `%s`%s%s%s | ", s->name, s->environment, s->environment2 ? ", `" : "",
               s->environment2 ? s->environment2 : "", s->environment2 ? "`" : "");
        print(s->fallback ? s->fallback : "");
        printf(" | %s | ", s->engines ? s->engines : "all");
        print(s->help);
        if (s->choices) printf(": ");
        if (s->choices) print(s->choices);
        puts(s->secret ? " (secret) |" : " |");
    }
    return 0;
}
