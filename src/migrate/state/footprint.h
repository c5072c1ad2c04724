/* What an operation touches: so much as to know whether it may change places with another. */
#pragma once
#include "base/arena.h"
#include <corm/migration.h>

typedef enum corm_touch_mode {
    CORM_TOUCH_READ = 1,    /* it has to be there, as it is */
    CORM_TOUCH_SQL,         /* part is SQL that may mention columns */
    CORM_TOUCH_ADD,         /* it must not be there before */
    CORM_TOUCH_WRITE
} corm_touch_mode;
typedef enum corm_touch_kind {
    CORM_TOUCH_EVERYTHING = 1,
    CORM_TOUCH_TABLE,       /* READ: that it exists; WRITE: all of it */
    CORM_TOUCH_COLUMN,      /* part NULL: any that is there */
    CORM_TOUCH_NAME,        /* of an index or a constraint, anywhere in the database */
    CORM_TOUCH_COMMENT, CORM_TOUCH_KEY,     /* of the table: its comment, its primary key */
    CORM_TOUCH_EXTENSION,
    CORM_TOUCH_REFERENCES,  /* ADD: foreign keys may go; READ: none may be left */
    /* of the table. ADD: what makes columns unique comes or goes; READ: foreign keys stand on it */
    CORM_TOUCH_UNIQUE
} corm_touch_kind;
typedef struct corm_touch {
    corm_touch_kind kind;
    corm_touch_mode mode;
    const char *table, *part;
    size_t length;          /* of part */
} corm_touch;
typedef struct corm_footprint { corm_touch *touches; size_t n; } corm_footprint;

/* ordered: also what matters between operations of one list alone, where a later one may stand on
 * an earlier one that does not name the same things (of two branches each can do without the
 * other). 0 or CORM_ERROR_MEMORY. */
int corm__footprint(const corm_operation *operation, bool ordered, corm_arena *arena,
                    corm_footprint *out);
/* The touch of a that one of b contradicts, or NULL: then the two may change places. */
const corm_touch *corm__footprints_conflict(const corm_footprint *a, const corm_footprint *b);
