/* Filling a corm_error_info. */
#pragma once
#include <corm/status.h>
#include <stddef.h>

/* Clears error and sets status and message; returns status, so that `return corm__fail(…)` is a
 * statement. error may be NULL. */
int corm__fail(corm_error_info *error, corm_status status, const char *format,
               ...) __attribute__((format(printf, 3, 4)));
/* The same for memory that ran out. */
int corm__fail_memory(corm_error_info *error);
/* Sets one of the texts of error, cut to fit at a character's edge: corm__error_set(error->hint,
 * sizeof error->hint, …). */
void corm__error_set(char *field, size_t size, const char *format,
                     ...) __attribute__((format(printf, 3, 4)));
void corm__error_hint(corm_error_info *error, const char *format,
                      ...) __attribute__((format(printf, 2, 3)));
void corm__error_clear(corm_error_info *error);
