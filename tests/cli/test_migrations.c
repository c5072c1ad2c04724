/* usage: test_migrations sqlite|postgresql SOURCE_ROOT BUILD_ROOT [COMPILER FLAGS]
 * A project from nothing: models, makemigrations, the build of what it wrote, migrate, changed
 * models, and back. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#ifdef HAVE_POSTGRESQL
#include "server.h"
#endif

static const char *source, *build, *flags;
static bool on_postgresql;

typedef struct project {
    char folder[64], manage[96], url[300];
    const char *environment[3];
} project;

static void write_file(const project *p, const char *name, const char *text) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", p->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static bool exists(const project *p, const char *name) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", p->folder, name);
    return access(path, F_OK) == 0;
}

/* As a build in a folder of its own does: the names of the sources are relative to that. */
static void compile(const project *p) {
    char command[2000];
    snprintf(command, sizeof command,
             "cd %s/out && cc -Wall -Wextra -Werror %s -I%s/include -I%s/include ../manage.c "
             "../core/app.c ../core/migrations/migrations.c ../shop/app.c "
             "../shop/migrations/migrations.c -o ../manage -L%s/src -lcorm-manage -lcorm "
             "-Wl,-rpath,%s/src",
             p->folder, flags, source, build, build, build);
    assert_int_equal(system(command), 0);
}

static const char core_models[] =
    "#pragma once\n#include <corm/corm.h>\n"
    "CORM_MODEL(User, Users, \"users\", identity(id), varchar(email, 100, .unique = true), "
    "timestamp(created, .auto_now_add = true));\n";
static const char shop_models[] =
    "#pragma once\n#include \"../core/models.h\"\n"
    "CORM_MODEL(Tag, Tags, \"tags\", identity(id), text(name));\n"
    "CORM_MODEL(Recipe, Recipes, \"recipes\", identity(id), varchar(title, 255, .index = true), "
    "decimal(price, 5, 2), foreign_key(user, User, .on_delete = CORM_CASCADE),\n"
    "    many_to_many(tags, Tag), index(recipe_recent, user_id, title), check(price_not_negative, "
    "\"price >= 0\"));\n";
/* A NOT NULL column without a default. */
static const char shop_models_asking[] =
    "#pragma once\n#include \"../core/models.h\"\n"
    "CORM_MODEL(Tag, Tags, \"tags\", identity(id), text(name));\n"
    "CORM_MODEL(Recipe, Recipes, \"recipes\", identity(id), varchar(title, 255, .index = true), "
    "decimal(price, 5, 2), foreign_key(user, User, .on_delete = CORM_CASCADE),\n"
    "    many_to_many(tags, Tag), integer(servings), index(recipe_recent, user_id, title), "
    "check(price_not_negative, \"price >= 0\"));\n";
/* Renamed, added, altered, removed; a model that is new and one that goes. */
static const char shop_models_changed[] =
    "#pragma once\n#include \"../core/models.h\"\n"
    "CORM_MODEL(Step, Steps, \"steps\", identity(id), text(words), foreign_key(recipe, Recipe, "
    ".on_delete = CORM_CASCADE));\n"
    "CORM_MODEL(Recipe, Recipes, \"recipes\", identity(id), varchar(name, 300, .unique = true, "
    ".renamed_from = \"title\"), decimal(price, 7, 3, .default_value = DEFAULT(\"1.5\")),\n"
    "    optional_foreign_key(user, User, .on_delete = CORM_SET_NULL), integer(servings, "
    ".default_value = DEFAULT(4)), json(extra, .null = true),\n"
    "    check(price_not_negative, \"price >= 0 AND price < 1000\"));\n";

