/* One dialect of regular expressions for engines that have four: POSIX's extended ones. */
#pragma once
#include "base/buffer.h"
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

enum { CORM__REGEX_WHY = 160 };

/* Reads a POSIX extended regular expression (IEEE Std 1003.1, 9.4) of size bytes and appends to out
 * one that means the same to PostgreSQL, to PCRE and to ICU, to which a backslash before a
 * punctuation mark makes it stand for itself, in brackets as well. end: what the end of a text is
 * to the engine. fold: the engine folds what is appended, and what it is held against, to small
 * letters.
 *
 * False when POSIX gives it no meaning, or it costs too much: why says what is wrong, and where. An
 * out that is broken is for the caller to find. */
bool corm__regex(const char *pattern, size_t size, bool fold, const char *end, corm_buffer *out,
                 char why[CORM__REGEX_WHY]);

/* A locale that knows the characters of Unicode, for the caller to free; 0 when there is none. */
locale_t corm__utf8_locale(void);
