/* What the parts of the system checks share. */
#pragma once
#include "base/map.h"
#include "model/model.h"

typedef struct corm_checker {
    const corm_app *const *apps;
    const corm_backend *backend; /* may be NULL */
    corm_check_messages *out;
    corm_map listed;     /* pointer to a model: its corm_app */
    const corm_app *app; /* being checked */
    const corm_model *model;
    const corm_migration *migration; /* being checked; model is NULL then */
    bool broken; /* memory is out */
} corm_checker;

/* Adds a message on the model that is being checked (model NULL: on the app). member and hint may
 * be NULL; hint is not a format. */
void corm__check_say(corm_checker *checker, corm_check_level level, const char *id,
                     const char *member, const char *hint,
                     const char *format, ...) __attribute__((format(printf, 6, 7)));
#define CORM_SAY_ERROR(checker, ...) corm__check_say(checker, CORM_CHECK_ERROR, __VA_ARGS__)
#define CORM_SAY_WARNING(checker, ...) corm__check_say(checker, CORM_CHECK_WARNING, __VA_ARGS__)
/* A text in the arena of the messages, for hints; "" and checker->broken when memory is out. */
const char *corm__check_text(corm_checker *checker, const char *format,
                             ...) __attribute__((format(printf, 2, 3)));
/* The name of a table, column, index or constraint: what every engine takes. what: "column". */
void corm__check_identifier(corm_checker *checker, const char *member, const char *what,
                            const char *name);

void corm__check_column(corm_checker *checker, const corm_field *field);
void corm__check_relation(corm_checker *checker, const corm_field *field);
void corm__check_item(corm_checker *checker, const corm_field *item);
/* The tables that all models give: names that collide, and what the engine does not have. */
void corm__check_tables(corm_checker *checker);
/* What a table has and the engine (checker->backend, not NULL) does not. */
void corm__check_engine(corm_checker *checker, const corm_table *table);
/* The migrations that the apps carry. */
void corm__check_migrations(corm_checker *checker);
