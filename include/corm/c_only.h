/* Instead of the headers that C++ cannot read: one sentence, once. */
#pragma once
#ifdef __cplusplus
#error "corm: models, queries and migrations are C: put them in a .c file, and call that from \
C++ by functions in extern \"C\" (C++ has <corm/db.h>, settings.h, value.h and wait.h)"
#endif
