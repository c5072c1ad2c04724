/* Migrations of the app "library" in a process that is killed. After database.h. */
#pragma once
#include "migrate/execute/migrate.h"
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int statements_left;
static void kill_at(void *context, const char *sql, double seconds, int64_t rows, int status) {
    (void)context, (void)sql, (void)seconds, (void)rows, (void)status;
    if (--statements_left == 0) raise(SIGKILL);
}

/* A child that is killed after its n-th statement; true when it got to the end before. */
static bool migrate_in_child(fixture *f, const corm_app *const *apps, const char *target, int n) {
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        corm_db *db = corm_open_with(f->settings, NULL);
        corm_migrate_options options = { .app = "library", .target = target };
        statements_left = n;
        corm_watch(db, kill_at, NULL);
        int status = corm__migrate(db, f->settings, NULL, apps, &options, NULL);
        if (status) fprintf(stderr, "child: %s\n", corm_error(db)->message);
        _exit(status ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    else
        assert_int_equal(WTERMSIG(status), SIGKILL);
    return WIFEXITED(status);
}
