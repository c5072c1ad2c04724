/* Every built-in command, in the order of help. A new one is a line here, a file cmd_<name>.c with
 * `const corm_command corm__cmd_<name>`, and its name in meson.build. ANYWHERE: also for the corm
 * tool, which has no project. */
#pragma once
#include <corm/manage.h>

#define CORM_COMMAND_MAP(X)     \
    X(check, PROJECT)           \
    X(checkdb, PROJECT)         \
    X(completion, ANYWHERE)     \
    X(config, ANYWHERE)         \
    X(dbshell, ANYWHERE)        \
    X(help, ANYWHERE)           \
    X(inspectdb, ANYWHERE)      \
    X(makemigrations, PROJECT)  \
    X(migrate, PROJECT)         \
    X(optimizemigration, PROJECT) \
    X(sequencereset, PROJECT)   \
    X(showmigrations, PROJECT)  \
    X(sqlmigrate, PROJECT)      \
    X(squashmigrations, PROJECT) \
    X(startapp, ANYWHERE)       \
    X(startproject, ANYWHERE)   \
    X(version, ANYWHERE)        \
    X(wait_for_db, ANYWHERE)

#define CORM__DECLARE(name, where) extern const corm_command corm__cmd_##name;
CORM_COMMAND_MAP(CORM__DECLARE)
#undef CORM__DECLARE
