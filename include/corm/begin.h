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

/* A short name that a program has as a macro of its own is not taken from it in silence. */
#define CORM__FREE(name) CORM__EXPANDS_TO(#name, name(), #name "()")
#define CORM__EXPANDS_TO(name, probe, text)                                                        \
    CORM__ASSERT(__builtin_strcmp(CORM__TEXT(probe), text) == 0, CORM__TAKEN(name))
#define CORM__TAKEN(name)                                                                          \
    "corm: the program has a macro " name ": give it another name, or define "                     \
    "CORM_NO_SHORT_NAMES: the names that begin with CORM_ are always there"
#define CORM__TEXT(...) #__VA_ARGS__

#ifdef __cplusplus
#define CORM__ASSERT(holds, message) static_assert(holds, message)
#define CORM__BEGIN extern "C" { _Pragma("GCC visibility push(default)")
#define CORM__END _Pragma("GCC visibility pop") }
#else
#define CORM__ASSERT(holds, message) _Static_assert(holds, message)
#define CORM__BEGIN _Pragma("GCC visibility push(default)")
#define CORM__END _Pragma("GCC visibility pop")
#endif
