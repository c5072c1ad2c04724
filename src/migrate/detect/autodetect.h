/* New migrations from the difference between models, migrations and a database. */
#pragma once
#include "migrate/graph/graph.h"

CORM__SHARED_BEGIN

/* A question that nobody answered. All texts live in the arena of the detection. */
typedef struct corm_open_question {
    const char *kind;           /* "renamed_column", "renamed_table", "fill", "not_null" */
    const char *app, *table, *column;   /* column NULL: of the table */
    const char *text;           /* the question */
    const char *write;          /* what to write in the model instead of an answer */
} corm_open_question;
/* Answers besides 1 (yes) and 0 (no). */
enum {
    /* nobody to ask: the question is reported, and the search for others goes on */
    CORM_QUESTION_OPEN = -1,
    CORM_QUESTION_STOP = -2     /* the person does not want to go on: CORM_ERROR_CANCELLED */
};
/* Asks a person. A callback that is NULL leaves its questions open. In the end open questions are
 * CORM_ERROR_USAGE, with the first of them in the error: what to write in the model is the hint. */
typedef struct corm_questions {
    /* 1: yes, renamed; 0: no. */
    int (*renamed_column)(void *context, const corm_table *table, const corm_column *from,
         const corm_column *to);
    int (*renamed_table)(void *context, const corm_table *from, const corm_table *to);
    /* A one-off value for existing rows of a new NOT NULL column: 1 and *out filled. */
    int (*fill)(void *context, const corm_table *table, const corm_column *column,
         corm_default *out, corm_arena *arena);
    void *context;
    /* The same where a column with NULLs becomes NOT NULL; 0: the rows have none, somebody saw to
     * it. NULL: fill is asked. */
    int (*not_null)(void *context, const corm_table *table, const corm_column *before,
         const corm_column *after, corm_default *out, corm_arena *arena);
    void (*open)(void *context, const corm_open_question *question);
} corm_questions;

/* The difference between the migrations' end state and the models, as migrations in an order in
 * which they can be applied. */
int corm__autodetect(const corm_graph *graph, const corm_app *const *apps,
                     const corm_questions *questions, corm_arena *arena, corm_new_migration **out,
                     size_t *n, corm_error_info *error);

/* Migrations, one an app, that bring a database, whose tables are these, to what the models say and
 * the migrations have already: their state is first told what the database has. name stands behind
 * their numbers. database: the tables of the models alone, each with its app. */
int corm__repair(const corm_graph *graph, const corm_schema *database, const corm_schema *models,
                 const char *name, corm_arena *arena, corm_new_migration **out,
                 size_t *n, corm_error_info *error);

CORM__SHARED_END