static int setup(void **state) {
    project *p = calloc(1, sizeof *p);
    char path[300];
    static const char *const folders[] = { "out", "core", "shop", "core/migrations",
                                           "shop/migrations" };
    strcpy(p->folder, "/tmp/corm-project-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/%s", p->folder, folders[i]);
        assert_int_equal(mkdir(path, 0777), 0);
    }
    snprintf(p->manage, sizeof p->manage, "%s/manage", p->folder);
    snprintf(p->url, sizeof p->url, "DATABASE_URL=sqlite:///%s/db.sqlite3", p->folder);
#ifdef HAVE_POSTGRESQL
    if (on_postgresql)
        snprintf(p->url, sizeof p->url, "DATABASE_URL=%s", test_postgresql_new_database());
#endif
    p->environment[0] = p->url;
    write_file(p, "manage.c",
               "#include <corm/manage.h>\nint main(int argc, char **argv) { return "
               "corm_manage(argc, argv, CORM_APPS(core, shop)); }\n");
    write_file(p, "core/app.c",
               "#include <corm/manage.h>\n#include "
               "\"models.h\"\nCORM_DECLARE_MIGRATIONS(core);\nCORM_APP(core, .models = "
               "CORM_MODELS(Users), .migrations = core_migrations);\n");
    write_file(p, "shop/app.c",
               "#include <corm/manage.h>\n#include \"models.h\"\nCORM_DECLARE_MIGRATIONS(shop);\n"
               "#ifdef CHANGED\nCORM_APP(shop, .models = CORM_MODELS(Recipes, Steps), .migrations "
               "= shop_migrations);\n"
               "#else\nCORM_APP(shop, .models = CORM_MODELS(Recipes, Tags), .migrations = "
               "shop_migrations);\n#endif\n");
    write_file(p, "core/models.h", core_models);
    write_file(p, "shop/models.h", shop_models);
    write_file(p, "core/migrations/migrations.c",
               "#include <corm/migration.h>\nCORM_MIGRATIONS(core);\n");
    write_file(p, "shop/migrations/migrations.c",
               "#include <corm/migration.h>\nCORM_MIGRATIONS(shop);\n");
    compile(p);
    *state = p;
    return 0;
}

static int teardown(void **state) {
    char command[100];
    project *p = *state;
    snprintf(command, sizeof command, "rm -rf %s", p->folder);
    int status = system(command);
    free(p);
    return status;
}

/* Runs manage in the project's folder; out and err: a part that has to be there, "" nothing at all,
 * NULL anything. */
static void expect(const project *p, int status, const char *out, const char *err,
                   const char *const *arguments) {
    const char *all[10] = { p->manage };
    for (int i = 0; arguments[i]; i++) all[i + 1] = arguments[i];
    test_result result = test_process_end(test_process_start(p->folder, p->environment, all));
    if (result.status != status)
        fail_msg("%s: exit status %d, not %d: %s%s", arguments[0], result.status, status,
                 result.out, result.err);
    const char *texts[] = { result.out, result.err }, *expected[] = { out, err };
    for (int i = 0; i < 2; i++)
        if (expected[i] && (*expected[i] ? !strstr(texts[i], expected[i]) : *texts[i]))
            fail_msg("%s: \"%s\" is not in: %s", arguments[0], expected[i], texts[i]);
    test_result_free(&result);
}
#define EXPECT(status, out, err, ...)                                                              \
    expect(p, status, out, err, (const char *const[]){ __VA_ARGS__, NULL })

static void make_and_build(project *p) {
    EXPECT(0, "Build the program again", "", "makemigrations");
    compile(p);
    EXPECT(0, "No changes detected", "", "makemigrations");
    EXPECT(0, "No changes detected", "", "makemigrations", "--check");
}

static void change_models(project *p) {
    write_file(p, "shop/models.h", shop_models_changed);
    write_file(p, "core/models.h", core_models);
    char path[300], command[500];
    snprintf(path, sizeof path, "%s/shop/app.c", p->folder);
    snprintf(command, sizeof command, "sed -i '1i #define CHANGED' %s", path);
    assert_int_equal(system(command), 0);
    compile(p);
}

