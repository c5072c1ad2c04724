/* Letters, digits and spaces of ASCII, whatever locale the program has set: what the C library
 * takes for one (isalpha, toupper, strcasecmp) goes by the locale, and SQL, C, settings and
 * checksums must not. A script checks that nothing else is used. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

static inline bool corm__is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool corm__is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool corm__is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool corm__is_alpha(char c) { return corm__is_upper(c) || corm__is_lower(c); }
static inline bool corm__is_alnum(char c) { return corm__is_alpha(c) || corm__is_digit(c); }
static inline bool corm__is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static inline char corm__to_lower(char c) { return corm__is_upper(c) ? (char)(c + 32) : c; }
static inline char corm__to_upper(char c) { return corm__is_lower(c) ? (char)(c - 32) : c; }

/* As strcasecmp, strncasecmp and strcasestr; only ASCII letters have case. */
int corm__compare_nocase(const char *a, const char *b);
int corm__compare_nocase_n(const char *a, const char *b, size_t n);
char *corm__find_nocase(const char *text, const char *part);
