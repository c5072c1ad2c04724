/* What the parts of makemigrations share. */
#pragma once
#include "command/command.h"
#include "migrate/detect/autodetect.h"

typedef struct corm_question_list {
    corm_open_question *items;
    size_t n, capacity;
} corm_question_list;

typedef struct corm_making {
    corm_context *context;
    bool check, dry_run, json;
    bool asks;                  /* a person is there */
    corm_error_info error;
    corm_graph *graph;
    corm_new_migration *items;
    size_t n;
    const char *instead;        /* --update: the migration whose place items[0] takes */
    corm_question_list open;    /* questions that nobody answered */
} corm_making;

const corm_app *corm__making_app(const corm_making *m, const char *name);
/* The app's latest migration, or NULL. */
const corm_migration *corm__making_latest(const corm_making *m, const char *app);
/* Whether the app is among the arguments, or there are none. */
bool corm__making_wants(const corm_making *m, const char *app);
int corm__making_no_memory(corm_making *m);
/* Prints m->error; the exit status. */
int corm__making_failed(corm_making *m);

/* --- making_ask.c --- */
/* The questions of the autodetector, on the terminal or noted in m->open. */
corm_questions corm__making_questions(corm_making *m);
/* 1, 0, or CORM_QUESTION_STOP at the end of input. Only where m->asks. */
int corm__making_yes_or_no(const char *question);
/* Notes a question. 0 or CORM_ERROR_MEMORY. */
int corm__making_note(corm_making *m, const corm_open_question *question);
/* Prints all that is open, with what to write instead of an answer; exit status 3. */
int corm__making_print_open(corm_making *m);

/* --- making_merge.c, making_update.c: fill m->items; 0 or the exit status, with the message
 * printed --- */
int corm__making_merge(corm_making *m);
int corm__making_update(corm_making *m);
