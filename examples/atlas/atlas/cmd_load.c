/* Loads iso-codes: the JSON files, then the names of the countries from the gettext catalogues. One
 * transaction: all of it or nothing. */
#include "atlas/catalogue.h"
#include "atlas/commands.h"
#include "atlas/models.h"
#include "core/models.h"
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_SETS = 6 };

typedef struct loader {
    corm_context *context;
    corm_db *db;
    const char *json_folder, *locale_folder;
    size_t done;                /* data sets */
    int64_t rows;
    int status;                 /* exit status once something failed and has been reported */
} loader;

static bool failed_db(loader *l) {
    if (!l->status) l->status = corm_context_fail_db(l->context, corm_error(l->db));
    return false;
}

static bool failed(loader *l, const char *what, const char *why) {
    if (!l->status) l->status = corm_context_fail(l->context, 65, "%s: %s", what, why);
    return false;
}

/* The list in a file of iso-codes, which is under its number: { "3166-1": [ … ] }. NULL when it
 * cannot be had. */
static json_t *read_list(loader *l, const char *number) {
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/iso_%s.json", l->json_folder, number);
    json_t *root = json_load_file(path, 0, &error);
    if (!root) {
        char why[JSON_ERROR_TEXT_LENGTH + 64];
        snprintf(why, sizeof why, "%s (line %d)", error.text, error.line);
        failed(l, path, why);
        return NULL;
    }
    json_t *list = json_incref(json_object_get(root, number));
    json_decref(root);
    if (!json_is_array(list)) {
        json_decref(list);
        failed(l, path, "has no list of entries");
        return NULL;
    }
    return list;
}

static const char *text(const json_t *entry, const char *key) {
    return json_string_value(json_object_get(entry, key));
}
static const char *required(const json_t *entry, const char *key) {
    return text(entry, key) ? text(entry, key) : "";
}

static bool loaded(loader *l, const char *name, size_t rows) {
    Load load = corm_defaults(Loads);
    load.name = name;
    load.rows_loaded = (int32_t)rows;
    if (corm_insert(l->db, Loads, &load)) return failed_db(l);
    l->rows += (int64_t)rows;
    corm_progress(l->context, name, ++l->done, DATA_SETS);
    return true;
}

/* Loads one list: `fill` sets a row from an entry, or returns false for an entry that makes none.
 */
