/* sequencereset: after rows that brought their numbers along. */
#include "command/command.h"
#include "db/db.h"
#include <corm/app.h>

static int run(corm_context *context) {
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    if (corm_reset_identities(db, context->apps))
        return corm_context_fail_db(context, corm_error(db));
    if (!db->backend->reset_identity)
        printf("Nothing to do: %s counts on by itself\n", db->backend->title);
    return CORM_EXIT_OK;
}

static const corm_option options[] = { CORM_OPTION_DATABASE, { 0 } };
const corm_command corm__cmd_sequencereset = {
    "sequencereset",
    "Lets identities go on behind the rows that are there",
    NULL,
    "PostgreSQL does not see the numbers of rows that brought them along, and would give them once "
    "more. After such rows (a seed, a copy of another database) this sets each sequence behind the "
    "greatest number, and never back. The other engines count on by themselves.",
    options,
    run
};
