/* The names of the countries, from the gettext catalogues: one catalogue a language. */
#include "atlas/catalogue.h"
#include "atlas/loader.h"
#include "atlas/models.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Gives the catalogue a row, tied to its language where that is known. False on failure. */
static bool insert_catalogue(loader *l, const char *code, int64_t *id) {
    char language[8] = "";
    size_t length = strcspn(code, "_@");
    if (length < sizeof language) memcpy(language, code, length);
    Language *known = corm_first(l->db, Languages,
                                 .where = OR(EQ(Languages.alpha_2, (const char *)language),
                                             EQ(Languages.alpha_3, (const char *)language)));
    if (!known && corm_failed(l->db)) return load_failed_db(l);
    Catalogue row = corm_defaults(Catalogues);
    row.code = code;
    if (known) row.language_id = (corm_optional_bigint)CORM_SOME(known->id);
    corm_free(known);
    if (corm_insert(l->db, Catalogues, &row)) return load_failed_db(l);
    *id = row.id;
    return true;
}

static bool insert_names(loader *l, const char *code, const catalogue *file,
                         const Country *countries, size_t *n_names) {
    int64_t id = 0;
    if (!insert_catalogue(l, code, &id)) return false;
    CountryName *names = calloc(corm_len(countries) + 1, sizeof *names);
    if (!names) return load_failed(l, code, strerror(ENOMEM));
    size_t n = 0;
    for (size_t i = 0; i < corm_len(countries); i++) {
        const char *name = catalogue_find(file, countries[i].name);
        if (!name) continue;
        if (!load_fits(name, 200)) {
            char which[32];
            snprintf(which, sizeof which, "%s in %s", countries[i].alpha_2, code);
            odd_note(&l->odd, ODD_TOO_LONG, which);
            continue;
        }
        names[n] = corm_defaults(CountryNames);
        names[n].country_id = countries[i].id;
        names[n].catalogue_id = id;
        names[n++].name = name;
    }
    bool ok = corm_insert_many(l->db, CountryNames, names, n) == 0 || load_failed_db(l);
    free(names);
    *n_names += n;
    return ok;
}

/* False on failure; a folder without a catalogue is none. */
static bool load_catalogue(loader *l, const char *code, const Country *countries, size_t *n_names,
                           size_t *n_catalogues) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/iso_3166-1.mo", l->locale_folder, code);
    catalogue file;
    if (catalogue_open(&file, path)) {
        if (errno != ENOENT && errno != ENOTDIR) odd_note(&l->odd, ODD_NOT_A_CATALOGUE, code);
        return true;
    }
    ++*n_catalogues;
    bool ok = true;
    if (load_fits(code, 20)) ok = insert_names(l, code, &file, countries, n_names);
    else odd_note(&l->odd, ODD_TOO_LONG, code);
    catalogue_close(&file);
    return ok;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

bool load_names(loader *l) {
    struct dirent **folders = NULL;
    int n = scandir(l->locale_folder, &folders, is_visible, alphasort);
    if (n < 0 && errno != ENOENT) return load_failed(l, l->locale_folder, strerror(errno));
    Country *countries = corm_all(l->db, Countries, .order_by = BY(Countries.id));
    bool ok = countries || load_failed_db(l);
    size_t names = 0, catalogues = 0;
    for (int i = 0; i < n; i++) {
        ok = ok && load_catalogue(l, folders[i]->d_name, countries, &names, &catalogues);
        corm_progress(l->context, folders[i]->d_name, (uint64_t)i, (uint64_t)n);
        free(folders[i]);
    }
    free(folders);
    corm_free(countries);
    if (ok && !catalogues) odd_note(&l->odd, ODD_NO_CATALOGUE, l->locale_folder);
    return ok && load_done(l, "CountryNames", names);
}
