/* What a text must be before it is stored or given to a program. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* UTF-8 as in RFC 3629 (shortest forms, no surrogates, up to U+10FFFF) without a NUL byte: what a
 * C string can hold. *nul (may be NULL): a NUL byte is what stands against it. */
bool corm__text_valid(const char *text, size_t size, bool *nul);
/* 0 for JSON as in RFC 8259; CORM_ERROR_TYPE for what is none, and CORM_ERROR_RANGE for what is
 * nested deeper than most levels, which are at most CORM__JSON_DEEPEST. */
enum { CORM__JSON_DEEPEST = 1000 };
int corm__json_check(const char *text, size_t most);
