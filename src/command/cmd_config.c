#include "command/command.h"
#include "settings/settings_internal.h"
#include <string.h>

static bool fits(const corm_setting *setting, const char *engine) {
    const char *found = setting->engines ? strstr(setting->engines, engine)
                                         : engine; /* no engine's name is part of another's */
    return found != NULL;
}

static const char *shown(const corm_settings *settings, const char *alias,
                         const corm_setting *setting) {
    const char *value = corm_settings_get(settings, alias, setting->name);
    return value && setting->secret ? "***" : value;
}

static int width(const char *text) {
    int n = 0;
    for (; *text; text++) n += (*text & 0xC0) != 0x80;
    return n;
}

static void add_cell(corm_buffer *line, const char *text, int to) {
    corm__buffer_puts(line, text);
    for (int n = width(text); n < to + 2; n++) corm__buffer_putc(line, ' ');
}

/* One database: a line for each setting that its engine has. */
static int print_database(const corm_context *context, const corm_settings *settings,
                          const char *alias) {
    enum { WIDEST = 60 };
    const char *engine = corm_settings_get(settings, alias, "engine");
    int names = 0, values = 0;
    for (const corm_setting *setting = corm__settings_table; setting->name; setting++) {
        const char *value = shown(settings, alias, setting);
        int n = value ? width(value) : 1;
        if (!fits(setting, engine)) continue;
        if (width(setting->name) > names) names = width(setting->name);
        if (n > values && n <= WIDEST) values = n;
    }
    printf("%s%s%s  %s\n", corm__color(context, stdout, CORM_BOLD), alias,
           corm__color(context, stdout, CORM_PLAIN), corm_settings_describe(settings, alias));
    corm_buffer line = { 0 };
    for (const corm_setting *setting = corm__settings_table; setting->name; setting++) {
        if (!fits(setting, engine)) continue;
        const char *value = shown(settings, alias, setting),
                   *source = corm_settings_source(settings, alias, setting->name);
        corm__buffer_reset(&line);
        corm__buffer_puts(&line, "  ");
        add_cell(&line, setting->name, names);
        add_cell(&line, value ? value : "-", values);
        corm__buffer_puts(&line, value ? source : "not set");
        if (corm__buffer_broken(&line)) break;
        corm__print_line(stdout, corm__buffer_text(&line));
    }
    bool broken = corm__buffer_broken(&line);
    corm__buffer_release(&line);
    return broken ? CORM_ERROR_MEMORY : 0;
}

/* They are the process's, and stand with its default database. */
static json_t *notes_json(const corm_settings *settings) {
    json_t *all = json_array();
    for (const char *const *note = corm_settings_notes(settings); *note; note++)
        corm__json_append(&all, corm__json_text(*note));
    return all;
}

static json_t *database_json(const corm_settings *settings, const char *alias) {
    json_t *all = json_object();
    const char *engine = corm_settings_get(settings, alias, "engine");
    for (const corm_setting *setting = corm__settings_table; setting->name; setting++) {
        if (!fits(setting, engine)) continue;
        json_t *one = json_pack(
            "{s:o, s:o, s:b}", "value", corm__json_text(shown(settings, alias, setting)), "source",
            corm__json_text(corm_settings_source(settings, alias, setting->name)), "secret",
            (int)setting->secret);
        corm__json_set(&all, setting->name, one);
    }
    json_t *database =
        json_pack("{s:o, s:o}", "description",
                  corm__json_text(corm_settings_describe(settings, alias)), "settings", all);
    if (strcmp(alias, "default") == 0) corm__json_set(&database, "notes", notes_json(settings));
    return database;
}

static int print_json(corm_context *context, const corm_settings *settings) {
    json_t *databases = json_object();
    for (const char *const *alias = corm_settings_aliases(settings); *alias; alias++)
        corm__json_set(&databases, *alias, database_json(settings, *alias));
    return corm__json_line(context, databases);
}

static int run(corm_context *context) {
    const corm_settings *settings = corm_context_settings(context);
    if (!settings) return corm_context_status(context);
    if (corm_flag(context, "json")) return print_json(context, settings);
    for (const char *const *alias = corm_settings_aliases(settings); *alias; alias++) {
        if (alias != corm_settings_aliases(settings)) putchar('\n');
        if (print_database(context, settings, *alias)) return corm__no_memory(context);
    }
    const char *const *notes = corm_settings_notes(settings);
    for (size_t i = 0; notes[i]; i++) {
        fputs(i ? "note: " : "\nnote: ", stdout);
        corm__print_line(stdout, notes[i]);
    }
    return CORM_EXIT_OK;
}

static const corm_option options[] = {
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL,
      "one line of JSON: for each database its settings with value and source" },
    { 0 },
};
const corm_command corm__cmd_config = {
    "config",
    "Prints every setting with its value and where it comes from",
    NULL,
    "Nothing is connected to. Passwords are shown as ***. A value comes from the first of: the "
    "command line, the environment, .env files, "
    "the default; what is not set is left to the database's client library. Notes at the end (with "
    "--json, notes of the default database) say what was left out.",
    options,
    run,
};
