#include "migrate/state/compatibility.h"
#include "schema/schema.h"

/* An INSERT that does not name it works. */
static bool is_optional(const corm_column *column) {
    return column->null || column->default_value.kind || column->generated ||
           column->kind == CORM_IDENTITY;
}

static bool alters_harmlessly(const corm_column *before, const corm_column *after) {
    corm_column like = *after;
    bool wider = before->kind == CORM_VARCHAR && after->kind == CORM_VARCHAR &&
                 after->max_length >= before->max_length;
    if (wider) like.max_length = before->max_length;
    like.comment = before->comment;
    if (like.default_value.kind || after->null)
        like.default_value =
            before->default_value; /* a default that goes is missed, one that comes is not */
    return corm__column_equal(before, &like);
}

bool corm__operation_expands(const corm_operation *operation, const corm_change *change) {
    switch (operation->kind) {
    case CORM_CREATE_TABLE:
    case CORM_RENAME_INDEX:
    case CORM_ALTER_COMMENT:
    case CORM_RENAME_CONSTRAINT:
    case CORM_VALIDATE_CONSTRAINT:
    case CORM_CREATE_EXTENSION: return true;
    case CORM_ADD_COLUMN: return change->column_after && is_optional(change->column_after);
    case CORM_ALTER_COLUMN:
        return change->column_before && change->column_after &&
               alters_harmlessly(change->column_before, change->column_after);
    case CORM_ADD_INDEX: return change->index_after && !change->index_after->unique;
    case CORM_REMOVE_INDEX:
        return change->index_before &&
               !change->index_before->unique; /* an upsert may need a unique one */
    case CORM_ALTER_INDEX:
        return change->index_before && !change->index_before->unique && change->index_after &&
               !change->index_after->unique;
    case CORM_REMOVE_CONSTRAINT:
        return change->constraint_before &&
               change->constraint_before->kind != CORM_CONSTRAINT_UNIQUE;
    case CORM_DELETE_TABLE:
    case CORM_RENAME_TABLE:
    case CORM_REMOVE_COLUMN:
    case CORM_RENAME_COLUMN:
    case CORM_ADD_CONSTRAINT:
    case CORM_ALTER_PRIMARY_KEY:
    case CORM_ALTER_CONSTRAINT:
    case CORM_REMOVE_EXTENSION:
    case CORM_RUN_SQL:
    case CORM_RUN_C:
    case CORM_SEPARATE: return false;
    }
    return false;
}

bool corm__step_expands(const corm_migration *migration, const corm_operation *operation,
                        const corm_change *change) {
    bool opaque = operation->kind == CORM_RUN_SQL || operation->kind == CORM_RUN_C;
    return opaque ? migration->body->expands : corm__operation_expands(operation, change);
}