static void test_migrations__from_models_to_tables_and_on(void **state) {
    project *p = *state;
    EXPECT(1, "Create table recipes", "", "makemigrations", "--check");
    EXPECT(0, "CORM_MIGRATION(shop, 0001_initial)", "", "makemigrations", "--dry-run");
    assert_false(exists(p, "shop/migrations/0001_initial.h"));
    EXPECT(0, "shop/migrations/0001_initial.h", "", "makemigrations");
    assert_true(exists(p, "core/migrations/0001_initial.h"));
    EXPECT(65, "", "the program was built before. Build the program again.", "makemigrations");
    compile(p);
    EXPECT(0, "No changes detected", "", "makemigrations");
    EXPECT(1, "Create table recipes", "", "migrate", "--check");
    EXPECT(0, " [ ] 0001_initial", "", "showmigrations");
    EXPECT(0, "Applying shop.0001_initial... OK", "", "migrate");
    EXPECT(0, "No migrations to apply.", "", "migrate");
    EXPECT(0, "[X]  core.0001_initial\n[X]  shop.0001_initial\n", "", "showmigrations", "--plan");
    EXPECT(0, "No migrations to apply.", "", "migrate", "--check");
    change_models(p);
    EXPECT(0, "No migrations to apply.", "run makemigrations", "migrate");
    make_and_build(p);
    EXPECT(0, "", "", "migrate", "--quiet");
    EXPECT(0, "Unapplying shop.0002_", "", "migrate", "shop", "0001");
    EXPECT(0, "Applying shop.0002_", "", "migrate", "shop");
    EXPECT(0, "Unapplying core.0001_initial... OK", "", "migrate", "core", "zero");
    EXPECT(0, "Applying shop.0002_", "", "migrate");
}

/* Two questions at once: both are told. */
static void test_migrations__tells_all_questions(void **state) {
    project *p = *state;
    static const char models[] =
        "#pragma once\n#include \"../core/models.h\"\n"
        "CORM_MODEL(Tag, Tags, \"tags\", identity(id), text(word));\n"
        "CORM_MODEL(Recipe, Recipes, \"recipes\", identity(id), varchar(title, 255, .index = "
        "true), decimal(price, 5, 2), foreign_key(user, User, .on_delete = CORM_CASCADE),\n"
        "    many_to_many(tags, Tag), integer(servings), index(recipe_recent, user_id, title), "
        "check(price_not_negative, \"price >= 0\"));\n";
    make_and_build(p);
    write_file(p, "shop/models.h", models);
    compile(p);
    EXPECT(3, "",
           "table tags: was column name renamed to word? If so, write .renamed_from = \"name\" at "
           "word in model Tag.",
           "makemigrations");
    EXPECT(3, "", "table recipes: column servings is NOT NULL and has no default",
           "makemigrations");
    EXPECT(3, "\"kind\":\"renamed_column\",\"app\":\"shop\",\"table\":\"tags\",\"column\":\"word\"",
           "", "makemigrations", "--json");
    EXPECT(3, "\"kind\":\"fill\",\"app\":\"shop\",\"table\":\"recipes\",\"column\":\"servings\"",
           "", "makemigrations", "--json");
    EXPECT(1, "Remove column name from tags", "", "makemigrations", "--check", "--noinput");
    EXPECT(1, "\"written\":false", "", "makemigrations", "--check", "--json");
    EXPECT(64, "", "--merge, --empty and --update are three things", "makemigrations", "--empty",
           "--update", "shop");
}

static void test_migrations__exits_3_with_what_to_write(void **state) {
    project *p = *state;
    make_and_build(p);
    write_file(p, "shop/models.h", shop_models_asking);
    compile(p);
    EXPECT(3, "", "table recipes: column servings is NOT NULL and has no default",
           "makemigrations");
    EXPECT(3, "",
           "Write .default_value = DEFAULT(...) or .null = true (an optional_ kind) at servings in "
           "model Recipe.",
           "makemigrations", "--noinput");
    EXPECT(1, "Add column servings to recipes", "", "makemigrations", "--check");
    assert_false(exists(p, "shop/migrations/0002_recipe_servings.h"));
}

