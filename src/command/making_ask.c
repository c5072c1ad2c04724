/* The questions of makemigrations: asked on a terminal; elsewhere noted, and all printed in the end
 * with what to write in the model. Nothing is written before the last answer, so that whoever stops
 * at a question leaves things as they were. */
#include "base/ascii.h"
#include "base/real.h"
#include "command/making.h"
#include "model/model.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A line from the terminal without its end; false at the end of input. */
static bool read_answer(char *out, size_t size) {
    fflush(stdout);
    if (!fgets(out, (int)size, stdin)) return false;
    size_t length = strcspn(out, "\r\n");
    bool whole = out[length] || length + 1 < size;
    out[length] = 0;
    return whole;
}

int corm__making_yes_or_no(const char *question) {
    char answer[64];
    for (;;) {
        printf("%s [y/N] ", question);
        if (!read_answer(answer, sizeof answer)) break;
        if (!*answer || corm__compare_nocase(answer, "n") == 0 ||
            corm__compare_nocase(answer, "no") == 0)
            return 0;
        if (corm__compare_nocase(answer, "y") == 0 || corm__compare_nocase(answer, "yes") == 0)
            return 1;
    }
    putchar('\n');
    return CORM_QUESTION_STOP;
}

/* --- renames; with --check no answer changes the result --- */

static int renamed(corm_making *m, const char *question) {
    if (!question) return CORM_QUESTION_STOP;
    return m->check ? 0 : m->asks ? corm__making_yes_or_no(question) : CORM_QUESTION_OPEN;
}

static int renamed_column(void *context, const corm_table *table, const corm_column *from,
                          const corm_column *to) {
    corm_making *m = context;
    if (!table->model || !*table->model)
        return renamed(m, corm__arena_printf(&m->context->arena,
                                             "Many-to-many table %s refers to %s instead of %s "
                                             "now. Do its rows stay, with the numbers that they "
                                             "have? (No: they go.)",
                                             table->name, to->references.table,
                                             from->references.table));
    return renamed(m, corm__arena_printf(&m->context->arena, "Was column %s of %s renamed to %s?",
                                         from->name, table->name, to->name));
}

static int renamed_table(void *context, const corm_table *from, const corm_table *to) {
    corm_making *m = context;
    return renamed(m, corm__arena_printf(&m->context->arena, "Was table %s renamed to %s?",
                                         from->name, to->name));
}

/* --- values --- */

/* What stands between quotes, so that '' is an empty text; any other answer as it is. */
static const char *unquoted(const char *answer, corm_arena *arena) {
    size_t length = strlen(answer), n = 0;
    if (length < 2 || *answer != '\'' || answer[length - 1] != '\'') return answer;
    char *text = corm__arena_strndup(arena, answer + 1, length - 2);
    for (const char *p = text; text && *p; p++) {
        text[n++] = *p;
        if (p[0] == '\'' && p[1] == '\'') p++;
    }
    if (text) text[n] = 0;
    return text;
}

/* The model's own idea of the column; NULL: it has none. */
static const corm_field *field_of(const corm_making *m, const corm_table *table,
                                  const corm_column *column) {
    for (const corm_app *const *app = m->context->apps; *app; app++)
        for (const corm_model *const *const *model = (*app)->models; model && *model; model++)
            for (size_t i = 0;
                 strcmp((**model)->table, table->name) == 0 && i < (**model)->n_fields; i++)
                if (corm__field_gives(&(**model)->fields[i], column->name))
                    return &(**model)->fields[i];
    return NULL;
}

/* The labels of an enumeration, or the .choices, joined; NULL: any text may stand there. */
static bool is_allowed(const corm_field *field, const corm_default *value, corm_buffer *list) {
    bool found = false, any = false;
    size_t length;
    const char *choice;
    if (!field || value->kind != CORM_DEFAULT_TEXT) return true;
    if (field->kind == CORM_ENUMERATION)
        for (size_t i = 0; field->labels && field->labels->labels[i]; i++, any = true) {
            corm__buffer_printf(list, "%s%s", i ? ", " : "", field->labels->labels[i]);
            found |= strcmp(field->labels->labels[i], value->text) == 0;
        }
    else
        for (size_t i = 0; (choice = corm__choice_at(field->choices, i, &length));
             i++, any = true) {
            corm__buffer_printf(list, "%s%.*s", i ? ", " : "", (int)length, choice);
            found |= strlen(value->text) == length && memcmp(value->text, choice, length) == 0;
        }
    return found || !any;
}

/* "= expression" is SQL; now the present moment; true or false for a boolean; a whole or a real
 * number where that is all of the answer; else the text as it is. False: it does not fit. */
static bool parse_value(const char *answer, const corm_column *column, corm_arena *arena,
                        corm_default *out) {
    bool whole = column->kind <= CORM_BOOLEAN || column->kind == CORM_INTERVAL,
         real = column->kind == CORM_REAL || column->kind == CORM_DOUBLE_PRECISION;
    bool now = column->kind == CORM_TIMESTAMP && corm__compare_nocase(answer, "now") == 0;
    char *end = NULL;
    *out = (corm_default){ .kind = *answer == '=' || now ? CORM_DEFAULT_SQL : CORM_DEFAULT_TEXT };
    out->text = corm__arena_strdup(arena, now              ? "CURRENT_TIMESTAMP"
                                          : *answer == '=' ? answer + 1 + strspn(answer + 1, " ")
                                                           : answer);
    if (!out->text || out->kind == CORM_DEFAULT_SQL) return out->text && *out->text;
    errno = 0;
    if (column->kind == CORM_BOOLEAN &&
        (corm__compare_nocase(answer, "true") == 0 || corm__compare_nocase(answer, "false") == 0))
        *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER,
                               .integer = corm__to_lower(*answer) == 't' };
    else if (whole)
        *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = strtoll(answer, &end, 10) };
    else if (real)
        *out = (corm_default){ .kind = CORM_DEFAULT_REAL, .real = corm__real_parse(answer, &end) };
    return (!end || (*answer && !*end && errno == 0)) && corm__value_fits(column, out) == 0;
}

