/* What the checks say, and the names of all things. */
#include "base/real.h"
#include "model/checks.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char *format_text(corm_checker *checker, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = corm__vformat(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : corm__arena_bytes(checker->out->arena, (size_t)length + 1);
    if (text)
        corm__vformat(text, (size_t)length + 1, format, arguments);
    else
        checker->broken = true;
    return text;
}

const char *corm__check_text(corm_checker *checker, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_text(checker, format, arguments);
    va_end(arguments);
    return text ? text : "";
}

corm_check_message *corm__check_new(corm_check_messages *out) {
    if (out->count == out->capacity) {
        size_t capacity = out->capacity ? out->capacity * 2 : 16;
        corm_check_message *items = corm__arena_array(out->arena, capacity, sizeof *items);
        if (!items) return NULL;
        if (out->count) memcpy(items, out->items, out->count * sizeof *items);
        out->items = items;
        out->capacity = capacity;
    }
    return &out->items[out->count++];
}

void corm__check_say(corm_checker *checker, corm_check_level level, const char *id,
                     const char *member, const char *hint, const char *format, ...) {
    const corm_model *model = checker->model;
    const char *app = checker->app && checker->app->name ? checker->app->name : "?";
    va_list arguments;
    va_start(arguments, format);
    const char *message = format_text(checker, format, arguments);
    va_end(arguments);
    const char *name = model ? model->name : checker->migration ? checker->migration->name : NULL;
    const char *object =
        name ? corm__check_text(checker, member ? "%s.%s.%s" : "%s.%s", app, name, member) : app;
    corm_check_message *item = checker->broken ? NULL : corm__check_new(checker->out);
    if (!item) {
        checker->broken = true;
        return;
    }
    const char *file = model ? model->file : checker->app ? checker->app->file : NULL;
    *item = (corm_check_message){ level,   id,  file ? file : "?", model ? model->line : 0, object,
                                  message, hint };
}

void corm__check_identifier(corm_checker *checker, const char *member, const char *what,
                            const char *name) {
    size_t limit = checker->backend && checker->backend->features->max_identifier > 0
                       ? (size_t)checker->backend->features->max_identifier
                       : 63;
    /* Lists of names have commas between them. */
    bool bad = !name || !*name || *name == ' ' || name[strlen(name) - 1] == ' ',
         odd = name && *name >= '0' && *name <= '9', upper = false;
    char folded[64] = "";
    for (const char *p = name; p && *p; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                      (*p >= '0' && *p <= '9') || *p == '_' || (unsigned char)*p >= 0x80;
        odd |= !letter;
        bad |= (unsigned char)*p < ' ' || strchr(",\"'`\\;", *p);
        upper |= *p >= 'A' && *p <= 'Z';
        if (p - name < 63) folded[p - name] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    }
    if (bad)
        CORM_SAY_ERROR(
            checker, "models.E010", member, "use letters, digits and _, and begin with a letter",
            "the %s name '%s' has characters that SQL does not take", what, name ? name : "");
    else if (strlen(name) > limit)
        CORM_SAY_ERROR(checker, "models.E011", member, "give it a shorter name",
                       "the %s name '%s' has %zu bytes: databases take %zu", what, name,
                       strlen(name), limit);
    else if (corm__identifier_is_reserved(folded))
        CORM_SAY_WARNING(
            checker, "models.W001", member,
            "rename it, or quote it in SQL that you write by hand; corm itself always does",
            "the %s name '%s' is a reserved word of SQL", what, name);
    else if (odd)
        CORM_SAY_WARNING(checker, "models.W005", member,
                         "use letters, digits and _, or quote it in SQL that you write by hand",
                         "the %s name '%s' needs quotes in SQL", what, name);
    else if (upper)
        CORM_SAY_WARNING(checker, "models.W002", member,
                         "use lower case with _, or quote it in SQL that you write by hand",
                         "the %s name '%s' has upper-case letters, which databases fold", what,
                         name);
}
