/* "Did you mean …?" */
#pragma once
#include <stddef.h>

/* The most similar of n names, when it is similar enough to have been meant; else NULL. */
const char *corm__closest(const char *word, const char *const *names, size_t n);
