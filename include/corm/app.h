/* Apps: a name, its models, its migrations, its commands. */
#pragma once
#pragma GCC system_header
#ifdef __cplusplus
#include <corm/c_only.h>
#else
#include <corm/begin.h>
#include <corm/db.h>
#include <corm/migration.h>
#include <corm/model.h>

CORM__BEGIN

struct corm_command;

typedef struct corm_app {
    const char *name;                               /* set by CORM_APP */
    /* where it is declared: migrations are written to migrations/ beside it */
    const char *file;
    const corm_model *const *const *models;         /* CORM_MODELS(…) */
    const corm_migration *migrations;               /* the list that CORM_MIGRATIONS makes */
    /* CORM_COMMANDS(…): commands of its own, <corm/manage.h> */
    const struct corm_command *const *commands;
    const char *migrations_folder;                  /* NULL: migrations/ beside file */
} corm_app;

/* CORM_APP(recipes, .models = CORM_MODELS(Recipes, Tags), .migrations = recipes_migrations); at
 * file scope. */
#define CORM_APP(app, ...)                                                                         \
    extern const corm_app corm__app_##app; const corm_app corm__app_##app = { .name = #app,        \
        .file = __FILE__ __VA_OPT__(,) __VA_ARGS__ }
#define CORM_MODELS(...)                                                                           \
    ((const corm_model *const *const[]){ CORM__EACH(CORM__MODEL_REF, , __VA_ARGS__) NULL })
/* A part of such a list, for one that is longer than a list of macros can be: { CORM_MODEL_LIST(…)
 * CORM_MODEL_LIST(…) NULL }. */
#define CORM_MODEL_LIST(...) CORM__EACH(CORM__MODEL_REF, , __VA_ARGS__)
#define CORM__MODEL_REF(c, Name) &corm__ref_##Name,
/* The migrations of an app, declared before CORM_APP: CORM_DECLARE_MIGRATIONS(recipes); */
#define CORM_DECLARE_MIGRATIONS(app) extern const corm_migration app##_migrations[]

/* The apps of a program, as an argument: corm_manage(argc, argv, CORM_APPS(core, recipes)). Ends
 * with NULL; lives for ever. */
#define CORM_APPS(...)                                                                             \
    (__extension__({ CORM__EACH(CORM__APP_DECLARATION, , __VA_ARGS__)                              \
                     static const corm_app *const corm__apps[] = { CORM__EACH(CORM__APP_POINTER, , \
                         __VA_ARGS__) NULL }; corm__apps; }))
#define CORM__APP_DECLARATION(c, app) extern const corm_app corm__app_##app;
#define CORM__APP_POINTER(c, app) &corm__app_##app,

/* Applies all pending migrations of the apps to the database of db, under the migration lock. 0 or
 * a status. For a program that migrates without commands (a device). */
int corm_migrate(corm_db *db, const corm_app *const *apps);

/* Lets the identities of all tables of the apps go on behind the rows that are there, and never
 * back. To be called after rows were inserted with numbers of their own (a seed, a copy of another
 * database): PostgreSQL would give these numbers once more; the other engines count on by
 * themselves, and there is nothing to do. 0 or a status. */
int corm_reset_identities(corm_db *db, const corm_app *const *apps);

CORM__END
#endif
