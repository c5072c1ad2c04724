#include "backend/postgresql/ddl.h"
#include "schema/script.h"

int corm__pg_stepf(corm_script *script, const char *pattern, ...) {
    corm_buffer out = { 0 };
    va_list arguments;
    va_start(arguments, pattern);
    corm__sql_pattern(&out, corm__pg_identifier, corm__pg_literal, pattern, arguments);
    va_end(arguments);
    return corm__script_step(script, &out);
}
