/* Models to tables, and the system checks. */
#pragma once
#include "base/visibility.h"
#include "base/arena.h"
#include "schema/schema.h"
#include <corm/app.h>
#include <corm/backend.h>

CORM__SHARED_BEGIN

/* The app of this name in a list that ends with NULL; NULL and CORM_ERROR_USAGE, with the names
 * that there are, when no app has it. error may be NULL. */
const corm_app *corm__app_find(const corm_app *const *apps, const char *name,
                               corm_error_info *error);
/* All tables of the apps' models, and the tables of their many-to-many relations. 0 or a status. */
int corm__schema_of_apps(const corm_app *const *apps, corm_arena *arena, corm_schema *out,
                         corm_error_info *error);
/* The column's name in the database: .column, or the member's name (name_id for a foreign key),
 * written into the arena when made. */
const char *corm__field_column(const corm_field *field, corm_arena *arena);
/* True when the field has a column, and it has this name in the database. */
bool corm__field_gives(const corm_field *field, const char *column);
/* A field of a model by the member's name; `user_id` finds the foreign key `user` too. NULL when
 * there is none. */
const corm_field *corm__field_find(const corm_model *model, const char *name, size_t length);
/* Has the member a column of its own: a scalar or a relation to one row. */
bool corm__field_is_column(const corm_field *field);
/* The field that a foreign key points at; NULL when there is none. */
const corm_field *corm__field_target(const corm_field *field);
/* What renamed_from(…) says, the table's old name; NULL: nothing. */
const char *corm__model_renamed_from(const corm_model *model);
/* The single primary key field; NULL when it is composite or there is none. */
const corm_field *corm__primary_key_field(const corm_model *model);
/* The model of the rows, in whatever table they are. */
static inline const corm_model *corm__original(const corm_model *model) {
    return model->original ? model->original : model;
}
/* The model's version(…); NULL: it has none. */
const corm_field *corm__version_field(const corm_model *model);
/* Does the many-to-many field make its own table in between? */
bool corm__makes_between(const corm_field *field);
/* The table between for a many-to-many field of model: its name, and its columns for this and for
 * the other side. */
typedef struct corm_between {
    const char *table, *own_column, *other_column;
    bool own_constraint, other_constraint; /* the database sees to it that the rows are there */
} corm_between;
int corm__between(const corm_model *model, const corm_field *field, corm_arena *arena,
                  corm_between *out);
/* The table's name before it is shortened: what tables were named before names were shortened. */
char *corm__between_full_name(const corm_model *model, const corm_field *field, corm_arena *arena);
/* The SQL column that a field gives (not for to-many relations): kind, lengths, references. */
int corm__column_of_field(const corm_model *model, const corm_field *field, corm_arena *arena,
                          corm_column *out);

/* The kind of a column that holds keys of this one. */
corm_kind corm__key_kind(const corm_column *key);

/* Room for the member of a row that holds a default, whatever its kind. */
typedef union corm_member {
    int64_t integer;
    float single;
    double real;
    const char *text;
    corm_decimal decimal;
    corm_blob blob;
    corm_uuid uuid;
} corm_member;
/* The default of a field as its C value, written to the member (of an optional: to its value).
 * CORM_ERROR_TYPE or CORM_ERROR_RANGE when it does not fit; for a default that is SQL,
 * CORM_ERROR_TYPE. */
int corm__default_write(const corm_field *field, void *member);
/* 0, CORM_ERROR_TYPE or CORM_ERROR_RANGE: whether each engine's column takes the written value. */
int corm__value_fits(const corm_column *column, const corm_default *value);
/* Where `value` is in the optional_* of a kind. */
size_t corm__optional_offset(corm_kind kind);
/* The label of a value; NULL when it has none. */
const char *corm__enum_label(const corm_enum *labels, int64_t value);
/* The n-th of comma-separated choices, without the spaces around it; NULL past the end. */
const char *corm__choice_at(const char *choices, size_t index, size_t *length);
bool corm__is_choice(const char *choices, const char *text);
/* Characters of UTF-8 text. */
size_t corm__characters(const char *text);

/* --- system checks --- */
typedef enum corm_check_level { CORM_CHECK_WARNING = 1, CORM_CHECK_ERROR } corm_check_level;
typedef struct corm_check_message {
    corm_check_level level;
    const char *id; /* "models.E003", stable */
    const char *file;
    int line;           /* of the model */
    const char *object; /* "recipes.Recipe.title" */
    const char *message, *hint;
} corm_check_message;
typedef struct corm_check_messages {
    corm_check_message *items;
    size_t count, capacity;
    corm_arena *arena;
} corm_check_messages;
/* A place for one more; NULL when memory is out. */
corm_check_message *corm__check_new(corm_check_messages *out);
/* Checks everything that can be known without a database. backend (may be NULL): also what this
 * engine does not have. CORM_OK or CORM_ERROR_MEMORY. */
int corm__check_apps(const corm_app *const *apps, const corm_backend *backend,
                     corm_check_messages *out);

CORM__SHARED_END
