/* Models from tables, the reverse of src/model/tables.c: inspectdb reads a database's tables, makes
 * models of them in memory, lets src/model make tables of these again and compares: what has become
 * different is said. Then the models are written as C. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include "base/map.h"
#include "model/model.h"

/* What a model does not say, or says otherwise. */
typedef struct corm_remark {
    const char *table;
    const char *item;           /* a column, index or constraint; NULL: the table itself */
    const char *text;
    /* a table made from the model differs; else only the program should know */
    bool lost;
} corm_remark;

/* An enumeration with the names of its constants. */
typedef struct corm_inspected_enum {
    corm_enum labels;
    const char **constants;     /* as many as labels */
} corm_inspected_enum;

typedef struct corm_inspection {
    /* in */
    const corm_backend *backend;
    const corm_schema *schema;  /* of the database */
    const char *const *wanted;  /* names of tables, ends with NULL; NULL or empty: all */
    /* the app's name, a prefix of tables that models leave out; NULL: none */
    const char *app;
    bool reverse;               /* has_many and has_one too */
    corm_arena *arena;          /* holds all that comes out */
    corm_error_info *error;
    /* out */
    corm_model *models;
    size_t n_models;
    corm_inspected_enum **enums;
    size_t n_enums;
    corm_remark *remarks;
    size_t n_remarks, remarks_capacity;
    /* while it works */
    bool broken;                /* memory ran out where nothing could be returned */
    corm_map names;             /* what has a name at file scope */
    const corm_table **tables;  /* of each model */
} corm_inspection;

/* 0 or a status. release in any case. */
int corm__inspect(corm_inspection *inspection);
void corm__inspection_release(corm_inspection *inspection);
/* Compares the models with the tables that they were made from, and runs the system checks; adds
 * remarks. */
int corm__inspect_verify(corm_inspection *inspection);
/* item may be NULL. 0 or CORM_ERROR_MEMORY. */
int corm__inspect_remark(corm_inspection *inspection, const char *table, const char *item,
                         bool lost, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The text of models.h. source: what it was read from, for its first line. */
int corm__inspect_write(const corm_inspection *inspection, const char *source, corm_buffer *out);

/* --- a model in the making --- */
/* What a list of the macros in <corm/each.h> takes. */
enum { CORM__MOST_ITEMS = 128, CORM__MOST_PARTS = 16 };

typedef struct corm_model_draft {
    corm_inspection *in;
    const corm_table *table;
    corm_model *model;
    corm_field *fields;     /* = model->fields */
    const char **members;   /* of each column of the table, the member's name */
    corm_map names;         /* of members */
    bool *index_done, *constraint_done;
} corm_model_draft;
/* Add the items for the table's columns, then those for all else. 0 or CORM_ERROR_MEMORY. */
int corm__inspect_columns(corm_model_draft *draft);
int corm__inspect_items(corm_model_draft *draft);
/* The position of the table's model; n_models: it has none. */
size_t corm__inspect_find(const corm_inspection *inspection, const char *table);
bool corm__inspect_plain_index(const corm_index *index);

/* --- names of the database as C identifiers; NULL when memory is out --- */
/* A member: "default" as "default_", "first name" as "first_name", "2nd" as "_2nd", "ID" as
 * "id". */
char *corm__c_member(const char *name, corm_arena *arena);
/* A type: the singular of a table's name, "auth_users" as "AuthUser"; and the name for queries:
 * "AuthUsers". */
char *corm__c_type(const char *table, corm_arena *arena);
char *corm__c_plural(const char *type, corm_arena *arena);
/* A constant: prefix, and a label in capitals: "STATUS", "it's on" as "STATUS_IT_S_ON". */
char *corm__c_constant(const char *prefix, const char *label, corm_arena *arena);
/* The name, with a number behind it where `taken` has it already; it is in there then. */
char *corm__c_unique(const char *name, corm_map *taken, corm_arena *arena);
/* Can it stand in index(name, …), where the preprocessor makes a text of it? */
bool corm__c_is_item_name(const char *name);
