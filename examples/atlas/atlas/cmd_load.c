/* Loads iso-codes: the JSON files, then the names of the countries from the gettext catalogues. One
 * transaction: all of it or nothing. What is odd in the data is left out, counted and reported. */
#include "atlas/commands.h"
#include "atlas/loader.h"
#include "atlas/models.h"
#include "core/models.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_SETS = 6 };

bool load_failed_db(loader *l) {
    if (!l->status) l->status = corm_context_fail_db(l->context, corm_error(l->db));
    return false;
}

bool load_failed(loader *l, const char *what, const char *why) {
    if (!l->status) l->status = corm_context_fail(l->context, 65, "%s: %s", what, why);
    return false;
}

json_t *load_list(loader *l, const char *number) {
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/iso_%s.json", l->json_folder, number);
    json_object_clear(l->seen);
    json_t *root = json_load_file(path, 0, &error);
    if (!root) {
        char why[JSON_ERROR_TEXT_LENGTH + 64];
        snprintf(why, sizeof why, "%s (line %d)", error.text, error.line);
        load_failed(l, path, why);
        return NULL;
    }
    json_t *list = json_incref(json_object_get(root, number));
    json_decref(root);
    if (!json_is_array(list)) {
        json_decref(list);
        load_failed(l, path, "has no list of entries");
        return NULL;
    }
    return list;
}

/* How an entry is called in a report. */
static const char *name_of(const json_t *entry) {
    static const char *const keys[] = { "code", "alpha_2", "alpha_4", "alpha_3", "name" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *name = json_string_value(json_object_get(entry, keys[i]));
        if (name && *name) return name;
    }
    return "an entry without a name";
}

bool load_fits(const char *text, size_t limit) {
    json_t *checked = json_string(text);        /* NULL: not UTF-8 */
    json_decref(checked);
    size_t characters = 0;
    for (; checked && *text; text++) characters += ((unsigned char)*text & 0xC0) != 0x80;
    return checked && characters <= limit;
}

bool load_text_or_null(loader *l, const json_t *entry, const char *key, size_t limit,
                       const char **out) {
    *out = json_string_value(json_object_get(entry, key));
    if (*out && !**out) *out = NULL;
    if (!*out || load_fits(*out, limit)) return true;
    odd_note(&l->odd, ODD_TOO_LONG, name_of(entry));
    return false;
}

bool load_text(loader *l, const json_t *entry, const char *key, size_t limit, const char **out) {
    if (!load_text_or_null(l, entry, key, limit, out)) return false;
    if (!*out) odd_note(&l->odd, ODD_INCOMPLETE, name_of(entry));
    return *out != NULL;
}

bool load_once(loader *l, const char *key, const char *value) {
    char both[64];
    snprintf(both, sizeof both, "%s %s", key, value);
    if (json_object_get(l->seen, both)) {
        odd_note(&l->odd, ODD_TWICE, value);
        return false;
    }
    return json_object_set_new(l->seen, both, json_true()) == 0 ||
           load_failed(l, value, strerror(ENOMEM));
}

bool load_done(loader *l, const char *name, size_t rows) {
    if (l->status) return false;
    Load load = corm_defaults(Loads);
    load.name = name;
    load.rows_loaded = (int32_t)rows;
    if (corm_insert(l->db, Loads, &load)) return load_failed_db(l);
    l->rows += (int64_t)rows;
    corm_progress(l->context, name, ++l->done, DATA_SETS);
    return true;
}

/* Loads one list: `fill` sets a row from an entry, or returns false for an entry that makes none.
 */
