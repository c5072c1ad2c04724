/* Settings: what each database of the process is configured with.
 *
 * Each database has one value for each row of the table. For the default database it is merged from
 * the URL and from variables of its own (DB_HOST …); the other databases have a URL alone for what
 * says where they are, and share the rest. Values of a higher level (argument, environment, files,
 * default) win. At the same level a URL and a part that differ are an error; a part of a lower
 * level that differs shows that all parts of that level are about another database, so none of
 * them, least of all the password, is mixed into this one. */
#include "base/ascii.h"
#include "base/buffer.h"
#include "base/closest.h"
#include "base/error.h"
#include "settings/parse.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct database {
    const char *alias;
    corm_setting_value *values; /* one for each row of the table */
    const char *description;
    corm_parameter *parameters; /* for the backend */
} database;

struct corm_settings {
    corm_arena arena;
    corm_sources sources;
    database *databases; /* the default one first */
    size_t n;
    const char **aliases;
    const char **notes;
};

static bool is_identity(size_t row) {
    return row >= CORM_SETTING_ENGINE && row < CORM_SETTING_FIRST_OPTION;
}
static bool differ(const corm_setting_value *a, const corm_setting_value *b) {
    return a->text && b->text && strcmp(a->text, b->text) != 0;
}

/* --- what a URL says --- */

static int unknown_parameter(const corm_url *url, const corm_url_parameter *parameter,
                             const corm_setting *known, const char *source,
                             corm_error_info *error) {
    char shown[64];
    const char *names[64];
    size_t n = 0;
    corm_buffer list = { 0 };
    for (const corm_setting *s = corm__settings_table + CORM_SETTING_FIRST_OPTION;
         s->name && n < 64; s++)
        if (corm__setting_fits(s, url->engine)) {
            corm__buffer_printf(&list, "%s%s", n ? " " : "", s->name);
            names[n++] = s->name;
        }
    corm__setting_show(NULL, parameter->name, shown, sizeof shown);
    if (known)
        corm__fail(error, CORM_ERROR_SETTINGS, "%s: column %zu: %s has no parameter \"%s\"", source,
                   parameter->column, url->engine, shown);
    else
        corm__fail(error, CORM_ERROR_SETTINGS, "%s: column %zu: unknown parameter \"%s\"", source,
                   parameter->column, shown);
    const char *meant = corm__closest(parameter->name, names, n);
    if (strcmp(parameter->name, "pool_size") == 0)
        corm__error_hint(error, "there is no pool of connections; leave it out");
    else if (meant)
        corm__error_hint(error, "did you mean \"%s\"?", meant);
    else
        corm__error_hint(error, "known are %s", corm__buffer_text(&list));
    corm__buffer_release(&list);
    return CORM_ERROR_SETTINGS;
}

static int doubtful_parameter(const corm_url_parameter *parameter, const char *source,
                              corm_error_info *error) {
    corm__fail(error, CORM_ERROR_SETTINGS,
               "%s: column %zu: a parameter that is unknown or has a value that is not allowed",
               source, parameter->column);
    corm__error_hint(error, "an @ follows: if this is a piece of the password, write %%3F for its "
                            "?, and %%40 for an @");
    return CORM_ERROR_SETTINGS;
}

/* Checks one value of the URL into its row. */
static int set_from_url(corm_settings *settings, size_t row, const char *text,
                        const corm_setting_value *url, corm_setting_value *values,
                        corm_error_info *error) {
    if (!text) return 0;
    values[row].level = url->level;
    return corm__setting_check(&corm__settings_table[row], text, url->source, &settings->arena,
                               &values[row], error);
}

static bool is_quoted(const char *text) {
    size_t length = strlen(text);
    return length > 1 && (*text == '"' || *text == '\'') && text[length - 1] == *text;
}

/* The quotes of DATABASE_URL="postgresql://…" in a file that no shell reads. */
static int unquote_url(corm_settings *settings, corm_setting_value *url) {
    if (!is_quoted(url->text)) return 0;
    url->text = corm__arena_strndup(&settings->arena, url->text + 1, strlen(url->text) - 2);
    if (!url->text) return CORM_ERROR_MEMORY;
    return corm__note_settings(&settings->sources, "%s: the quotes around it are left out",
                               url->source);
}

