/* SQL text as tokens: enough to compare two conditions by meaning and to rename a column inside
 * one. */
#pragma once
#include "base/buffer.h"
#include "base/visibility.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum corm_token_kind {
    CORM_TOKEN_END,
    CORM_TOKEN_WORD,
    CORM_TOKEN_QUOTED,
    CORM_TOKEN_STRING,
    CORM_TOKEN_NUMBER,
    CORM_TOKEN_SYMBOL
} corm_token_kind;
/* A piece of the text it was read from; quotes are part of it. */
typedef struct corm_token {
    corm_token_kind kind;
    const char *start;
    size_t length;
} corm_token;

/* The token at *text, which moves behind it. Space and comments are skipped. A quote that is not
 * closed runs to the end. */
corm_token corm__token_next(const char **text);
/* True for a word or a symbol of this text; case of ASCII letters is ignored. */
bool corm__token_is(corm_token token, const char *text);
/* Appends sql with the column name replaced: words (without regard to case) and quoted names, but
 * no strings and no functions; in quotes where the new name needs them. */
void corm__sql_rename(corm_buffer *out, const char *sql, const char *name, const char *new_name);
/* True when the column is mentioned in sql (may be NULL): as corm__sql_rename finds it, but for the
 * case of quoted names. */
bool corm__sql_mentions(const char *sql, const char *name);

CORM__SHARED_BEGIN

/* True when two expressions mean the same: case of words, spaces, redundant parentheses and casts
 * do not count, and x = ANY (ARRAY[…]) is x IN (…). NULL and "" are the same. When memory is out,
 * false, and corm__comparison_failed says so. */
bool corm__sql_equal(const char *a, const char *b);
/* Was memory out in a comparison of this thread, of texts here or of columns and the like by
 * schema.h, since the last call of this? What depends on comparisons asks once at its end: true is
 * CORM_ERROR_MEMORY, whatever else it has found. */
bool corm__comparison_failed(void);
/* The next call of corm__comparison_failed is true. */
void corm__comparison_fail(void);

CORM__SHARED_END
