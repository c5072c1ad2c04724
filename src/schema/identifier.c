#include "schema/schema.h"
#include <string.h>

/* Words that at least one of SQLite, PostgreSQL and MariaDB does not take as the name of a column
 * without quotes; a blank behind each. */
static const char reserved[] =
    "accessible add all alter analyse analyze and any array as asc asensitive asymmetric "
    "authorization autoincrement before between "
    "bigint binary blob both by call cascade case cast change char character check collate "
    "collation column commit concurrently "
    "condition constraint continue convert create cross current_catalog current_date current_role "
    "current_schema current_time "
    "current_timestamp current_user cursor database databases dec decimal declare default "
    "deferrable delayed delete desc describe "
    "deterministic distinct distinctrow div do double drop dual each else elseif enclosed end "
    "escape escaped except exists exit "
    "explain false fetch float for force foreign freeze from full fulltext general grant group "
    "having if ignore ilike in index infile "
    "initially inner inout insensitive insert int integer intersect interval into is isnull "
    "iterate join key keys kill lateral "
    "leading leave left like limit linear lines load localtime localtimestamp lock long loop match "
    "mod modifies natural not nothing "
    "notnull null numeric offset on only optimize option optionally or order out outer outfile "
    "over overlaps partition placing "
    "precision primary procedure purge range read reads real recursive references regexp release "
    "rename repeat replace require "
    "resignal restrict return returning revoke right rlike rows schema schemas select sensitive "
    "separator session_user set show "
    "signal similar smallint some spatial specific sql starting symmetric table tablesample "
    "terminated then to trailing transaction "
    "trigger true undo union unique unlock unsigned update usage use user using values varchar "
    "variadic varying verbose when where "
    "while window with write xor zerofill ";

bool corm__identifier_is_reserved(const char *name) {
    size_t length = strlen(name);
    for (const char *word = reserved, *end; (end = strchr(word, ' ')); word = end + 1)
        if ((size_t)(end - word) == length && memcmp(word, name, length) == 0) return true;
    return false;
}

bool corm__identifier_is_plain(const char *name) {
    if (!((*name >= 'a' && *name <= 'z') || *name == '_')) return false;
    for (const char *p = name; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_')) return false;
    return !corm__identifier_is_reserved(name);
}