#define LOAD(l, Name, T, number, fill)                                                             \
    do {                                                                                           \
        json_t *list = read_list(l, number);                                                       \
        if (!list) return false;                                                                   \
        size_t n = json_array_size(list);                                                          \
        T *rows = calloc(n ? n : 1, sizeof *rows);                                                 \
        for (size_t i = 0; rows && i < n; i++) {                                                   \
            rows[i] = corm_defaults(Name);                                                         \
            fill(&rows[i], json_array_get(list, i));                                               \
        }                                                                                          \
        bool ok = rows ? corm_insert_many((l)->db, Name, rows, n) == 0 || failed_db(l)             \
                       : failed(l, #Name, strerror(ENOMEM));                                       \
        free(rows);                                                                                \
        json_decref(list);                                                                         \
        return ok && loaded(l, #Name, n);                                                          \
    } while (0)

static void fill_country(Country *row, const json_t *entry) {
    row->alpha_2 = required(entry, "alpha_2");
    row->alpha_3 = required(entry, "alpha_3");
    row->number = required(entry, "numeric");
    row->name = required(entry, "name");
    row->official_name = text(entry, "official_name");
    row->common_name = text(entry, "common_name");
    row->flag = required(entry, "flag");
}
static bool load_countries(loader *l) { LOAD(l, Countries, Country, "3166-1", fill_country); }

static void fill_script(Script *row, const json_t *entry) {
    row->alpha_4 = required(entry, "alpha_4");
    row->number = required(entry, "numeric");
    row->name = required(entry, "name");
}
static bool load_scripts(loader *l) { LOAD(l, Scripts, Script, "15924", fill_script); }

static void fill_currency(Currency *row, const json_t *entry) {
    row->alpha_3 = required(entry, "alpha_3");
    row->number = text(entry, "numeric");
    row->name = required(entry, "name");
}
static bool load_currencies(loader *l) { LOAD(l, Currencies, Currency, "4217", fill_currency); }

static void fill_language(Language *row, const json_t *entry) {
    static const char letters[] = {
        [LIFE_LIVING] = 'L',     [LIFE_EXTINCT] = 'E',     [LIFE_ANCIENT] = 'A',
        [LIFE_HISTORICAL] = 'H', [LIFE_CONSTRUCTED] = 'C', [LIFE_SPECIAL] = 'S'
    };
    row->alpha_3 = required(entry, "alpha_3");
    row->alpha_2 = text(entry, "alpha_2");
    row->name = required(entry, "name");
    char scope = required(entry, "scope")[0], life = required(entry, "type")[0];
    row->scope = scope == 'M'   ? SCOPE_MACROLANGUAGE
                 : scope == 'S' ? SCOPE_SPECIAL
                                : SCOPE_INDIVIDUAL;
    for (size_t i = 0; i < sizeof letters; i++)
        if (letters[i] == life) row->life = (Life)i;
}
static bool load_languages(loader *l) { LOAD(l, Languages, Language, "639-3", fill_language); }

/* --- subdivisions: they refer to countries by code, and to parents that must be there first --- */

static int compare_countries(const void *a, const void *b) {
    return strcmp(((const Country *)a)->alpha_2, ((const Country *)b)->alpha_2);
}
static int compare_subdivisions(const void *a, const void *b) {
    return strcmp(((const Subdivision *)a)->code, ((const Subdivision *)b)->code);
}

/* A parent is written as a full code or without the country: "IDF" under "FR-75" is "FR-IDF". */
static const Subdivision *find_parent(const Subdivision *rows, size_t n, const char *code,
                                      const char *parent) {
    char full[32];
    const Subdivision key = { .code = full };
    snprintf(full, sizeof full, "%s", parent);
    const Subdivision *found = bsearch(&key, rows, n, sizeof key, compare_subdivisions);
    if (found) return found;
    snprintf(full, sizeof full, "%.2s-%s", code, parent);
    return bsearch(&key, rows, n, sizeof key, compare_subdivisions);
}

/* Inserts the subdivisions of the list whose parent is (part == 1) or is not (0) among the `known`
 * ones, sorted by code. */
static bool insert_subdivisions(loader *l, const json_t *list, int part, const Country *countries,
                                const Subdivision *known, size_t n_known, Subdivision *rows,
                                size_t *n) {
    *n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *code = required(entry, "code"), *parent = text(entry, "parent");
        if ((parent != NULL) != part) continue;
        char alpha_2[3];
        snprintf(alpha_2, sizeof alpha_2, "%.2s", code);
        const Country country = { .alpha_2 = alpha_2 },
                      *found = bsearch(&country, countries, corm_len(countries), sizeof country,
                                       compare_countries);
        if (!found) return failed(l, code, "is of no country that is known");
        Subdivision *row = &rows[(*n)++];
        *row = corm_defaults(Subdivisions);
        row->code = code;
        row->name = required(entry, "name");
        row->type = required(entry, "type");
        row->country_id = found->id;
        if (parent) {
            const Subdivision *above = find_parent(known, n_known, code, parent);
            if (!above) return failed(l, code, "has a parent that is not in the list");
            row->parent_id = (corm_optional_bigint)CORM_SOME(above->id);
        }
    }
    return corm_insert_many(l->db, Subdivisions, rows, *n) == 0 || failed_db(l);
}

static bool load_subdivisions(loader *l) {
    json_t *list = read_list(l, "3166-2");
    if (!list) return false;
    size_t total = json_array_size(list), upper = 0, lower = 0;
    Country *countries = corm_all(l->db, Countries, .order_by = BY(Countries.alpha_2));
    Subdivision *rows = calloc(total ? total : 1, sizeof *rows);
    bool ok = countries ? rows || failed(l, "subdivisions", strerror(ENOMEM)) : failed_db(l);
    if (ok) {
        /* The database's order may be a dictionary's; bsearch needs that of strcmp. */
        qsort(countries, corm_len(countries), sizeof *countries, compare_countries);
        ok = insert_subdivisions(l, list, 0, countries, NULL, 0, rows, &upper);
        if (ok) qsort(rows, upper, sizeof *rows, compare_subdivisions);
        ok = ok && insert_subdivisions(l, list, 1, countries, rows, upper, rows + upper, &lower);
    }
    free(rows);
    corm_free(countries);
    json_decref(list);
    return ok && loaded(l, "Subdivisions", upper + lower);
}

/* --- names: one catalogue a language --- */

static bool load_catalogue(loader *l, const char *code, const char *path, const Country *countries,
                           size_t *n_names) {
    catalogue file;
    if (catalogue_open(&file, path))
        return failed(l, path, errno ? strerror(errno) : "is not a gettext catalogue");
    Catalogue row = corm_defaults(Catalogues);
    row.code = code;
    char language[8] = "";
    size_t length = strcspn(code, "_@");
    if (length < sizeof language) memcpy(language, code, length);
    Language *known = corm_first(l->db, Languages,
                                 .where = OR(EQ(Languages.alpha_2, (const char *)language),
                                             EQ(Languages.alpha_3, (const char *)language)));
    if (known) row.language_id = (corm_optional_bigint)CORM_SOME(known->id);
    corm_free(known);
    bool ok = (!corm_failed(l->db) && corm_insert(l->db, Catalogues, &row) == 0) || failed_db(l);
    CountryName *names = ok ? calloc(corm_len(countries) + 1, sizeof *names) : NULL;
    size_t n = 0;
    for (size_t i = 0; names && i < corm_len(countries); i++) {
        const char *name = catalogue_find(&file, countries[i].name);
        if (!name) continue;
        names[n] = corm_defaults(CountryNames);
        names[n].country_id = countries[i].id;
        names[n].catalogue_id = row.id;
        names[n++].name = name;
    }
    if (ok)
        ok = names ? corm_insert_many(l->db, CountryNames, names, n) == 0 || failed_db(l)
                   : failed(l, path, strerror(ENOMEM));
    free(names);
    catalogue_close(&file);
    *n_names += n;
    return ok;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static bool load_names(loader *l) {
    struct dirent **folders;
    int n = scandir(l->locale_folder, &folders, is_visible, alphasort);
    if (n < 0) return failed(l, l->locale_folder, strerror(errno));
    Country *countries = corm_all(l->db, Countries, .order_by = BY(Countries.id));
    bool ok = countries || failed_db(l);
    size_t names = 0, catalogues = 0;
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/iso_3166-1.mo", l->locale_folder,
                 folders[i]->d_name);
        FILE *there = ok ? fopen(path, "rb") : NULL;
        if (there) {
            fclose(there);
            ok = load_catalogue(l, folders[i]->d_name, path, countries, &names);
            catalogues++;
            corm_progress(l->context, folders[i]->d_name, (uint64_t)i, (uint64_t)n);
        }
        free(folders[i]);
    }
    free(folders);
    corm_free(countries);
    if (ok && !catalogues)
        return failed(l, l->locale_folder,
                      "has no catalogue of iso-codes (some images leave translations out)");
    return ok && loaded(l, "CountryNames", names);
}

