/* The migration lock: flock() on a file beside the database, so that it is gone with its process.
 * The database file itself is never touched here: closing any descriptor of it would drop the POSIX
 * locks that SQLite holds on it. Who has the lock writes its name into the file; who releases it
 * removes the file, so who gets the lock checks that the file is still the one that has the name.
 */
#include "backend/sqlite/driver.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *path, const char *what, corm_error_info *error) {
    int reason = errno;
    corm_status status = reason == EACCES || reason == EPERM    ? CORM_ERROR_PERMISSION
                         : reason == EROFS                      ? CORM_ERROR_READ_ONLY
                         : reason == ENOSPC || reason == EDQUOT ? CORM_ERROR_FULL
                                                                : CORM_ERROR_IO;
    corm__fail(error, status, "cannot %s the lock file %s: %s", what, path, strerror(reason));
    corm__error_hint(error,
                     "migrating needs a folder of the database in which files can be created");
    return status;
}

static void read_holder(int fd, char *holder, size_t size) {
    if (!holder || !size) return;
    ssize_t n = pread(fd, holder, size - 1, 0);
    holder[n > 0 ? n : 0] = 0;
    holder[strcspn(holder, "\n")] = 0;
}

static void write_holder(int fd) {
    char host[128] = "", text[192];
    gethostname(host, sizeof host - 1);
    int length = snprintf(text, sizeof text, "pid %ld on %s\n", (long)getpid(), host);
    /* Only for people: a lock without a name is a lock. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)length, 0) < 0) return;
}

static bool same_file(int fd, const char *path) {
    struct stat mine, named;
    return fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_dev == named.st_dev &&
           mine.st_ino == named.st_ino;
}

int corm__sqlite_lock_try(corm_conn *conn, const char *name, char *holder, size_t size,
                          corm_error_info *error) {
    (void)name; /* a database has one such lock */
    if (holder && size) *holder = 0;
    if (conn->memory || conn->lock >= 0) return 1;
    const char *file =
        sqlite3_db_filename(conn->db, "main"); /* absolute, symbolic links followed */
    char *path = sqlite3_mprintf("%s-migrate.lock", file && *file ? file : conn->name);
    if (!path) return corm__fail_memory(error);
    int result;
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0) {
            result = fail(path, "open", error);
            break;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            result = errno == EWOULDBLOCK ? 0 : fail(path, "lock", error);
            if (result == 0) read_holder(fd, holder, size);
            close(fd);
            break;
        }
        if (!same_file(fd, path)) { /* removed by the one that had it before */
            close(fd);
            continue;
        }
        write_holder(fd);
        conn->lock = fd;
        conn->lock_path = path;
        return 1;
    }
    sqlite3_free(path);
    return result;
}

void corm__sqlite_lock_release(corm_conn *conn, const char *name) {
    (void)name;
    if (conn->lock < 0) return;
    unlink(conn->lock_path); /* while it is held: nobody else may have it */
    close(conn->lock);
    sqlite3_free(conn->lock_path);
    conn->lock = -1;
    conn->lock_path = NULL;
}
