#include "schema/schema.h"

corm_table *corm__table_as_stored(corm_arena *arena, const corm_table *table,
                                  const corm_features *features) {
    corm_table *kept = corm__table_clone(arena, table);
    if (!kept) return NULL;
    if (!features->table_comments) kept->comment = NULL;
    for (corm_column *column = (corm_column *)kept->columns; column->name; column++) {
        if (!features->column_comments) column->comment = NULL;
        if (!features->not_valid) column->references.not_valid = false;
        if (!features->identity_kinds && column->kind == CORM_IDENTITY) column->element = CORM_NULL;
    }
    for (corm_index *index = (corm_index *)kept->indexes; index->name; index++) {
        if (!features->include_columns) index->include = NULL;
        if (!features->index_methods) index->method = NULL;
    }
    for (corm_constraint *constraint = (corm_constraint *)kept->constraints; constraint->name;
         constraint++) {
        if (!features->include_columns) constraint->include = NULL;
        if (!features->not_valid) constraint->not_valid = false;
    }
    return kept;
}
