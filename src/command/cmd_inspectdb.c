/* inspectdb: the tables of a database that is there, as models. */
#include "base/ascii.h"
#include "command/command.h"
#include "command/dangling.h"
#include "command/inspect.h"
#include "db/db.h"
#include "schema/schema.h"
#include <corm/settings.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_write(corm_context *context, const char *path) {
    if (errno == EEXIST)
        return corm_context_fail(context, CORM_EXIT_CANNOT_CREATE,
                                 "%s is there already; remove it, or give --output another name",
                                 path);
    return corm__fail_errno(context, CORM_EXIT_CANNOT_CREATE, "write", path);
}

/* The file is there whole or not at all, and what is there is never written over. */
static int write_file(corm_context *context, const char *path, const corm_buffer *text) {
    char *temporary = corm__arena_printf(&context->arena, "%s.XXXXXX", path);
    if (!temporary) return corm__no_memory(context);
    int fd = mkstemp(temporary);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        int error = errno;
        if (fd >= 0) close(fd), unlink(temporary);
        errno = error;
        return cannot_write(context, path);
    }
    mode_t mask = umask(0);
    umask(mask);
    bool written =
        fwrite(text->data, 1, text->length, file) == text->length && fchmod(fd, 0666 & ~mask) == 0;
    if (fclose(file) != 0) written = false;
    if (!written || link(temporary, path) != 0) {
        int error = errno;
        unlink(temporary);
        errno = error;
        return cannot_write(context, path);
    }
    unlink(temporary);
    return 0;
}

static bool is_c_name(const char *name) {
    if (corm__is_digit(*name) || !*name) return false;
    for (; *name; name++)
        if (!corm__is_alnum(*name) && *name != '_') return false;
    return true;
}

/* The tables that are named must be there. */
static int check_wanted(corm_context *context, const corm_schema *schema) {
    for (int i = 0; i < corm_argument_count(context); i++)
        if (!corm__table_find(schema, corm_argument(context, i)))
            return corm_context_fail(context, CORM_EXIT_DATA, "the database has no table %s",
                                     corm_argument(context, i));
    return 0;
}

static void say(corm_context *context, const corm_inspection *in) {
    for (size_t i = 0; i < in->n_remarks; i++) {
        const corm_remark *remark = &in->remarks[i];
        corm__warn(context, "%s%s%s: %s", remark->table, remark->item ? "." : "",
                   remark->item ? remark->item : "", remark->text);
    }
}

/* A relation over such a key is believed by queries: the models say what the rows do not keep. */
static int remark_dangling(corm_db *db, corm_inspection *in) {
    corm_dangling *dangling;
    size_t n;
    if (corm__find_dangling(db, in->schema, in->schema, false, in->arena, &dangling, &n)) {
        *in->error = *corm_error(db);
        return in->error->status;
    }
    for (size_t i = 0; i < n; i++) {
        int status = 0;
        if (corm__inspect_find(in, dangling[i].table) < in->n_models)
            status = corm__inspect_remark(in, dangling[i].table, dangling[i].column, false, "%s",
                                          dangling[i].text);
        if (status) return status;
    }
    return 0;
}

static int write_models(corm_context *context, corm_inspection *in) {
    const char *output = corm_option_value(context, "output"),
               *alias = corm_option_value(context, "database");
    const char *source = corm__arena_printf(&context->arena, "the %s database %s",
                                            in->backend->title, alias ? alias : "\"default\"");
    corm_buffer text = { 0 };
    int status = source ? corm__inspect_write(in, source, &text) : CORM_ERROR_MEMORY;
    if (status)
        status = corm__no_memory(context);
    else if (output)
        status = write_file(context, output, &text);
    else
        fwrite(text.data, 1, text.length, stdout);
    corm__buffer_release(&text);
    return status;
}

static int run(corm_context *context) {
    const char *app = corm_option_value(context, "app");
    if (app && !is_c_name(app))
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "--app %s: letters, digits and _ make a name of C", app);
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    const char **wanted = corm__arena_array(
        &context->arena, (size_t)corm_argument_count(context) + 1, sizeof *wanted);
    if (!wanted) return corm__no_memory(context);
    for (int i = 0; i < corm_argument_count(context); i++) wanted[i] = corm_argument(context, i);
    corm_error_info error = { 0 };
    corm_schema schema;
    if (db->backend->introspect(db->conn, NULL, &context->arena, &schema, &error))
        return corm_context_fail_db(context, &error);
    int status = check_wanted(context, &schema);
    if (status) return status;
    corm_inspection in = { .backend = db->backend,
                           .schema = &schema,
                           .wanted = wanted,
                           .app = app,
                           .reverse = corm_flag(context, "reverse"),
                           .arena = &context->arena,
                           .error = &error };
    status = corm__inspect(&in);
    if (!status) status = corm__inspect_verify(&in);
    if (!status) status = remark_dangling(db, &in);
    status = status ? corm_context_fail_db(context, &error) : write_models(context, &in);
    if (!status) say(context, &in);
    corm__inspection_release(&in);
    return status;
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { "app", 0, CORM_OPTION_TEXT, "NAME", NULL,
      "the app that the models are for: tables NAME_x give models without it" },
    { "output", 'o', CORM_OPTION_TEXT, "FILE", NULL,
      "write this file, which must not exist (default: standard output)" },
    { "reverse", 0, CORM_OPTION_FLAG, NULL, NULL,
      "has_many and has_one too, at the other side of each foreign key" },
    { 0 },
};
const corm_command corm__cmd_inspectdb = {
    "inspectdb",
    "Writes models for the tables of a database",
    "[TABLE...]",
    "Reads tables, keys, indexes, constraints, comments, defaults and enumerations. Tables made "
    "from the models are the same; what a model cannot say is "
    "named in the file and as a warning. migrate --fake-initial then takes the database over.",
    options,
    run
};