/* As it will stand in the migration. */
static void show_value(const corm_default *value) {
    char number[CORM_REAL_TEXT];
    switch (value->kind) {
    case CORM_DEFAULT_INTEGER:
        printf("  .fill = CORM_DEFAULT(%" PRId64 ")\n", value->integer);
        break;
    case CORM_DEFAULT_REAL:
        printf("  .fill = CORM_DEFAULT(%s)\n", corm__real_text(value->real, number));
        break;
    case CORM_DEFAULT_TEXT: printf("  .fill = CORM_DEFAULT(\"%s\")\n", value->text); break;
    case CORM_DEFAULT_SQL:
        printf("  .fill = CORM_DEFAULT_EXPRESSION(\"%s\")\n", value->text);
        break;
    case CORM_DEFAULT_NONE: break;
    }
}

static int ask_value(corm_making *m, const corm_table *table, const corm_column *column,
                     corm_default *out, corm_arena *arena) {
    char answer[1024];
    for (bool fits = false; !fits;) {
        printf("A value%s, or = and an SQL expression; nothing to stop: ",
               column->kind == CORM_TIMESTAMP ? ", now" : "");
        if (!read_answer(answer, sizeof answer) || !*answer) return CORM_QUESTION_STOP;
        const char *value = unquoted(answer, arena);
        corm_buffer list = { 0 };
        if (!value || !parse_value(value, column, arena, out))
            printf("\"%s\" does not fit the kind %s.\n", answer, corm_kind_name(column->kind));
        else if (!(fits = is_allowed(field_of(m, table, column), out, &list)))
            printf("\"%s\" is none of: %s.\n", answer, corm__buffer_text(&list));
        corm__buffer_release(&list);
    }
    show_value(out);
    return 1;
}

static int any_value(corm_default *out) {
    *out = (corm_default)CORM_DEFAULT_EXPRESSION("NULL"); /* of each kind */
    return 1;
}

static int fill(void *context, const corm_table *table, const corm_column *column,
                corm_default *out, corm_arena *arena) {
    corm_making *m = context;
    if (m->check) return any_value(out);
    if (!m->asks) return CORM_QUESTION_OPEN;
    printf("Column %s (%s) of %s is new, NOT NULL, and has no default. What do the rows get that "
           "are there?\n",
           column->name, corm_kind_name(column->kind), table->name);
    return ask_value(m, table, column, out, arena);
}

static int not_null(void *context, const corm_table *table, const corm_column *before,
                    const corm_column *after, corm_default *out, corm_arena *arena) {
    (void)before;
    corm_making *m = context;
    if (m->check) return any_value(out);
    if (!m->asks) return CORM_QUESTION_OPEN;
    printf("Column %s (%s) of %s was NULL, is NOT NULL now, and has no default. What do the rows "
           "get that have NULL?\n"
           "  1  a value, once\n"
           "  2  nothing: none of them has NULL, I have seen to that\n"
           "  3  stop, and give the column a default in the model\n",
           after->name, corm_kind_name(after->kind), table->name);
    for (char answer[64];;) {
        printf("1, 2 or 3: ");
        if (!read_answer(answer, sizeof answer) || strcmp(answer, "3") == 0)
            return CORM_QUESTION_STOP;
        if (strcmp(answer, "1") == 0) return ask_value(m, table, after, out, arena);
        if (strcmp(answer, "2") == 0) return 0;
    }
}

/* --- what nobody answered --- */

int corm__making_note(corm_making *m, const corm_open_question *question) {
    corm_question_list *list = &m->open;
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 8;
        corm_open_question *larger =
            corm__arena_array(&m->context->arena, capacity, sizeof *larger);
        if (!larger) return CORM_ERROR_MEMORY;
        if (list->n) memcpy(larger, list->items, list->n * sizeof *larger);
        list->items = larger;
        list->capacity = capacity;
    }
    list->items[list->n++] = *question;
    return 0;
}

/* Out of memory here leaves one out; the status of the detection is the same. */
static void note(void *context, const corm_open_question *question) {
    corm__making_note(context, question);
}

corm_questions corm__making_questions(corm_making *m) {
    return (corm_questions){ .renamed_column = renamed_column,
                             .renamed_table = renamed_table,
                             .fill = fill,
                             .not_null = not_null,
                             .open = note,
                             .context = m };
}

static int print_json(corm_making *m, const corm_open_question *q) {
    json_t *object = json_pack("{s:s, s:s}", "event", "question", "kind", q->kind);
    corm__json_set(&object, "app", corm__json_text(q->app));
    corm__json_set(&object, "table", corm__json_text(q->table));
    corm__json_set(&object, "column", corm__json_text(q->column));
    corm__json_set(&object, "text", corm__json_text(q->text));
    corm__json_set(&object, "write", corm__json_text(q->write));
    return corm__json_line(m->context, object);
}

int corm__making_print_open(corm_making *m) {
    for (size_t i = 0; i < m->open.n; i++) {
        const corm_open_question *q = &m->open.items[i];
        int status = m->json ? print_json(m, q) : 0;
        if (status) return status;
        if (!m->json)
            corm_context_fail(m->context, CORM_EXIT_NEEDS_ANSWER, "%s%s%s", q->text,
                              corm__before_hint(q->text, q->write), q->write);
    }
    return CORM_EXIT_NEEDS_ANSWER;
}
