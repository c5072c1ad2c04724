/* makemigrations --merge: of several latest migrations of an app one that stands on all of them.
 * Where no operation of one branch touches what one of the other touches, their order does not
 * matter and nothing is asked. */
#include "command/making.h"
#include "migrate/detect/autodetect.h"
#include "migrate/detect/naming.h"
#include <string.h>

static int print_branches(corm_making *m, const char *app, const corm_branch *branches, size_t n) {
    if (m->json) return 0;
    printf("Merging %s\n", app);
    for (size_t i = 0; i < n; i++) {
        printf("  Branch %s\n", branches[i].leaf->name);
        for (size_t k = 0; k < branches[i].n; k++) {
            printf("    %s\n", branches[i].migrations[k]->name);
            for (const corm_operation *o = branches[i].migrations[k]->body->operations;
                 o && o->kind; o++) {
                char *text = corm__operation_describe(o, &m->context->arena);
                if (!text) return corm__making_no_memory(m);
                printf("      %s\n", text);
            }
        }
    }
    return 0;
}

/* Asks about one conflict; 1: merge all the same. */
static int ask(corm_making *m, const corm_branch *a, const corm_branch *b, const char *conflict) {
    corm_arena *arena = &m->context->arena;
    const char *app = a->leaf->app;
    if (m->check) return 1;
    if (m->asks) {
        printf("%s and %s: %s. A database that has one branch gets the other after it, so both "
               "orders will happen.\n",
               a->leaf->name, b->leaf->name, conflict);
        return corm__making_yes_or_no(
            "Do both orders end in the same tables? Then they can be merged.");
    }
    corm_open_question question = {
        .kind = "merge",
        .app = app,
        .text = corm__arena_printf(arena, "app %s: can %s and %s be merged? %s", app, a->leaf->name,
                                   b->leaf->name, conflict),
        .write = corm__arena_printf(arena, "Let the .depends_on of one of them name the other, in "
                                           "the order that is right, and let it fit the tables as "
                                           "the other leaves them; or answer on a terminal."),
    };
    if (!question.text || !question.write || corm__making_note(m, &question))
        return corm__making_no_memory(m);
    return CORM_QUESTION_OPEN;
}

/* 1: they can be merged; 0: not; CORM_QUESTION_OPEN; or an exit status above 1. */
static int check_conflicts(corm_making *m, const corm_branch *branches, size_t n) {
    int result = 1;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            const char *conflict = NULL;
            if (corm__branches_commute(&branches[i], &branches[k], &m->context->arena, &conflict,
                                       &m->error))
                return corm__making_failed(m);
            int answer = conflict ? ask(m, &branches[i], &branches[k], conflict) : 1;
            if (answer == CORM_QUESTION_OPEN)
                result = answer;
            else if (answer != 1)
                return answer;
        }
    return result;
}

static int add_merge(corm_making *m, const char *app, const corm_branch *branches, size_t n) {
    corm_arena *arena = &m->context->arena;
    const char **depends_on = corm__arena_array(arena, n + 1, sizeof *depends_on),
               **labels = corm__arena_array(arena, n + 1, sizeof *labels);
    corm_operation *none = corm__arena_zalloc(arena, sizeof *none);
    if (!depends_on || !labels || !none) return corm__making_no_memory(m);
    const char *last = branches[0].leaf->name;
    labels[0] = "merge";
    for (size_t i = 0; i < n; i++) {
        const char *name = branches[i].leaf->name;
        labels[i + 1] = name;
        if (corm__migration_number(name) > corm__migration_number(last)) last = name;
        if (!(depends_on[i] = corm__arena_printf(arena, "%s.%s", app, name)))
            return corm__making_no_memory(m);
    }
    m->items[m->n] = (corm_new_migration){ .app = app,
                                           .name = corm__migration_name(last, labels, n + 1, arena),
                                           .depends_on = depends_on,
                                           .operations = none };
    return m->items[m->n++].name ? 0 : corm__making_no_memory(m);
}

static int merge_app(corm_making *m, const char *app) {
    corm_branch *branches;
    size_t n;
    if (corm__graph_branches(m->graph, app, &m->context->arena, &branches, &n, &m->error))
        return corm__making_failed(m);
    if (n < 2) return 0;
    int status = print_branches(m, app, branches, n);
    if (status) return status;
    int answer = check_conflicts(m, branches, n);
    if (answer == CORM_QUESTION_STOP || answer == 0)
        return corm_context_fail(m->context, CORM_EXIT_NEEDS_ANSWER,
                                 "%s is not merged: nothing was written", app);
    if (answer > 1) return answer;
    return answer == CORM_QUESTION_OPEN ? 0 : add_merge(m, app, branches, n);
}

int corm__making_merge(corm_making *m) {
    size_t n = 0;
    while (m->context->apps[n]) n++;
    if (!(m->items = corm__arena_array(&m->context->arena, n + 1, sizeof *m->items)))
        return corm__making_no_memory(m);
    int status = 0;
    for (size_t i = 0; !status && i < n; i++)
        if (corm__making_wants(m, m->context->apps[i]->name))
            status = merge_app(m, m->context->apps[i]->name);
    return status || !m->open.n ? status : corm__making_print_open(m);
}
