/* What the other headers begin and end with. They are system headers to the compiler, so that what
 * they are made of is no warning in a program, whatever it asks for; what the program writes is.
 *
 * C++ has <corm/settings.h>, <corm/db.h>, <corm/value.h>, <corm/wait.h> and what these include.
 * Models, queries and migrations are made of C that it lacks. */
#pragma once
#pragma GCC system_header

#if defined columns
#error "corm: <term.h> makes a macro of the word columns: include it after <corm/...>"
#endif

#ifdef __cplusplus
#define CORM__BEGIN extern "C" { _Pragma("GCC visibility push(default)")
#define CORM__END _Pragma("GCC visibility pop") }
#else
#define CORM__BEGIN _Pragma("GCC visibility push(default)")
#define CORM__END _Pragma("GCC visibility pop")
#endif