/* Reads from a terminal until what is awaited has come, and drops what stands before its end; what
 * came behind stays in out. False at the end. */
static bool read_until(int terminal, const char *awaited, char *out, size_t size) {
    size_t length = strlen(out);
    char *found;
    while (!(found = strstr(out, awaited))) {
        ssize_t n = length + 1 < size ? read(terminal, out + length, size - length - 1) : 0;
        if (n <= 0) return false;
        out[length += (size_t)n] = 0;
    }
    found += strlen(awaited);
    memmove(out, found, strlen(found) + 1);
    return true;
}

/* Runs manage on a terminal; what it asks has to come in this order: question, answer, … NULL. The
 * exit status; -1: no terminal can be made here. */
static int on_terminal(const project *p, const char *const *arguments, const char *const *talk) {
    int terminal, status;
    char seen[8000] = "";
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    if (pid < 0 && access("/dev/pts/ptmx", F_OK) != 0) { /* a bare chroot */
        print_message("no terminal can be made here\n");
        return -1;
    }
    assert_true(pid >= 0);
    if (pid == 0) {
        const char *all[10] = { p->manage };
        for (int i = 0; arguments[i]; i++) all[i + 1] = arguments[i];
        for (int i = 0; p->environment[i]; i++) putenv((char *)p->environment[i]);
        alarm(600);
        if (chdir(p->folder) == 0) execv(p->manage, (char **)all);
        _exit(127);
    }
    for (int i = 0; talk[i]; i += 2) {
        if (!read_until(terminal, talk[i], seen, sizeof seen))
            fail_msg("\"%s\" was not asked: %s", talk[i], seen);
        assert_int_equal(write(terminal, talk[i + 1], strlen(talk[i + 1])), strlen(talk[i + 1]));
    }
    while (read_until(terminal, "\n", seen, sizeof seen)) continue; /* all of it */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(terminal);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
#define ON_TERMINAL(arguments, ...)                                                                \
    on_terminal(p, (const char *const[]){ arguments, NULL },                                       \
                (const char *const[]){ __VA_ARGS__, NULL })

static void test_migrations__asks_on_a_terminal(void **state) {
    project *p = *state;
    static const char renamed_and_new[] =
        "#pragma once\n#include \"../core/models.h\"\n"
        "CORM_MODEL(Tag, Tags, \"tags\", identity(id), text(word));\n"
        "CORM_MODEL(Recipe, Recipes, \"recipes\", identity(id), varchar(title, 255, .index = "
        "true), decimal(price, 5, 2), foreign_key(user, User, .on_delete = CORM_CASCADE),\n"
        "    many_to_many(tags, Tag), integer(servings), index(recipe_recent, user_id, title), "
        "check(price_not_negative, \"price >= 0\"));\n";
    make_and_build(p);
    write_file(p, "shop/models.h", renamed_and_new);
    compile(p);
    static const char value[] = "nothing to stop: ";
    int status = ON_TERMINAL("makemigrations", "Was column name of tags renamed to word? [y/N] ",
                             "y\n", value, "many\n", value, "99999999999\n", value, "4\n");
    if (status == -1) skip();
    assert_int_equal(status, 0);
    assert_true(exists(p, "shop/migrations/0002_rename_name_tag_word_recipe_servings.h"));
    compile(p);
    EXPECT(0, "No changes detected", "", "makemigrations");
    EXPECT(0, "Applying shop.0002_rename_name_tag_word_recipe_servings... OK", "", "migrate");
}

/* Adds the line of a model to shop's Tag. */
static void write_tag(const project *p, const char *columns) {
    char text[1500];
    snprintf(text, sizeof text,
             "#pragma once\n#include \"../core/models.h\"\n"
             "CORM_MODEL(Tag, Tags, \"tags\", identity(id), text(name)%s);\n"
             "CORM_MODEL(Recipe, Recipes, \"recipes\", identity(id), varchar(title, 255, .index = "
             "true), decimal(price, 5, 2), foreign_key(user, User, .on_delete = CORM_CASCADE),\n"
             "    many_to_many(tags, Tag), index(recipe_recent, user_id, title), "
             "check(price_not_negative, \"price >= 0\"));\n",
             columns);
    write_file(p, "shop/models.h", text);
    compile(p);
}

static void test_migrations__asks_what_null_becomes(void **state) {
    project *p = *state;
    static const char question[] = "note (text) of tags was NULL, is NOT NULL now",
                      choose[] = "1, 2 or 3: ", value[] = "nothing to stop: ";
    write_tag(p, ", text(note, .null = true)");
    make_and_build(p);
    write_tag(p, ", text(note)");
    EXPECT(3, "",
           "column note is NOT NULL now and has no default; what do the rows get that have NULL?",
           "makemigrations");
    int status = ON_TERMINAL("makemigrations", question, "", choose, "3\n");
    if (status == -1) skip();
    assert_int_equal(status, 3);
    assert_int_equal(ON_TERMINAL("makemigrations", choose, "\004"), 3);       /* the end of input */
    assert_int_equal(ON_TERMINAL("makemigrations", choose, "\003"), 128 + 2); /* Ctrl-C */
    assert_false(exists(p, "shop/migrations/0002_alter_tag_note.h"));
    EXPECT(3, NULL, NULL, "makemigrations"); /* nothing was written: it still asks */
    assert_int_equal(ON_TERMINAL("makemigrations", choose, "x\n", choose, "1\n", value, "none\n",
                                 ".fill = CORM_DEFAULT(\"none\")", ""),
                     0);
    assert_true(exists(p, "shop/migrations/0002_alter_tag_note.h"));
    compile(p);
    EXPECT(0, "No changes detected", "", "makemigrations");
}

static void test_migrations__update_the_latest(void **state) {
    project *p = *state;
    make_and_build(p);
    EXPECT(0, "No changes detected", "", "makemigrations", "--update");
    write_tag(p, ", optional_integer(rank)");
    EXPECT(0, "Applying shop.0001_initial", NULL, "migrate");
    EXPECT(65, "",
           "shop.0001_initial cannot be updated: the database has it already. Make a new migration",
           "makemigrations", "--update");
    EXPECT(0, "shop/migrations/0002_tag_rank.h", "", "makemigrations");
    write_tag(p, ", optional_integer(rank), optional_integer(size)");
    EXPECT(0, "in place of 0002_tag_rank.h", "", "makemigrations", "--update");
    assert_true(exists(p, "shop/migrations/0002_tag_rank_tag_size.h"));
    assert_false(exists(p, "shop/migrations/0002_tag_rank.h"));
    write_tag(p, ", optional_bigint(rank), optional_integer(size)");
    EXPECT(0, "Add column rank to tags\n    Add column size to tags", "", "makemigrations",
           "--update"); /* the same name, and one operation a column */
    compile(p);
    EXPECT(0, "No changes detected", "", "makemigrations");
    write_tag(p, "");
    EXPECT(65, "", "nothing is left of shop.0002_tag_rank_tag_size, because the changes undo it",
           "makemigrations", "--update");
    write_tag(p, ", optional_bigint(rank), optional_integer(size)");
    EXPECT(0, "Applying shop.0002_tag_rank_tag_size... OK", "", "migrate");
    EXPECT(0, "Remove column rank", "", "migrate", "--plan", "shop", "0001");
}

/* As git leaves it when two branches both made a migration: first in conflict, then with the lines
 * of both. */
static void test_migrations__merge_two_branches(void **state) {
    project *p = *state;
    char command[1000], list[200];
    make_and_build(p);
    snprintf(list, sizeof list, "%s/shop/migrations", p->folder);
    write_tag(p, ", optional_integer(rank)");
    EXPECT(0, "0002_tag_rank.h", "", "makemigrations");
    snprintf(command, sizeof command,
             "cd %s && mv 0002_tag_rank.h a.h && sed -i '/0002/d' migrations.c", list);
    assert_int_equal(system(command), 0);
    write_tag(p, ", optional_integer(size)");
    EXPECT(0, "0002_tag_size.h", "", "makemigrations");
    snprintf(command, sizeof command,
             "cd %s && mv a.h 0002_tag_rank.h && sed -i "
             "'s/^\\(.*\\)0002_tag_size\\(.*\\)$/<<<<<<< ours\\n&\\n=======\\n"
             "\\10002_tag_rank\\2\\n>>>>>>> theirs/' migrations.c",
             list);
    assert_int_equal(system(command), 0);
    EXPECT(65, "",
           "two branches that both made migrations meet here. Take the lines of both sides, build, "
           "and run makemigrations --merge.",
           "makemigrations");
    /* Both sides are taken as they are. */
    snprintf(command, sizeof command,
             "cd %s && sed -i '/^<<<<<<<\\|^=======\\|^>>>>>>>/d' migrations.c", list);
    assert_int_equal(system(command), 0);
    compile(p);
    write_tag(p, ", optional_integer(size), optional_integer(rank)");
    EXPECT(65, "", "run makemigrations --merge", "makemigrations");
    EXPECT(1, "Branch 0002_tag_rank", "", "makemigrations", "--merge", "--check");
    EXPECT(0, "shop/migrations/0003_merge_0002_tag_", "", "makemigrations", "--merge");
    compile(p);
    EXPECT(0, "Nothing to merge", "", "makemigrations", "--merge");
    EXPECT(0, "No changes detected", "", "makemigrations");
    EXPECT(0, "Applying shop.0003_merge_", "", "migrate");
}

/* The present moment is what each save writes, and what the rows get that are there. */
static void test_migrations__fill_what_is_set_to_now(void **state) {
    project *p = *state;
    make_and_build(p);
    write_tag(p, ", timestamp(seen, .auto_now = true)");
    EXPECT(0, ".fill = CORM_DEFAULT_EXPRESSION(\"CURRENT_TIMESTAMP\")", "", "makemigrations",
           "--noinput", "--dry-run");
    EXPECT(0, "Add column seen to tags", "", "makemigrations", "--noinput");
}

/* A value that no row can have: said by all that look at the migrations. */
static void test_migrations__refuse_a_fill_that_the_column_does_not_take(void **state) {
    project *p = *state;
    static const char migration[] =
        "#pragma once\n#include <corm/migration.h>\nCORM_MIGRATION(shop, 0002_a) = { .depends_on "
        "= (const char *const[]){ \"shop.0001_initial\", NULL },\n"
        "    .operations = (const corm_operation[]){ { .kind = CORM_ADD_COLUMN, .table = \"tags\", "
        ".column = { \"n\", .kind = CORM_SMALLINT },\n"
        "        .fill = CORM_DEFAULT(70000) }, { 0 } } };\n";
    make_and_build(p);
    write_file(p, "shop/migrations/0002_a.h", migration);
    write_file(p, "shop/migrations/migrations.c",
               "#include <corm/migration.h>\n#include \"0001_initial.h\"\n#include \"0002_a.h\"\n"
               "CORM_MIGRATIONS(shop, 0001_initial, 0002_a);\n");
    compile(p);
    static const char text[] = "shop.0002_a: the .fill \"70000\" of tags.n does not fit smallint";
    EXPECT(65, NULL, text, "check");
    EXPECT(65, NULL, "migrations.E003", "check");
    EXPECT(65, NULL, text, "makemigrations", "--noinput");
}

/* Both branches remove one column: whoever says yes is told that it does not work. */
static void test_migrations__write_no_merge_that_cannot_work(void **state) {
    project *p = *state;
    static const char removal[] =
        "#pragma once\n#include <corm/migration.h>\nCORM_MIGRATION(shop, 0002_%s) = { .depends_on "
        "= (const char *const[]){ \"shop.0001_initial\", NULL },\n"
        "    .operations = (const corm_operation[]){ { .kind = CORM_REMOVE_COLUMN, .table = "
        "\"tags\", .name = \"name\" }, { 0 } } };\n";
    char text[700], name[100];
    make_and_build(p);
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, removal, i ? "b" : "a");
        snprintf(name, sizeof name, "shop/migrations/0002_%s.h", i ? "b" : "a");
        write_file(p, name, text);
    }
    write_file(p, "shop/migrations/migrations.c",
               "#include <corm/migration.h>\n#include \"0001_initial.h\"\n#include "
               "\"0002_a.h\"\n#include \"0002_b.h\"\n"
               "CORM_MIGRATIONS(shop, 0001_initial, 0002_a, 0002_b);\n");
    compile(p);
    static const char *const merge[] = { "makemigrations", "--merge", NULL };
    int status =
        on_terminal(p, merge, (const char *const[]){ "can be merged. [y/N] ", "y\n", NULL });
    if (status == -1) skip();
    assert_int_equal(status, 65);
    assert_false(exists(p, "shop/migrations/0003_merge_0002_a_0002_b.h"));
    EXPECT(65, NULL, "migrations.E002", "check");
}