static int read_url(corm_settings *settings, corm_setting_value *source, corm_setting_value *values,
                    corm_error_info *error) {
    corm_url url;
    if (unquote_url(settings, source)) return corm__fail_memory(error);
    int status = corm__url_parse(source->text, source->source, &settings->arena, &url, error);
    if (status) return status;
    values[CORM_SETTING_URL] = *source;
    const struct {
        size_t row;
        const char *text;
    } parts[] = {
        { CORM_SETTING_ENGINE, url.engine },    { CORM_SETTING_HOST, url.host },
        { CORM_SETTING_PORT_NUMBER, url.port }, { CORM_SETTING_NAME, url.name },
        { CORM_SETTING_USER, url.user },        { CORM_SETTING_PASSWORD, url.password },
    };
    for (size_t i = 0; !status && i < sizeof parts / sizeof *parts; i++)
        status = set_from_url(settings, parts[i].row, parts[i].text, source, values, error);
    for (size_t i = 0; !status && i < url.n_parameters; i++) {
        int row = corm__setting_find(url.parameters[i].name);
        const corm_setting *known = row < 0 ? NULL : &corm__settings_table[row];
        if (row < CORM_SETTING_FIRST_OPTION || !corm__setting_fits(known, url.engine))
            status = unknown_parameter(&url, &url.parameters[i], known, source->source, error);
        else
            status =
                set_from_url(settings, (size_t)row, url.parameters[i].value, source, values, error);
        if (status == CORM_ERROR_SETTINGS && url.doubtful)
            return doubtful_parameter(&url.parameters[i], source->source, error);
    }
    return status;
}

/* --- merging --- */

/* The variable of a row; empty counts as not set. */
static int read_variable(corm_settings *settings, size_t row, corm_setting_value *out,
                         corm_error_info *error) {
    const corm_setting *setting = &corm__settings_table[row];
    int status = corm__sources_get(&settings->sources, setting->environment, setting->environment2,
                                   out, error);
    if (status || !out->text) return status;
    if (setting->type == CORM_SETTING_TEXT && is_quoted(out->text) &&
        corm__note_settings(&settings->sources, "%s: the quotes around it are taken as part of it",
                            out->source))
        return corm__fail_memory(error);
    if (*out->text)
        return corm__setting_check(setting, out->text, out->source, &settings->arena, out, error);
    *out = (corm_setting_value){ 0 };
    return 0;
}

/* All parts below level are about another database. */
static void drop_below(corm_setting_value *parts, corm_level level) {
    for (size_t i = 0; i < CORM_SETTING_FIRST_OPTION; i++)
        if (is_identity(i) && parts[i].level < level) parts[i] = (corm_setting_value){ 0 };
}

static bool has_server_part(const corm_setting_value *values, corm_level below) {
    for (size_t i = 0; i < CORM_SETTING_FIRST_OPTION; i++)
        if (values[i].text && corm__settings_table[i].engines && values[i].level < below)
            return true;
    return false;
}

static void drop_what_is_about_another(corm_setting_value *url, corm_setting_value *parts) {
    const corm_setting_value *engine = &parts[CORM_SETTING_ENGINE];
    corm_level level =
        url[CORM_SETTING_URL].text ? url[CORM_SETTING_URL].level : CORM_LEVEL_DEFAULT;
    if (differ(engine, &url[CORM_SETTING_ENGINE]) && engine->level > level) {
        memset(url, 0, corm__settings_count * sizeof *url);
        level = CORM_LEVEL_DEFAULT;
    }
    for (size_t i = 0; i < CORM_SETTING_FIRST_OPTION; i++)
        if (is_identity(i) && i != CORM_SETTING_PASSWORD && differ(&parts[i], &url[i]) &&
            parts[i].level < level)
            drop_below(parts, level);
    const corm_setting_value *wins =
        url[CORM_SETTING_ENGINE].text ? &url[CORM_SETTING_ENGINE] : engine;
    if (wins->text && strcmp(wins->text, "sqlite") == 0 && has_server_part(parts, wins->level))
        drop_below(parts, wins->level);
}

static int conflict(const corm_setting *setting, const corm_setting_value *a,
                    const corm_setting_value *b, corm_error_info *error) {
    char first[128], second[128];
    if (setting->secret) {
        corm__fail(error, CORM_ERROR_SETTINGS, "%s and %s give different values for %s", a->source,
                   b->source, setting->name);
    } else {
        corm__setting_show(setting, a->text, first, sizeof first);
        corm__setting_show(setting, b->text, second, sizeof second);
        corm__fail(error, CORM_ERROR_SETTINGS,
                   "%s and %s give different values for %s: \"%s\" and \"%s\"", a->source,
                   b->source, setting->name, first, second);
    }
    corm__error_hint(error, "unset one of them, or make them equal");
    return CORM_ERROR_SETTINGS;
}