#define LOAD(l, Name, T, number, fill)                                                             \
    do {                                                                                           \
        json_t *list = load_list(l, number);                                                       \
        if (!list) return false;                                                                   \
        size_t n = 0, total = json_array_size(list);                                               \
        T *rows = calloc(total + 1, sizeof *rows);                                                 \
        for (size_t i = 0; rows && i < total; i++) {                                               \
            rows[n] = corm_defaults(Name);                                                         \
            if (fill(l, json_array_get(list, i), &rows[n])) n++;                                   \
        }                                                                                          \
        bool ok = rows ? corm_insert_many((l)->db, Name, rows, n) == 0 || load_failed_db(l)        \
                       : load_failed(l, #Name, strerror(ENOMEM));                                  \
        free(rows);                                                                                \
        json_decref(list);                                                                         \
        return ok && load_done(l, #Name, n);                                                       \
    } while (0)

static bool fill_country(loader *l, const json_t *entry, Country *row) {
    return load_text(l, entry, "alpha_2", 2, &row->alpha_2) &&
           load_text(l, entry, "alpha_3", 3, &row->alpha_3) &&
           load_text(l, entry, "numeric", 3, &row->number) &&
           load_text(l, entry, "name", 100, &row->name) &&
           load_text_or_null(l, entry, "official_name", 100, &row->official_name) &&
           load_text_or_null(l, entry, "common_name", 100, &row->common_name) &&
           load_text(l, entry, "flag", 8, &row->flag) && load_once(l, "alpha_2", row->alpha_2) &&
           load_once(l, "alpha_3", row->alpha_3);
}
static bool load_countries(loader *l) { LOAD(l, Countries, Country, "3166-1", fill_country); }

static bool fill_script(loader *l, const json_t *entry, Script *row) {
    return load_text(l, entry, "alpha_4", 4, &row->alpha_4) &&
           load_text(l, entry, "numeric", 3, &row->number) &&
           load_text(l, entry, "name", 100, &row->name) && load_once(l, "alpha_4", row->alpha_4);
}
static bool load_scripts(loader *l) { LOAD(l, Scripts, Script, "15924", fill_script); }

static bool fill_currency(loader *l, const json_t *entry, Currency *row) {
    return load_text(l, entry, "alpha_3", 3, &row->alpha_3) &&
           load_text_or_null(l, entry, "numeric", 3, &row->number) &&
           load_text(l, entry, "name", 100, &row->name) && load_once(l, "alpha_3", row->alpha_3);
}
static bool load_currencies(loader *l) { LOAD(l, Currencies, Currency, "4217", fill_currency); }

static bool fill_language(loader *l, const json_t *entry, Language *row) {
    static const char scopes[] = { [SCOPE_INDIVIDUAL] = 'I',
                                   [SCOPE_MACROLANGUAGE] = 'M',
                                   [SCOPE_SPECIAL] = 'S' };
    static const char lives[] = { [LIFE_LIVING] = 'L',     [LIFE_EXTINCT] = 'E',
                                  [LIFE_ANCIENT] = 'A',    [LIFE_HISTORICAL] = 'H',
                                  [LIFE_CONSTRUCTED] = 'C', [LIFE_SPECIAL] = 'S' };
    const char *scope, *life;
    if (!load_text(l, entry, "alpha_3", 3, &row->alpha_3) ||
        !load_text_or_null(l, entry, "alpha_2", 2, &row->alpha_2) ||
        !load_text(l, entry, "name", 100, &row->name) ||
        !load_text(l, entry, "scope", 1, &scope) || !load_text(l, entry, "type", 1, &life))
        return false;
    const char *scope_at = memchr(scopes, *scope, sizeof scopes),
               *life_at = memchr(lives, *life, sizeof lives);
    if (!scope_at || !life_at) {
        odd_note(&l->odd, ODD_UNKNOWN_WORD, row->alpha_3);
        return false;
    }
    row->scope = (Scope)(scope_at - scopes);
    row->life = (Life)(life_at - lives);
    return load_once(l, "alpha_3", row->alpha_3);
}
static bool load_languages(loader *l) { LOAD(l, Languages, Language, "639-3", fill_language); }

static bool empty(loader *l) {
    return (corm_delete(l->db, CountryNames, .all = true) >= 0 &&
            corm_delete(l->db, Catalogues, .all = true) >= 0 &&
            corm_delete(l->db, Languages, .all = true) >= 0 &&
            corm_delete(l->db, Currencies, .all = true) >= 0 &&
            corm_delete(l->db, Scripts, .all = true) >= 0 &&
            corm_delete(l->db, Subdivisions, .all = true) >= 0 &&
            corm_delete(l->db, Countries, .all = true) >= 0 &&
            corm_delete(l->db, Loads, .all = true) >= 0) ||
           load_failed_db(l);
}

static int load(corm_context *context) {
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    const char *json = corm_option_value(context, "json-folder"),
               *locale = corm_option_value(context, "locale-folder");
    loader l = { .context = context,
                 .db = db,
                 .json_folder = json ? json : "/usr/share/iso-codes/json",
                 .locale_folder = locale ? locale : "/usr/share/locale" };
    int there = corm_exists(db, Loads);
    if (there < 0) return corm_context_fail_db(context, corm_error(db));
    if (there && !corm_flag(context, "again")) {
        puts("Already loaded (load --again replaces it).");
        return 0;
    }
    if (corm_begin(db)) return corm_context_fail_db(context, corm_error(db));
    l.seen = json_object();
    bool ok = empty(&l) && load_countries(&l) && load_subdivisions(&l) && load_scripts(&l) &&
              load_currencies(&l) && load_languages(&l) && load_names(&l);
    corm_progress_end(context);
    json_decref(l.seen);
    if (!ok)
        corm_rollback(db);
    else if (corm_commit(db))
        ok = load_failed_db(&l);
    if (!ok) return l.status;
    printf("Loaded %lld rows.\n", (long long)l.rows);
    odd_print(&l.odd);
    return 0;
}

const corm_command command_load = {
    .name = "load",
    .summary =
        "load countries, subdivisions, languages, currencies, scripts and names from iso-codes",
    .description = "Needs Debian's package iso-codes. All is loaded in one transaction. What is "
                   "odd in the data is left out, counted and listed.",
    .options =
        (const corm_option[]){
            { .name = "again", .kind = CORM_OPTION_FLAG, .help = "replace what was loaded before" },
            { .name = "json-folder",
              .kind = CORM_OPTION_TEXT,
              .value = "FOLDER",
              .help = "the JSON files (default: /usr/share/iso-codes/json)" },
            { .name = "locale-folder",
              .kind = CORM_OPTION_TEXT,
              .value = "FOLDER",
              .help = "the gettext catalogues (default: /usr/share/locale)" },
            { 0 } },
    .run = load,
};