/* Both branches alter one column. */
static void test_migrations__ask_before_they_merge_what_conflicts(void **state) {
    project *p = *state;
    static const char first[] =
        "#pragma once\n#include <corm/migration.h>\nCORM_MIGRATION(shop, 0002_%s) = { .depends_on "
        "= (const char *const[]){ \"shop.0001_initial\", NULL },\n"
        "    .operations = (const corm_operation[]){ { .kind = CORM_ALTER_COLUMN, .table = "
        "\"tags\", .column = { \"name\", .kind = CORM_VARCHAR, .max_length = %d } }, { 0 } } };\n";
    char text[700], name[100];
    make_and_build(p);
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, first, i ? "long" : "short", i ? 90 : 40);
        snprintf(name, sizeof name, "shop/migrations/0002_%s.h", i ? "long" : "short");
        write_file(p, name, text);
    }
    write_file(p, "shop/migrations/migrations.c",
               "#include <corm/migration.h>\n#include \"0001_initial.h\"\n#include "
               "\"0002_short.h\"\n#include \"0002_long.h\"\n"
               "CORM_MIGRATIONS(shop, 0001_initial, 0002_short, 0002_long);\n");
    compile(p);
    EXPECT(3, NULL, "be merged?", "makemigrations", "--merge");
    EXPECT(3, "\"kind\":\"merge\"", "", "makemigrations", "--merge", "--json");
    static const char *const merge[] = { "makemigrations", "--merge", NULL };
    static const char question[] = "can be merged. [y/N] ";
    int status = on_terminal(p, merge, (const char *const[]){ question, "n\n", NULL });
    if (status == -1) skip();
    assert_int_equal(status, 3);
    assert_false(exists(p, "shop/migrations/0003_merge_0002_short_0002_long.h"));
    assert_int_equal(on_terminal(p, merge, (const char *const[]){ question, "y\n", NULL }), 0);
    assert_true(exists(p, "shop/migrations/0003_merge_0002_short_0002_long.h"));
}