/* Into values, which hold what the URL says, what the parts say where it has a gap or they are of a
 * higher level. */
static int merge(corm_setting_value *values, const corm_setting_value *parts,
                 corm_error_info *error) {
    for (size_t i = CORM_SETTING_ENGINE; i < corm__settings_count; i++) {
        if (!parts[i].text) continue;
        if (!values[i].text || parts[i].level > values[i].level)
            values[i] = parts[i];
        else if (differ(&values[i], &parts[i]) && parts[i].level == values[i].level)
            return conflict(&corm__settings_table[i], &values[i], &parts[i], error);
    }
    return 0;
}

/* Another database has only its URL for what says where it is, and that wins for the rest too. */
static void share(corm_setting_value *values, const corm_setting_value *parts) {
    for (size_t i = CORM_SETTING_FIRST_OPTION; i < corm__settings_count; i++)
        if (!values[i].text) values[i] = parts[i];
}

static void set_default(corm_setting_value *value, const char *text, const char *source) {
    *value = (corm_setting_value){ .text = text,
                                   .source = source,
                                   .number = strcmp(text, "on") == 0 ? 1 : strtol(text, NULL, 10) };
}

static int no_server(const corm_setting_value *values, size_t row, corm_error_info *error) {
    char shown[128];
    const corm_setting *setting = &corm__settings_table[row];
    const corm_setting_value *engine = &values[CORM_SETTING_ENGINE];
    corm__setting_show(setting, values[row].text, shown, sizeof shown);
    corm__fail(
        error, CORM_ERROR_SETTINGS,
        "%s gives the %s \"%s\", but the engine is sqlite (from %s), which is a file and has none",
        values[row].source, setting->name, shown, engine->source);
    corm__error_hint(error, "unset it, or set DB_ENGINE=postgresql or a DATABASE_URL");
    return CORM_ERROR_SETTINGS;
}

/* Each host has its port or all have one. */
static int check_ports(const corm_setting_value *host, const corm_setting_value *port,
                       corm_error_info *error) {
    size_t hosts = 1, ports = 1;
    for (const char *p = host->text ? host->text : ""; *p; p++) hosts += *p == ',';
    for (const char *p = port->text ? port->text : ""; *p; p++) ports += *p == ',';
    if (ports == 1 || hosts == ports) return 0;
    corm__fail(error, CORM_ERROR_SETTINGS,
               "%s: there are %zu ports, but the number of hosts is %zu", port->source, ports,
               hosts);
    corm__error_hint(error,
                     "give one port for all hosts, or one for each, with commas between them");
    return CORM_ERROR_SETTINGS;
}

/* Defaults, and what does not fit the engine: an error when it says where the database is, else a
 * setting for another day. */
static int complete(corm_setting_value *values, corm_error_info *error) {
    corm_setting_value *engine = &values[CORM_SETTING_ENGINE], *name = &values[CORM_SETTING_NAME];
    if (!engine->text && values[CORM_SETTING_HOST].text)
        set_default(engine, "postgresql", values[CORM_SETTING_HOST].source);
    if (!engine->text)
        set_default(engine, corm__settings_table[CORM_SETTING_ENGINE].fallback, "default");
    for (size_t i = CORM_SETTING_ENGINE; i < corm__settings_count; i++) {
        const corm_setting *setting = &corm__settings_table[i];
        bool fits = corm__setting_fits(setting, engine->text);
        if (values[i].text && !fits && is_identity(i)) return no_server(values, i, error);
        if (!fits)
            values[i] = (corm_setting_value){ 0 };
        else if (!values[i].text && setting->fallback)
            set_default(&values[i], setting->fallback, "default");
    }
    if (!name->text && strcmp(engine->text, "sqlite") == 0)
        set_default(name, "db.sqlite3", "default");
    return check_ports(&values[CORM_SETTING_HOST], &values[CORM_SETTING_PORT_NUMBER], error);
}

/* --- databases --- */

