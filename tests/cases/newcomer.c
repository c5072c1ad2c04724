/* The data that the cases of newcomer/ look at: see functions.sh. */
#include "issues/models.h"
#include <corm/manage.h>
#include <stdio.h>

enum { ADA = 1, BOB, CHER, EACH = 150 };

static Issue issue(int project, int number) {
    Issue issue = corm_defaults(Issues);
    static char titles[EACH + 1][20];
    snprintf(titles[number], sizeof titles[number], "issue %d", number);
    issue.project_id = project;
    issue.reporter_id = number % 2 ? BOB : ADA;
    issue.number = number;
    issue.title = titles[number];
    issue.status = number % 3 ? STATUS_OPEN : STATUS_DONE;
    issue.priority = number % 5 ? PRIORITY_NORMAL : PRIORITY_HIGH;
    corm_uuid_new(&issue.uid);
    if (project == 1 && number == 3) issue.assignee_id = (corm_optional_bigint)CORM_SOME(ADA);
    return issue;
}

static int write_all(corm_db *db, void *unused) {
    (void)unused;
    User users[] = { { .username = "ada", .first_name = "Ada", .last_name = "L" },
                     { .username = "bob", .first_name = "Bob", .last_name = "B" },
                     { .username = "cher", .first_name = "Cher", .last_name = "C" } };
    Project projects[] = { { .code = "CORM", .name = "corm", .owner_id = ADA },
                           { .code = "TWO", .name = "two", .owner_id = BOB } };
    int status = corm_insert_many(db, Users, users, 3);
    if (!status) status = corm_insert_many(db, Projects, projects, 2);
    static Issue issues[2 * EACH];
    for (int project = 1; project <= 2; project++)
        for (int number = 1; number <= EACH; number++)
            issues[(project - 1) * EACH + number - 1] = issue(project, number);
    if (!status) status = corm_insert_many(db, Issues, issues, 2 * EACH);
    Comment comment = { .issue_id = 1, .author_id = ADA, .body = "first" };
    return status ? status : corm_insert(db, Comments, &comment);
}

static int fill(corm_context *context) {
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return 1;
    if (!corm_atomic(db, write_all, NULL)) return 0;
    puts(corm_error(db)->message);
    return 1;
}

static const corm_command command = { "fill", "Fills the tables", NULL, NULL, NULL, fill };
CORM_DECLARE_MIGRATIONS(t);
CORM_APP(t, .models = CORM_MODELS(Users, Projects, Milestones, Labels, Issues, Comments, Jobs),
         .migrations = t_migrations, .commands = CORM_COMMANDS(&command));
int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(t)); }
