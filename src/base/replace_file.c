#include "base/replace_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* By number: musl has no function for it. */
static int rename_new(const char *from, const char *path) {
    enum { NO_REPLACE = 1 };
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, path, NO_REPLACE);
}

int corm__replace_file(const char *from, const char *path, bool replace) {
    if (replace) return rename(from, path);
    if (rename_new(from, path) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1; /* not all file systems can do that in one step */
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0) return rename(from, path);
    errno = EEXIST;
    return -1;
}