static int finish(corm_settings *settings, database *db, corm_error_info *error) {
    int status = complete(db->values, error);
    if (status) return status;
    db->description = corm__settings_description(&settings->arena, db->values);
    db->parameters =
        corm__arena_array(&settings->arena, corm__settings_count + 1, sizeof *db->parameters);
    if (!db->description || !db->parameters) return corm__fail_memory(error);
    size_t n = 0;
    for (size_t i = 0; i < corm__settings_count; i++)
        if (corm__settings_table[i].parameter && db->values[i].text)
            db->parameters[n++] =
                (corm_parameter){ corm__settings_table[i].name, db->values[i].text };
    return 0;
}

static database *add_database(corm_settings *settings, const char *alias) {
    database *db = &settings->databases[settings->n];
    db->alias = alias;
    db->values = corm__arena_array(&settings->arena, corm__settings_count, sizeof *db->values);
    if (!db->values || !alias) return NULL;
    settings->n++;
    return db;
}

static int read_parts(corm_settings *settings, corm_setting_value *parts, corm_error_info *error) {
    int status = 0;
    for (size_t i = CORM_SETTING_ENGINE; !status && i < corm__settings_count; i++)
        status = read_variable(settings, i, &parts[i], error);
    return status;
}

static int load_default(corm_settings *settings, const corm_settings_options *options,
                        corm_setting_value *parts, corm_error_info *error) {
    database *db = add_database(settings, "default");
    if (!db) return corm__fail_memory(error);
    corm_setting_value url = { .text = options->url,
                               .source = "argument",
                               .level = CORM_LEVEL_ARGUMENT };
    int status = 0;
    if (!url.text)
        status = corm__sources_get(&settings->sources, "DATABASE_URL", NULL, &url, error);
    else if (!(url.text = corm__arena_strdup(&settings->arena, url.text)))
        status = corm__fail_memory(error);
    if (!status && url.text) status = read_url(settings, &url, db->values, error);
    if (status) return status;
    drop_what_is_about_another(db->values, parts);
    status = merge(db->values, parts, error);
    return status ? status : finish(settings, db, error);
}

static int load_alias(corm_settings *settings, const char *alias, const char *variable,
                      const corm_setting_value *parts, corm_error_info *error) {
    corm_setting_value url;
    int status = corm__sources_get(&settings->sources, variable, NULL, &url, error);
    if (status || !url.text) return status;
    for (size_t i = 0; i < settings->n; i++) {
        if (strcmp(settings->databases[i].alias, alias) != 0) continue;
        const char *other =
            i == 0 ? "DATABASE_URL" : settings->databases[i].values[CORM_SETTING_URL].source;
        corm__fail(error, CORM_ERROR_SETTINGS, "%s and %s are about the same database, %s",
                   url.source, other, alias);
        corm__error_hint(error, "unset one of them");
        return CORM_ERROR_SETTINGS;
    }
    database *db = add_database(settings, alias);
    if (!db) return corm__fail_memory(error);
    status = read_url(settings, &url, db->values, error);
    if (status) return status;
    share(db->values, parts);
    return finish(settings, db, error);
}

/* --- the aliases that the variables name --- */

static const char ALIAS_PREFIX[] = "DATABASE_URL_", MIGRATION[] = "MIGRATION_DATABASE_URL";

