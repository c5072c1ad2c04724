/* Where an app's migrations stand, and writing them. */
#pragma once
#include "base/visibility.h"
#include "migrate/state/operations.h"
#include "model/model.h"

CORM__SHARED_BEGIN

/* The folder of the app's migrations: what it names, or migrations/ beside the file in which it is
 * declared. That file's name is as the compiler was given it, often relative to a build folder: it
 * is looked for as it is, then by its longest ending that exists below CORM_PROJECT_DIR or else the
 * current folder. In the arena; the folder itself need not exist. NULL and *error when the file is
 * not found. */
char *corm__migrations_folder(const corm_app *app, corm_arena *arena, corm_error_info *error);
/* CORM_ERROR_MIGRATION when migrations.c in folder lists other migrations than the program carries:
 * it was not built again since. */
int corm__migrations_current(const corm_app *app, const char *folder, corm_error_info *error);
/* CORM_ERROR_MIGRATION when a file of a migration (0002_name.h) stands in folder that migrations.c
 * does not list: it would be skipped in silence; and when a merge left its conflict in
 * migrations.c. */
int corm__migrations_listed(const corm_app *app, const char *folder, corm_error_info *error);
/* Makes the folder and waits until no other process writes migrations in it. *lock is to be closed;
 * -1 where the file system has no locks. */
int corm__migrations_lock(const char *folder, int *lock, corm_error_info *error);
/* Writes folder/<name>.h and lists it in folder/migrations.c. instead: the migration of the list
 * whose place it takes and whose file goes; NULL: it is a new one, and its file must not exist.
 * Each file is there whole or not at all. */
int corm__migration_save(const corm_new_migration *migration, const char *instead,
                         const char *folder, corm_error_info *error);
/* Writes the migration in place of what its file in folder says; what stands around it stays. */
int corm__migration_rewrite(const corm_new_migration *migration, const char *folder,
                            corm_error_info *error);

CORM__SHARED_END
