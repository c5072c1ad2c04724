/* What the other headers begin and end with. They are system headers to the compiler, so that what
 * they are made of is no warning in a program, whatever it asks for; what the program writes is.
 *
 * C++ has <corm/settings.h>, <corm/db.h>, <corm/value.h>, <corm/wait.h> and what these include.
 * Models, queries and migrations are made of C that it lacks. */
#pragma once
#pragma GCC system_header

/* Of a macro whose options are left out, as in integer(age), clang speaks from version 18 on at the
 * program's line, which is none of the program's doing. */
#if defined __clang_major__ && __clang_major__ >= 20
#pragma clang diagnostic ignored "-Wvariadic-macro-arguments-omitted"
#elif defined __clang_major__ && __clang_major__ >= 18
#pragma clang diagnostic ignored "-Wc23-extensions"
#endif

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