/* Without a _FILE at its end. */
static size_t base_length(const char *name, size_t length) {
    return length > 5 && memcmp(name + length - 5, "_FILE", 5) == 0 ? length - 5 : length;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The variables DATABASE_URL_<ALIAS> that are set, in order and each once. */
static int find_aliases(corm_settings *settings, const char ***out, size_t *n) {
    const size_t prefix = strlen(ALIAS_PREFIX);
    const char *name;
    size_t length, position = 0, most = 1;
    while (corm__sources_next(&settings->sources, &position, &name, &length)) most++;
    const char **found = corm__arena_array(&settings->arena, most, sizeof *found);
    if (!found) return CORM_ERROR_MEMORY;
    *n = position = 0;
    while (corm__sources_next(&settings->sources, &position, &name, &length)) {
        length = base_length(name, length);
        if (length <= prefix || memcmp(name, ALIAS_PREFIX, prefix) != 0) continue;
        found[*n] = corm__arena_strndup(&settings->arena, name, length);
        if (!found[(*n)++]) return CORM_ERROR_MEMORY;
    }
    qsort(found, *n, sizeof *found, compare_names);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (!kept || strcmp(found[kept - 1], found[i]) != 0) found[kept++] = found[i];
    *n = kept;
    *out = found;
    return 0;
}

static const char *lower_case(corm_arena *arena, const char *text) {
    char *copy = corm__arena_strdup(arena, text);
    for (char *p = copy; p && *p; p++) *p = corm__to_lower(*p);
    return copy;
}

static int load_databases(corm_settings *settings, const corm_settings_options *options,
                          corm_error_info *error) {
    const char **variables;
    size_t n;
    corm_setting_value *parts =
        corm__arena_array(&settings->arena, corm__settings_count, sizeof *parts);
    if (!parts || find_aliases(settings, &variables, &n)) return corm__fail_memory(error);
    settings->databases = corm__arena_array(&settings->arena, n + 2, sizeof *settings->databases);
    settings->aliases = corm__arena_array(&settings->arena, n + 3, sizeof *settings->aliases);
    if (!settings->databases || !settings->aliases) return corm__fail_memory(error);
    int status = read_parts(settings, parts, error);
    if (!status) status = load_default(settings, options, parts, error);
    if (!status) status = load_alias(settings, "migration", MIGRATION, parts, error);
    for (size_t i = 0; !status && i < n; i++) {
        const char *alias = lower_case(&settings->arena, variables[i] + strlen(ALIAS_PREFIX));
        status = alias ? load_alias(settings, alias, variables[i], parts, error)
                       : corm__fail_memory(error);
    }
    for (size_t i = 0; !status && i < settings->n; i++)
        settings->aliases[i] = settings->databases[i].alias;
    return status;
}

/* Kubernetes sets these beside a Service named db; other libraries have pools. */
static bool is_of_others(const char *name) {
    return strncmp(name, "DB_SERVICE_", 11) == 0 || strncmp(name, "DB_PORT_", 8) == 0 ||
           strcmp(name, "DB_POOL_SIZE") == 0;
}

/* A variable such as DB_PASSWD would silently be nothing. */
static void warn_of_misspelt(const corm_settings *settings) {
    const char *names[128], *name;
    size_t n = 0, length, position = 0;
    for (const corm_setting *s = corm__settings_table; s->name && n < 126; s++) {
        if (strncmp(s->environment, "DB_", 3) == 0) names[n++] = s->environment + 3;
        if (s->environment2) names[n++] = s->environment2 + 3;
    }
    while (settings->sources.warning &&
           corm__sources_next(&settings->sources, &position, &name, &length)) {
        char word[64];
        if (length < 5 || length >= sizeof word || memcmp(name, "DB_", 3) != 0) continue;
        corm__error_set(word, sizeof word, "%.*s", (int)length, name);
        if (is_of_others(word)) continue;
        const char *meant = corm__setting_variable(word) ? NULL : corm__closest(word + 3, names, n);
        if (meant)
            corm__warn_settings(&settings->sources, "%s is not a setting; did you mean DB_%s?",
                                word, meant);
    }
}

/* Whether it is said which the default database is, before any file is read. */
static bool is_known(const corm_settings *settings, const corm_settings_options *options) {
    static const char *const variables[] = { "DATABASE_URL", "DATABASE_URL_FILE", "DB_ENGINE",
                                             "DB_HOST", "DB_NAME" };
    bool known = options->url != NULL;
    const char *wrong;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        known |= corm__sources_lookup(&settings->sources, variables[i], &wrong) != NULL;
    return known;
}

static int read_files(corm_settings *settings, const corm_settings_options *options,
                      corm_error_info *error) {
    if (options->no_env_file) return 0;
    if (!options->env_files)
        return corm__sources_read(&settings->sources, ".env", true, is_known(settings, options),
                                  error);
    int status = 0;
    for (const char *const *path = options->env_files; !status && *path; path++)
        status = corm__sources_read(&settings->sources, *path, false, false, error);
    return status;
}

static int keep_notes(corm_settings *settings, corm_error_info *error) {
    size_t n = 0;
    for (const corm_note *note = settings->sources.notes; note; note = note->next) n++;
    settings->notes = corm__arena_array(&settings->arena, n + 1, sizeof *settings->notes);
    if (!settings->notes) return corm__fail_memory(error);
    n = 0;
    for (const corm_note *note = settings->sources.notes; note; note = note->next)
        settings->notes[n++] = note->text;
    return 0;
}

/* --- the interface --- */

corm_settings *corm_settings_load(const corm_settings_options *options, corm_error_info *error) {
    static const corm_settings_options none = { 0 };
    corm_error_info unseen;
    if (!options) options = &none;
    if (!error) error = &unseen;
    corm__error_clear(error);
    corm_settings *settings = calloc(1, sizeof *settings);
    if (!settings) {
        corm__fail_memory(error);
        return NULL;
    }
    settings->sources =
        (corm_sources){ .arena = &settings->arena,
                        .environment = options->environment ? options->environment
                                                            : (const char *const *)environ,
                        .warning = options->warning,
                        .context = options->context };
    int status = read_files(settings, options, error);
    if (!status) status = load_databases(settings, options, error);
    if (!status) status = keep_notes(settings, error);
    if (!status) warn_of_misspelt(settings);
    corm__map_release(&settings->sources.files); /* what was read from them is in the arena */
    settings->sources = (corm_sources){
        0
    }; /* neither the environment nor the caller's context need outlive the call */
    if (!status) return settings;
    corm_settings_free(settings);
    return NULL;
}

void corm_settings_free(corm_settings *settings) {
    if (!settings) return;
    for (size_t i = 0; i < settings->n; i++)
        for (size_t row = 0; row < corm__settings_count; row++) {
            const char *text = settings->databases[i].values[row].text;
            if (text && corm__settings_table[row].secret)
                explicit_bzero((char *)text, strlen(text));
        }
    corm__arena_release(&settings->arena);
    free(settings);
}

static const database *find_database(const corm_settings *settings, const char *alias) {
    for (size_t i = 0; i < settings->n; i++)
        if (corm__compare_nocase(settings->databases[i].alias, alias ? alias : "default") == 0)
            return &settings->databases[i];
    return NULL;
}

static const corm_setting_value *find_value(const corm_settings *settings, const char *alias,
                                            const char *name) {
    const database *db = find_database(settings, alias);
    int row = corm__setting_find(name);
    return db && row >= 0 ? &db->values[row] : NULL;
}

const char *corm_settings_get(const corm_settings *settings, const char *alias, const char *name) {
    const corm_setting_value *value = find_value(settings, alias, name);
    return value ? value->text : NULL;
}

const char *corm_settings_source(const corm_settings *settings, const char *alias,
                                 const char *name) {
    const corm_setting_value *value = find_value(settings, alias, name);
    return value && value->text ? value->source : NULL;
}

bool corm_settings_is_secret(const char *name) {
    int row = corm__setting_find(name);
    return row >= 0 && corm__settings_table[row].secret;
}

const char *const *corm_settings_aliases(const corm_settings *settings) {
    return settings->aliases;
}

const char *const *corm_settings_notes(const corm_settings *settings) { return settings->notes; }

const char *corm_settings_describe(const corm_settings *settings, const char *alias) {
    const database *db = find_database(settings, alias);
    return db ? db->description : NULL;
}

static int no_database(const corm_settings *settings, const char *alias, corm_error_info *error) {
    char upper[64];
    corm__error_set(upper, sizeof upper, "%s", alias);
    for (char *p = upper; *p; p++) *p = corm__to_upper(*p);
    corm__fail(error, CORM_ERROR_SETTINGS, "no database \"%s\" is configured", alias);
    const char *meant = corm__closest(alias, settings->aliases, settings->n);
    if (meant)
        corm__error_hint(error, "did you mean \"%s\"? Or set DATABASE_URL_%s", meant, upper);
    else
        corm__error_hint(error, "set DATABASE_URL_%s", upper);
    return CORM_ERROR_SETTINGS;
}

int corm__settings_connect(const corm_settings *settings, const char *alias,
                           corm_connect_options *options, corm_error_info *error) {
    const database *db = find_database(settings, alias);
    if (!db) return no_database(settings, alias, error);
    *options = (corm_connect_options){
        .host = db->values[CORM_SETTING_HOST].text,
        .port = db->values[CORM_SETTING_PORT_NUMBER].text,
        .name = db->values[CORM_SETTING_NAME].text,
        .user = db->values[CORM_SETTING_USER].text,
        .password = db->values[CORM_SETTING_PASSWORD].text,
        .parameters = db->parameters,
        .timeout_ms = (int)corm__settings_number(settings, alias, "connect_timeout"),
        .cancel_fd = -1,
    };
    return 0;
}

long corm__settings_number(const corm_settings *settings, const char *alias, const char *name) {
    const corm_setting_value *value = find_value(settings, alias, name);
    return value ? value->number : 0;
}
