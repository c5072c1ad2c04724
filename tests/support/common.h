/* What the files of this folder share. */
#pragma once

/* Ends the program with a message. */
void test__die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Text of one's own. */
char *test__print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void test__pause_ms(int ms);
/* A port of 127.0.0.1 on which nobody listens. */
int test__free_port(void);
/* Removes a folder and all that is in it. */
void test__remove(const char *folder);
