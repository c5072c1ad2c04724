/* The list of an app's migrations in its migrations.c. */
#pragma once
#include "base/visibility.h"
#include "base/buffer.h"
#include <corm/status.h>
#include <stdbool.h>

CORM__SHARED_BEGIN

/* Places in the text that was read. */
typedef struct corm_list {
    const char *items;  /* behind the app's name */
    const char *last;   /* behind the last item */
    const char *rest;   /* the same, and behind the comma that follows it */
    const char *end;    /* the closing parenthesis */
} corm_list;

/* 0, or CORM_ERROR_MIGRATION when there is no CORM_MIGRATIONS(app, …) in the text. */
int corm__list_read(const char *app, const char *text, corm_list *out);
/* The next migration's name, not terminated; *position is NULL at first. NULL at the end. */
const char *corm__list_next(const corm_list *list, const char **position, size_t *length);
/* The text with the migration `from`, in its include and in the list, as `to`. CORM_ERROR_MIGRATION
 * when it is not in both. */
int corm__list_rename(const char *app, const char *text, const char *from, const char *to,
                      corm_buffer *out, corm_error_info *error);
/* Where the text of a migration's file defines it: from CORM_MIGRATION(app, name) to behind the
 * semicolon. */
bool corm__list_find_migration(const char *app, const char *name, const char *text,
                               const char **begin, const char **end);

CORM__SHARED_END