/* Two models change, two programs write at once, each with a name of its own: one wins, and the
 * other says so. */
static void test_migrations__are_written_by_one_at_a_time(void **state) {
    enum { PROCESSES = 8 };
    project *p = *state;
    test_process *processes[PROCESSES];
    char names[PROCESSES][10];
    int written = 0;
    make_and_build(p);
    write_tag(p, ", optional_integer(rank)");
    for (int i = 0; i < PROCESSES; i++) {
        snprintf(names[i], sizeof names[i], "try_%d", i);
        processes[i] = test_process_start(
            p->folder, p->environment,
            (const char *const[]){ p->manage, "makemigrations", "--name", names[i], NULL });
    }
    for (int i = 0; i < PROCESSES; i++) {
        test_result result = test_process_end(processes[i]);
        if (result.status != 0 && result.status != 65)
            fail_msg("exit status %d: %s%s", result.status, result.out, result.err);
        written += result.status == 0;
        test_result_free(&result);
    }
    assert_int_equal(written, 1);
    compile(p);
    EXPECT(0, "No changes detected", "", "makemigrations");
}

static void test_migrations__are_made_by_hand_and_by_name(void **state) {
    project *p = *state;
    make_and_build(p);
    EXPECT(0, "shop/migrations/0002_seed.h", "", "makemigrations", "--empty", "shop", "--name",
           "seed");
    compile(p);
    EXPECT(0, "-- Create table recipes", "", "sqlmigrate", "shop", "0001");
    EXPECT(0, "DROP TABLE \"recipes\"", "", "sqlmigrate", "--backwards", "--engine", "sqlite",
           "shop", "0001");
    EXPECT(0, "GENERATED BY DEFAULT AS IDENTITY", "", "sqlmigrate", "--engine", "postgresql",
           "shop", "0001");
    EXPECT(0, "Applying shop.0002_seed... OK", "", "migrate");
    EXPECT(64, "", "no app nothing in this program", "makemigrations", "nothing");
    EXPECT(64, "", "app shop has no migration 0009", "migrate", "shop", "0009");
    EXPECT(64, "", "more than one migration of shop begins with 000", "migrate", "shop", "000");
    EXPECT(0, "\"event\":\"nothing\"", "", "migrate", "--json");
}

