/* Questions. One that nobody answers is reported and counts as "no", so that a run without a person
 * finds all of them; the way is then not given to anybody. */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include <stdio.h>
#include <string.h>

static int open_question(detector *d, const corm_open_question *question) {
    if (!question->text || !question->write) return corm__fail_memory(d->error);
    if (d->n_open++ == 0) {
        corm__fail(d->error, CORM_ERROR_USAGE, "%s", question->text);
        corm__error_hint(d->error, "%s", question->write);
    }
    if (d->questions && d->questions->open) d->questions->open(d->questions->context, question);
    return 0;
}

static int stopped(detector *d) {
    d->n_open++;
    return corm__fail(d->error, CORM_ERROR_CANCELLED, "no answer: nothing was written");
}

int corm__all_answered(detector *d) { return d->n_open ? CORM_ERROR_USAGE : 0; }

/* "email", "email or fax", "email, fax or phone". */
static const char *list_names(corm_arena *arena, const char *const *names, size_t n) {
    const char *list = names[0];
    for (size_t i = 1; list && i < n; i++)
        list = corm__arena_printf(arena, "%s%s%s", list, i + 1 < n ? ", " : " or ", names[i]);
    return list;
}

static int in_doubt(detector *d, const char *key) {
    return key && corm__map_set(&d->in_doubt, key, d) == 0 ? 0 : corm__fail_memory(d->error);
}

/* A relation of many to many refers to another table. */
static int ask_repointed(detector *d, const corm_table *table, const corm_column *from,
                         const corm_column *to) {
    corm_open_question question = {
        .kind = "renamed_column",
        .app = table->app,
        .table = table->name,
        .column = to->name,
        .text = corm__arena_printf(d->arena,
                                   "many-to-many table %s refers to %s instead of %s now: do its "
                                   "rows stay, with the numbers that they have?",
                                   table->name, to->references.table, from->references.table),
        .write = corm__arena_printf(
            d->arena, "If they stay, answer on a terminal. If they go, run makemigrations once "
                      "with the relation removed and once with it added."),
    };
    int status = open_question(d, &question);
    return status ? status
                  : in_doubt(d, corm__arena_printf(d->arena, "%s.%s", table->name, to->name));
}

int corm__ask_renamed_column(detector *d, const corm_table *table,
                             const corm_column *const *candidates, size_t n, const corm_column *to,
                             size_t *which) {
    const corm_questions *q = d->questions;
    int answer = 0;
    const char **names = corm__arena_array(d->arena, n + 1, sizeof *names);
    if (!names) return corm__fail_memory(d->error);
    for (*which = 0; *which < n; ++*which) {
        names[*which] = candidates[*which]->name;
        answer = q && q->renamed_column
                     ? q->renamed_column(q->context, table, candidates[*which], to)
                     : CORM_QUESTION_OPEN;
        if (answer == CORM_QUESTION_STOP) return stopped(d);
        if (answer > 0) return 1;
        if (answer < 0) break;
    }
    if (answer == 0) return 0;
    for (size_t i = *which; i < n; i++) names[i] = candidates[i]->name;
    if (!corm__is_model(table)) return ask_repointed(d, table, candidates[0], to);
    const char *list = list_names(d->arena, names, n), *model = corm__thing(d, table->name);
    corm_open_question question = {
        .kind = "renamed_column",
        .app = table->app,
        .table = table->name,
        .column = to->name,
        .text = !list ? NULL
                      : corm__arena_printf(d->arena, "table %s: was column %s renamed to %s?",
                                           table->name, list, to->name),
        .write = corm__arena_printf(d->arena,
                                    "If so, write .renamed_from = \"%s\" at %s in model %s. If "
                                    "not, run makemigrations once with %s removed "
                                    "and once with %s added.",
                                    names[0], to->name, model, names[0], to->name)
    };
    int status = open_question(d, &question);
    return status ? status
                  : in_doubt(d, corm__arena_printf(d->arena, "%s.%s", table->name, to->name));
}

static int ask_moved(detector *d, int answer, corm_open_question *question) {
    if (answer == CORM_QUESTION_STOP) return stopped(d);
    if (answer >= 0) return answer;
    question->write =
        "Where that is done, take renamed_from out on both sides. To do it, answer on "
        "a terminal.";
    return open_question(d, question);
}

int corm__ask_moved_table(detector *d, const corm_table *from, const corm_table *to) {
    const corm_questions *q = d->questions;
    corm_open_question question = { .kind = "renamed_table",
                                    .app = to->app,
                                    .table = to->name,
                                    .text = corm__arena_printf(
                                        d->arena,
                                        "app %s: tables change places by renamed_from: is table %s "
                                        "still to become %s?",
                                        to->app, from->name, to->name) };
    int answer =
        q && q->renamed_table ? q->renamed_table(q->context, from, to) : CORM_QUESTION_OPEN;
    return ask_moved(d, answer, &question);
}

