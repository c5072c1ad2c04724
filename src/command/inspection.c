/* What every part of an inspection uses. */
#include "base/error.h"
#include "command/inspect.h"
#include <stdarg.h>
#include <string.h>

int corm__inspect_remark(corm_inspection *in, const char *table, const char *item, bool lost,
                         const char *format, ...) {
    if (in->n_remarks == in->remarks_capacity) {
        size_t capacity = in->remarks_capacity ? in->remarks_capacity * 2 : 32;
        corm_remark *grown = corm__arena_array(in->arena, capacity, sizeof *grown);
        if (!grown) return corm__fail_memory(in->error);
        if (in->n_remarks) memcpy(grown, in->remarks, in->n_remarks * sizeof *grown);
        in->remarks = grown;
        in->remarks_capacity = capacity;
    }
    corm_buffer text = { 0 };
    va_list arguments;
    va_start(arguments, format);
    corm__buffer_vprintf(&text, format, arguments);
    va_end(arguments);
    char *copy = corm__buffer_copy(&text, in->arena);
    corm__buffer_release(&text);
    if (!copy) return corm__fail_memory(in->error);
    in->remarks[in->n_remarks++] = (corm_remark){ table, item, copy, lost };
    return 0;
}

size_t corm__inspect_find(const corm_inspection *in, const char *table) {
    size_t i = 0;
    while (i < in->n_models && strcmp(in->tables[i]->name, table) != 0) i++;
    return i;
}