static bool empty(loader *l) {
    return (corm_delete(l->db, CountryNames, .all = true) >= 0 &&
            corm_delete(l->db, Catalogues, .all = true) >= 0 &&
            corm_delete(l->db, Languages, .all = true) >= 0 &&
            corm_delete(l->db, Currencies, .all = true) >= 0 &&
            corm_delete(l->db, Scripts, .all = true) >= 0 &&
            corm_delete(l->db, Subdivisions, .all = true) >= 0 &&
            corm_delete(l->db, Countries, .all = true) >= 0 &&
            corm_delete(l->db, Loads, .all = true) >= 0) ||
           failed_db(l);
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
    bool ok = empty(&l) && load_countries(&l) && load_subdivisions(&l) && load_scripts(&l) &&
              load_currencies(&l) && load_languages(&l) && load_names(&l);
    corm_progress_end(context);
    if (ok && corm_commit(db)) ok = failed_db(&l);
    if (!ok) {
        corm_rollback(db);
        return l.status;
    }
    printf("Loaded %lld rows.\n", (long long)l.rows);
    return 0;
}

const corm_command command_load = {
    .name = "load",
    .summary =
        "load countries, subdivisions, languages, currencies, scripts and names from iso-codes",
    .description = "Needs Debian's package iso-codes. All is loaded in one transaction.",
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
