/* The database as it was before this version of the program changed it: one file for each version,
 * whole or not there. folder is absolute, on the partition of the data; there is no ' in it. */
#include "corm.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int copy_before_update(corm_db *db, const char *folder, const char *version);

static bool reach_the_disk(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return done;
}

int copy_before_update(corm_db *db, const char *folder, const char *version) {
    char whole[256], part[264], sql[300];
    int n = snprintf(whole, sizeof whole, "%s/before-%s.sqlite3", folder, version);
    if (*folder != '/' || n >= (int)sizeof whole || strchr(whole, '\'')) return CORM_ERROR_USAGE;
    if (access(whole, F_OK) == 0) return 0;     /* made at an earlier start of this version */
    snprintf(part, sizeof part, "%s.part", whole);
    unlink(part);                               /* what a power cut left */
    snprintf(sql, sizeof sql, "VACUUM INTO '%s'", part);
    int status = corm_exec(db, sql);
    if (status) {
        unlink(part);
        return status;
    }
    bool done = reach_the_disk(part, O_RDWR) && rename(part, whole) == 0 &&
                reach_the_disk(folder, O_RDONLY | O_DIRECTORY);
    return done ? 0 : CORM_ERROR_IO;
}
