/* Migrations as text. */
#pragma once
#include "base/buffer.h"
#include "base/visibility.h"
#include "migrate/state/operations.h"

CORM__SHARED_BEGIN

/* The text of the migration's file (CORM_ERROR_MIGRATION for one with a C function, whose name is
 * not known); and of the app's migrations.c with the migration added (text NULL or "": a new
 * one). */
int corm__write_migration(const corm_new_migration *migration, corm_buffer *out,
                          corm_error_info *error);
int corm__write_list(const char *app, const char *text, const char *migration, corm_buffer *out,
                     corm_error_info *error);
/* The text of a migration's file with `migration` in place of what it says; comments and functions
 * around it stay. CORM_ERROR_MIGRATION when it is not found in it. */
int corm__rewrite_migration(const corm_new_migration *migration, const char *text, corm_buffer *out,
                            corm_error_info *error);

CORM__SHARED_END
