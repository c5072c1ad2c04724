/* The journal of a migration that has no transaction around it: where it stands, as a text in its
 * row of corm_migrations.
 *
 * Before each statement the journal says that it runs, and what the catalogue was; after it, that
 * the next one comes. Who finds a running one compares the catalogue: it is as before, then the
 * statement did not happen; or it is not, then it did. Statements on rows alone run in a
 * transaction with their mark. */
#pragma once
#include "db/db.h"
#include "migrate/state/state.h"

typedef struct corm_journal {
    bool backwards;
    /* the statement was begun; whether it happened is for the catalogue to say */
    bool running;
    size_t operation, statement;            /* the next, or the running one, from 0 */
    char catalogue[CORM_CHECKSUM_TEXT];     /* before the running statement; "" else */
    /* of what was done or begun: it must not be edited, what comes later may */
    char checksum[CORM_CHECKSUM_TEXT];
} corm_journal;

enum { CORM_JOURNAL_TEXT = 160 };
void corm__journal_write(const corm_journal *journal, char out[CORM_JOURNAL_TEXT]);
/* False for a text that is none. */
bool corm__journal_read(const char *text, corm_journal *out);
/* Of a text that may be none. */
bool corm__journal_backwards(const char *text);
/* The checksum of the first n of the operations. 0, or CORM_ERROR_MEMORY. */
int corm__journal_checksum(const corm_migration *migration, const corm_operation *operations,
                           size_t n, corm_arena *arena, char out[CORM_CHECKSUM_TEXT]);

/* What the catalogue says of the tables that change may touch; NULL: of all. */
int corm__catalogue(corm_db *db, const corm_change *change, corm_arena *arena,
                    char out[CORM_CHECKSUM_TEXT]);
