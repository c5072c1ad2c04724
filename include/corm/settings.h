/* Settings: from arguments, the environment, .env files and defaults, in this order. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/status.h>
#include <stdbool.h>
#include <stddef.h>

CORM__BEGIN

typedef struct corm_settings corm_settings;

typedef struct corm_settings_options {
    /* paths, NULL-terminated; a later one wins. NULL: ".env" in the working directory if it is
     * there */
    const char *const *env_files;
    const char *const *environment; /* "NAME=value", NULL-terminated; NULL: the process's */
    /* as if given on the command line: wins over DATABASE_URL and DB_* */
    const char *url;
    bool no_env_file;
    void (*warning)(void *context, const char *message);   /* NULL: dropped */
    void *context;
} corm_settings_options;

/* Reads the settings. options may be NULL. On failure NULL, and *error says which variable, file,
 * line and column. corm_settings_free is NULL-safe. */
corm_settings *corm_settings_load(const corm_settings_options *options, corm_error_info *error);
void corm_settings_free(corm_settings *settings);

/* One setting of one database: "engine", "host", "port", "name", "user", "password", "sslmode", …;
 * alias NULL is the default database. NULL when it is not set anywhere and has no default. The text
 * lives as long as settings. */
const char *corm_settings_get(const corm_settings *settings, const char *alias, const char *name);
/* Where it came from: "DATABASE_URL", "DB_HOST", ".env:3 (DB_HOST)", "default", …; NULL when not
 * set. */
const char *corm_settings_source(const corm_settings *settings, const char *alias,
                                 const char *name);
/* True for the settings whose value is never shown. */
bool corm_settings_is_secret(const char *name);
/* The aliases that are configured, "default" first; NULL-terminated, lives as long as settings. */
const char *const *corm_settings_aliases(const corm_settings *settings);
/* What was left out or taken otherwise than it is written, and may be so: a line of .env that is
 * not about a setting and not understood, a variable that Kubernetes set, quotes around a URL. One
 * sentence each; NULL-terminated, lives as long as settings. */
const char *const *corm_settings_notes(const corm_settings *settings);
/* A description without secrets for messages: "postgresql://app@db:5432/shop",
 * "sqlite:///db.sqlite3". */
const char *corm_settings_describe(const corm_settings *settings, const char *alias);

CORM__END