static void test_migrations__eight_processes_at_once(void **state) {
    enum { PROCESSES = 8 };
    project *p = *state;
    make_and_build(p);
    test_process *processes[PROCESSES];
    int applied = 0;
    for (int i = 0; i < PROCESSES; i++)
        processes[i] = test_process_start(p->folder, p->environment,
                                          (const char *const[]){ p->manage, "migrate", NULL });
    for (int i = 0; i < PROCESSES; i++) {
        test_result result = test_process_end(processes[i]);
        if (result.status) fail_msg("exit status %d: %s%s", result.status, result.out, result.err);
        for (const char *at = result.out; (at = strstr(at, "... OK")); at++) applied++;
        test_result_free(&result);
    }
    assert_int_equal(applied, 2);
    EXPECT(0, "No migrations to apply.", "", "migrate");
}

int main(int argc, char **argv) {
    if (argc < 4) return 64;
    on_postgresql = strcmp(argv[1], "postgresql") == 0;
    source = argv[2];
    build = argv[3];
    flags = argc > 4 ? argv[4] : "";
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_migrations__from_models_to_tables_and_on),
        CASE(test_migrations__tells_all_questions),
        CASE(test_migrations__asks_what_null_becomes),
        CASE(test_migrations__update_the_latest),
        CASE(test_migrations__merge_two_branches),
        CASE(test_migrations__fill_what_is_set_to_now),
        CASE(test_migrations__refuse_a_fill_that_the_column_does_not_take),
        CASE(test_migrations__write_no_merge_that_cannot_work),
        CASE(test_migrations__ask_before_they_merge_what_conflicts),
        CASE(test_migrations__are_written_by_one_at_a_time),
        CASE(test_migrations__exits_3_with_what_to_write),
        CASE(test_migrations__asks_on_a_terminal),
        CASE(test_migrations__are_made_by_hand_and_by_name),
        CASE(test_migrations__eight_processes_at_once),
    };
    return cmocka_run_group_tests_name(
        on_postgresql ? "migrations on postgresql" : "migrations on sqlite", tests, NULL, NULL);
}
