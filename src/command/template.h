/* The files of a new project and of a new app. They stand in templates/, are built into the library
 * by scripts/embed-templates, and are written out with the project's or app's name in place of
 * @NAME@, and corm's version in place of @VERSION@, in their paths and their text. */
#pragma once
#include "command/command.h"

typedef struct corm_template_file {
    const char *path;       /* below the project's folder; the last of a table has NULL */
    bool executable;
    const char *text;
} corm_template_file;
extern const corm_template_file corm__template_project[], corm__template_app[];

/* A text with the name and the version put in; NULL when memory is out. */
char *corm__template_expand(const char *text, const char *name, corm_arena *arena);
/* What is wrong with a name of a project or an app: it becomes part of C identifiers, folders,
 * tables and images. NULL: nothing. In the arena. */
const char *corm__template_bad_name(const char *name, corm_arena *arena);
/* Makes a folder beside path with all files of the table in it: its name, in the arena. NULL: the
 * message has been printed, nothing is left behind. */
char *corm__template_write(corm_context *context, const corm_template_file *files, const char *name,
                           const char *path);
/* Removes a folder and what is in it. */
void corm__template_remove(const char *folder);
