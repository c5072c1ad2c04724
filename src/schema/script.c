#include "schema/script.h"
#include "base/error.h"
#include <string.h>

int corm__script_step(corm_script *script, corm_buffer *text) {
    char *sql = corm__buffer_copy(text, script->arena);
    corm__buffer_release(text);
    if (sql && script->n_steps == script->capacity) {
        size_t capacity = script->capacity ? script->capacity * 2 : 8;
        corm_script_step *steps = corm__arena_array(script->arena, capacity, sizeof *steps);
        if (!steps) return corm__fail_memory(script->error);
        if (script->n_steps) memcpy(steps, script->steps, script->n_steps * sizeof *steps);
        script->steps = steps;
        script->capacity = capacity;
    }
    if (!sql) return corm__fail_memory(script->error);
    script->steps[script->n_steps++] = (corm_script_step){ .sql = sql };
    return CORM_OK;
}

void corm__sql_pattern(corm_buffer *out, corm_quote *identifier, corm_quote *literal,
                       const char *pattern, va_list arguments) {
    for (const char *p = pattern; *p; p++) {
        if (*p != '%') {
            corm__buffer_putc(out, *p);
            continue;
        }
        switch (*++p) {
        case 'I': identifier(out, va_arg(arguments, const char *)); break;
        case 'L': literal(out, va_arg(arguments, const char *)); break;
        case 'B': corm__buffer_append(out, va_arg(arguments, const corm_buffer *)); break;
        default: corm__buffer_puts(out, va_arg(arguments, const char *));
        }
    }
}
