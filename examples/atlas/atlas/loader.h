/* What the parts of the command `load` share. */
#pragma once
#include "atlas/odd.h"
#include <corm/corm.h>
#include <corm/manage.h>
#include <jansson.h>

typedef struct loader {
    corm_context *context;
    corm_db *db;
    const char *json_folder, *locale_folder;
    json_t *seen;               /* the keys of the list that is being loaded */
    odd odd;
    size_t done;                /* data sets */
    int64_t rows;
    int status;                 /* exit status once something failed and has been reported */
} loader;

/* Each reports, remembers the exit status, and returns false. */
bool load_failed(loader *l, const char *what, const char *why);
bool load_failed_db(loader *l);
/* A data set is complete. */
bool load_done(loader *l, const char *name, size_t rows);

/* The list in a file of iso-codes, which is under its number: { "3166-1": [ … ] }. NULL when it
 * cannot be had; the caller gives it back with json_decref. */
json_t *load_list(loader *l, const char *number);
/* Takes a text from an entry, of `limit` characters at the most; it lives as long as the entry.
 * False, and noted as odd, when it is not there or longer. */
bool load_text(loader *l, const json_t *entry, const char *key, size_t limit, const char **out);
/* The same for a text that may be missing: NULL then. */
bool load_text_or_null(loader *l, const json_t *entry, const char *key, size_t limit,
                       const char **out);
/* False, and noted as odd, when the list had this value for this key before. */
bool load_once(loader *l, const char *key, const char *value);
/* Whether it is UTF-8 of `limit` characters at the most. */
bool load_fits(const char *text, size_t limit);

bool load_subdivisions(loader *l);
bool load_names(loader *l);
