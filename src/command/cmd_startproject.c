/* startproject: a new project, from templates/project. It is written beside its place and moved
 * there when it is whole. */
#include "command/template.h"
#include "base/replace_file.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int taken(corm_context *context, const char *name) {
    return corm_context_fail(context, CORM_EXIT_CANNOT_CREATE,
                             "%s is there already; choose another name, or move it away", name);
}

static int run(corm_context *context) {
    const char *name = corm_argument(context, 0);
    if (corm_argument_count(context) != 1)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "one name is needed, such as: %s startproject shop",
                                 context->program);
    const char *wrong = corm__template_bad_name(name, &context->arena);
    if (wrong) return corm_context_fail(context, CORM_EXIT_USAGE, "%s", wrong);
    struct stat info;
    if (lstat(name, &info) == 0) return taken(context, name);
    char *folder = corm__template_write(context, corm__template_project, name, name);
    if (!folder) return corm_context_status(context);
    if (corm__replace_file(folder, name, false) != 0) {
        int error = errno;
        corm__template_remove(folder);
        if (error == EEXIST) return taken(context, name);
        errno = error;
        return corm__fail_errno(context, CORM_EXIT_CANNOT_CREATE, "make", name);
    }
    printf("Made the project %s/. Next:\n    cd %s\n    make test\n%s/README.md says the rest.\n",
           name, name, name);
    return CORM_EXIT_OK;
}

const corm_command corm__cmd_startproject = {
    .name = "startproject",
    .summary = "Makes a new project: it builds, passes its tests and runs in containers as it is",
    .arguments = "NAME",
    .description = "Makes the folder NAME with an app (core), its first migration, tests, a "
                   "Makefile, Dockerfiles, files for Docker "
                   "Compose and a GitHub "
                   "workflow. What is there already is never changed.",
    .run = run,
};
