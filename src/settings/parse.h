/* What the files of this folder share: the sources of values, and the parsers. */
#pragma once
#include "base/buffer.h"
#include "base/arena.h"
#include "base/map.h"
#include "settings/settings_internal.h"

/* --- table.c: settings by name, and their values --- */
/* Where a value comes from; the higher one wins. */
typedef enum corm_level {
    CORM_LEVEL_DEFAULT,
    CORM_LEVEL_FILES,
    CORM_LEVEL_ENVIRONMENT,
    CORM_LEVEL_ARGUMENT
} corm_level;

typedef struct corm_setting_value {
    const char *text;   /* NULL: not set */
    const char *source; /* "DB_HOST", ".env:3 (DB_HOST)", "DATABASE_URL", "argument", "default" */
    corm_level level;
    long number;
} corm_setting_value;

enum {
    CORM_SETTING_URL,
    CORM_SETTING_ENGINE,
    CORM_SETTING_HOST,
    CORM_SETTING_PORT_NUMBER,
    CORM_SETTING_NAME,
    CORM_SETTING_USER,
    CORM_SETTING_PASSWORD,
    CORM_SETTING_FIRST_OPTION
}; /* rows of the table that code knows by their place */
extern const size_t corm__settings_count;
/* The row's index, -1 when there is none. */
int corm__setting_find(const char *name);
/* True when environment variable name, with or without _FILE, is one that corm reads. */
bool corm__setting_variable(const char *name);
bool corm__setting_fits(const corm_setting *setting, const char *engine);
/* Checks text by the row's type and stores the normal form and the number. source is for errors,
 * which say what is allowed. */
int corm__setting_check(const corm_setting *setting, const char *text, const char *source,
                        corm_arena *arena, corm_setting_value *out,
                        corm_error_info *error);
/* A value to be shown in a message: cut to fit, control characters replaced; "***" for a secret. */
const char *corm__setting_show(const corm_setting *setting, const char *text, char *out,
                               size_t size);

/* --- sources.c: variables from the environment and from files --- */
typedef struct corm_variable {
    const char *name, *value;
    const char *file; /* NULL: the environment */
    int line;
    const char *wrong; /* why its line is not understood, with the place; value is NULL then */
} corm_variable;

/* What was left out, or taken otherwise than it is written, and may be so: `config` shows it. */
typedef struct corm_note {
    const char *text;
    struct corm_note *next;
} corm_note;

typedef struct corm_sources {
    corm_arena *arena; /* holds all texts */
    const char *const *environment;
    corm_map files; /* name to corm_variable: what the .env files say */
    corm_note *notes, *last_note;
    void (*warning)(void *context, const char *message);
    void *context;
} corm_sources;
void corm__warn_settings(const corm_sources *sources, const char *format,
                         ...) __attribute__((format(printf, 2, 3)));
/* Adds a note. 0 or CORM_ERROR_MEMORY. */
int corm__note_settings(corm_sources *sources, const char *format,
                        ...) __attribute__((format(printf, 2, 3)));
/* The process environment's value, else that of the files read so far; NULL when there is none.
 * *wrong: why there is none, when the file's line is not understood, else NULL. */
const char *corm__sources_lookup(const corm_sources *sources, const char *name,
                                 const char **wrong);
/* Reads an .env file and adds what it says. optional: one that is not there, or is a folder, says
 * nothing; neither does one that may not be read, with a warning, if the environment says which
 * database it is (`known`). */
int corm__sources_read(corm_sources *sources, const char *path, bool optional, bool known,
                       corm_error_info *error);
/* The value of a variable (name2: another spelling, or NULL), given as it is or by NAME_FILE, from
 * the highest level that has it. out->text is NULL when it is not set, "" when it is set and
 * empty. */
int corm__sources_get(corm_sources *sources, const char *name, const char *name2,
                      corm_setting_value *out, corm_error_info *error);
/* Walks all variables: start with *position = 0; false at the end. The names need not end with
 * NUL. */
bool corm__sources_next(const corm_sources *sources, size_t *position, const char **name,
                        size_t *length);

/* --- dotenv.c --- */
/* NULL, or why it cannot be read; *reason is the errno if there is one. optional: it was not asked
 * for by its name. */
const char *corm__read_source(const char *path, bool optional, corm_buffer *out, int *reason);
/* Parses the text of an .env file by Compose's rules and adds its variables to sources->files. The
 * file is not ours alone: only a line about a variable of ours can be an error, another that is not
 * understood is noted, and kept as wrong. */
int corm__dotenv_parse(corm_sources *sources, const char *file, const char *text, size_t length,
                       corm_error_info *error);

/* --- url.c --- */
typedef struct corm_url_parameter {
    const char *name, *value;
    size_t column;
} corm_url_parameter;
typedef struct corm_url {
    const char *engine, *host, *port, *name, *user, *password; /* decoded; NULL: not there */
    corm_url_parameter *parameters;                            /* in their order */
    size_t n_parameters;
    /* an @ in the parameters: they may be a piece of a password, so they are not to be shown */
    bool doubtful;
} corm_url;
/* Parses a database URL into parts in the arena. source is for errors, which give the column (from
 * 1, in characters) and never show a password. */
int corm__url_parse(const char *text, const char *source, corm_arena *arena, corm_url *out,
                    corm_error_info *error);

/* --- describe.c --- */
/* The description of a database with these values (one for each row of the table), in the arena;
 * NULL when memory is out. */
char *corm__settings_description(corm_arena *arena, const corm_setting_value *values);
