/* Files that come into their place in one step. */
#pragma once
#include <stdbool.h>

/* As rename; with replace false it fails with EEXIST when something is at path, a dangling link
 * too. 0, or -1 and errno. */
int corm__replace_file(const char *from, const char *path, bool replace);
