/* What a text must be before it is stored or given to a program. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* UTF-8 as in RFC 3629 (shortest forms, no surrogates, up to U+10FFFF) without a NUL byte: what a
 * C string can hold. *nul (may be NULL): a NUL byte is what stands against it. */
bool corm__text_valid(const char *text, size_t size, bool *nul);
/* JSON as in RFC 8259, nested at most 1,000 deep. */
bool corm__json_valid(const char *text);
