/* A change of the schema as statements: what every backend's ddl writes with. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include <corm/backend.h>
#include <stdarg.h>

/* Adds text as one statement; the buffer is released in any case. 0 or CORM_ERROR_MEMORY. */
int corm__script_step(corm_script *script, corm_buffer *text);

typedef void corm_quote(corm_buffer *out, const char *text);
/* Writes a pattern: %I is an identifier, %L a literal, %S plain SQL, %B the text of a corm_buffer
 * (which breaks out when it is broken). identifier and literal: how the engine quotes them. */
void corm__sql_pattern(corm_buffer *out, corm_quote *identifier, corm_quote *literal,
                       const char *pattern, va_list arguments);
