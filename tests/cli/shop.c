/* A project with commands of its own, for test_manage. */
#include <corm/manage.h>
#include <errno.h>
#include <string.h>

static int run_echo(corm_context *context) {
    if (corm_flag(context, "loud")) puts("LOUD");
    for (const char *const *only = corm_option_list(context, "only"); *only; only++)
        printf("only %s\n", *only);
    if (corm_option_value(context, "times"))
        printf("times %g\n", corm_option_number(context, "times", 0));
    for (int i = 0; i < corm_argument_count(context); i++)
        printf("argument %s\n", corm_argument(context, i));
    return 0;
}
static const corm_option echo_options[] = {
    { "loud", 'l', CORM_OPTION_FLAG, NULL, NULL, "say it loud" },
    { "only", 0, CORM_OPTION_LIST, "NAME", NULL, "only this" },
    { "times", 't', CORM_OPTION_INTEGER, "N", NULL, "how often" },
    { 0 },
};
static const corm_command command_echo = { "echo",       "Says what it was given",
                                           "[WORD...]",  "It is only a test.",
                                           echo_options, run_echo };

static int run_misuse(corm_context *context) { return corm_flag(context, "no-such-option"); }
static const corm_command command_misuse = { "misuse", "Asks for an option that it has not",
                                             NULL,     NULL,
                                             NULL,     run_misuse };

static int run_break(corm_context *context) {
    return corm_context_fail(context, 65, "line one\nline two\033[2J%c", 7);
}
static const corm_command command_break = { "break", "Fails with an ugly message",
                                            NULL,    NULL,
                                            NULL,    run_break };

/* More than the stream's buffer: a write fails, and then errno is about something else. */
static int run_flood(corm_context *context) {
    (void)context;
    for (int i = 0; i < 10000; i++) puts("a line of the flood");
    errno = 0;
    return 0;
}
static const corm_command command_flood = { "flood", "Prints much", NULL, NULL, NULL, run_flood };

static int run_version(corm_context *context) {
    (void)context;
    puts("the shop's own");
    return 0;
}
static const corm_command command_version = { "version", "Goes before the built-in one",
                                              NULL,      NULL,
                                              NULL,      run_version };

static int run_count(corm_context *context) {
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    if (corm_context_db(context, "default") != db)
        return corm_context_fail(context, 70, "opened twice");
    for (uint64_t i = 0; i <= 1000; i++) corm_progress(context, "counting", i, 1000);
    if (corm_exec(db, "SELECT * FROM no_such_table") < 0)
        return corm_context_fail_db(context, corm_error(db));
    return 0;
}
static const corm_option count_options[] = { CORM_OPTION_DATABASE, { 0 } };
static const corm_command command_count = { "count", "Uses the database", NULL,
                                            NULL,    count_options,       run_count };

CORM_APP(shop, .commands = CORM_COMMANDS(&command_echo, &command_misuse, &command_break,
                                         &command_version, &command_count, &command_flood));

int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(shop)); }