int corm__ask_moved_column(detector *d, const corm_table *table, const corm_column *from,
                           const corm_column *to) {
    const corm_questions *q = d->questions;
    corm_open_question question = {
        .kind = "renamed_column",
        .app = table->app,
        .table = table->name,
        .column = to->name,
        .text = corm__arena_printf(d->arena,
                                   "table %s: columns change places by renamed_from: is column %s "
                                   "still to become %s?",
                                   table->name, from->name, to->name)
    };
    int answer = q && q->renamed_column ? q->renamed_column(q->context, table, from, to)
                                        : CORM_QUESTION_OPEN;
    return ask_moved(d, answer, &question);
}

int corm__ask_renamed_table(detector *d, const corm_table *const *candidates, size_t n,
                            const corm_table *to, size_t *which) {
    const corm_questions *q = d->questions;
    int answer = 0;
    const char **names = corm__arena_array(d->arena, n + 1, sizeof *names);
    if (!names) return corm__fail_memory(d->error);
    for (*which = 0; *which < n; ++*which) {
        answer = q && q->renamed_table ? q->renamed_table(q->context, candidates[*which], to)
                                       : CORM_QUESTION_OPEN;
        if (answer == CORM_QUESTION_STOP) return stopped(d);
        if (answer > 0) return 1;
        if (answer < 0) break;
    }
    if (answer == 0) return 0;
    for (size_t i = 0; i < n; i++) names[i] = candidates[i]->name;
    const char *list = list_names(d->arena, names, n);
    const char *where =
        corm__is_model(to)
            ? corm__arena_printf(d->arena, "write renamed_from(\"%s\") in model %s", names[0],
                                 to->model)
            : "write .renamed_from = \"...\" at the many_to_many that the table is of";
    corm_open_question question = {
        .kind = "renamed_table",
        .app = to->app,
        .table = to->name,
        .text = !list ? NULL
                      : corm__arena_printf(d->arena, "app %s: was table %s renamed to %s?",
                                           to->app, list, to->name),
        .write = !where ? NULL
                        : corm__arena_printf(d->arena,
                                             "If so, %s. If not, run makemigrations once with %s "
                                             "removed and once with %s added.",
                                             where, names[0], to->name)
    };
    int status = open_question(d, &question);
    return status ? status : in_doubt(d, to->name);
}

static int no_fill(detector *d, const char *kind, const corm_table *table,
                   const corm_column *column, const char *text) {
    const char *doubt = corm__arena_printf(d->arena, "%s.%s", table->name, column->name);
    if (!doubt) return corm__fail_memory(d->error);
    if (corm__map_get(&d->in_doubt, table->name) || corm__map_get(&d->in_doubt, doubt))
        return 0; /* that question comes first */
    corm_open_question question = { .kind = kind,
                                    .app = table->app,
                                    .table = table->name,
                                    .column = column->name,
                                    .text = corm__arena_printf(d->arena, "table %s: column %s %s",
                                                               table->name, column->name, text),
                                    .write = corm__arena_printf(
                                        d->arena,
                                        "Write .default_value = DEFAULT(...) or .null = true (an "
                                        "optional_ kind) at %s in model %s.",
                                        column->name, corm__thing(d, table->name)) };
    return open_question(d, &question);
}

int corm__ask_fill(detector *d, const corm_table *table, const corm_column *column,
                   corm_default *fill) {
    const corm_questions *q = d->questions;
    int answer =
        q && q->fill ? q->fill(q->context, table, column, fill, d->arena) : CORM_QUESTION_OPEN;
    if (answer == CORM_QUESTION_STOP) return stopped(d);
    if (answer > 0) return 0;
    *fill = (corm_default){ 0 };
    return no_fill(d, "fill", table, column,
                   "is NOT NULL and has no default; what do the rows get that are there?");
}

int corm__ask_not_null(detector *d, const corm_table *table, const corm_column *before,
                       const corm_column *after, corm_default *fill) {
    const corm_questions *q = d->questions;
    if (!q || !q->not_null) return corm__ask_fill(d, table, after, fill);
    int answer = q->not_null(q->context, table, before, after, fill, d->arena);
    if (answer == CORM_QUESTION_STOP) return stopped(d);
    if (answer <= 0) *fill = (corm_default){ 0 };
    if (answer >= 0) return 0;
    return no_fill(d, "not_null", table, after,
                   "is NOT NULL now and has no default; what do the rows get that have NULL?");
}
