/* What the files of this folder share. */
#pragma once
#include <pwd.h>
#include <stdbool.h>
#include <sys/types.h>

/* Ends the program with a message. */
void test__die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Text of one's own. */
char *test__print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void test__pause_ms(int ms);
/* A port of 127.0.0.1 on which nobody listens. */
int test__free_port(void);
/* Removes a folder and all that is in it. */
void test__remove(const char *folder);

/* --- servers of one's own: a struct of each kind of server begins with this --- */

typedef struct test__own {
    char *folder; /* a temporary one; removed at the end */
    int end;      /* the signal that ends the server as a crash does */
    pid_t pid, owner;
    void (*free)(struct test__own *server);
    struct test__own *next;
} test__own;

/* Makes the folder, and sees to it that "free" is called at exit. */
void test__own_init(test__own *server, int end, void (*free)(test__own *server));
/* A child of this user (NULL: one's own), in the folder and with its output in folder/log, that
 * does not outlive this one. 0 in the child, which has to become the server's program. */
pid_t test__own_fork(const test__own *server, const struct passwd *user, int delay_ms);
/* Whether it ended with status 0. */
bool test__own_worked(pid_t pid);
void test__own_print_log(const test__own *server);
/* Waits until "up" says so; ends the program when the server ends before. */
void test__own_wait(test__own *server, bool (*up)(const test__own *server));
void test__own_stop(test__own *server);
/* Stops it, and frees what is in this struct. */
void test__own_release(test__own *server);
