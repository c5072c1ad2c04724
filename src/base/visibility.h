/* What libcorm-manage uses of libcorm beside the public headers. A build without it (for a device)
 * does not export these, and the linker drops what nobody calls: the autodetector, the writer of
 * migrations, the system checks. */
#pragma once

#ifdef CORM_WITHOUT_MANAGE
#define CORM__SHARED_BEGIN
#define CORM__SHARED_END
#else
#define CORM__SHARED_BEGIN _Pragma("GCC visibility push(default)")
#define CORM__SHARED_END _Pragma("GCC visibility pop")
#endif
