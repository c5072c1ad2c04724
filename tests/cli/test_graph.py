"""usage: test_graph.py SOURCE BUILD [COMPILER FLAGS…]

The commands that work on the graph of migrations, on a project that is compiled here: squashmigrations, optimizemigration, showmigrations, sqlmigrate, migrate."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, *FLAGS = sys.argv[1:]
FLAGS = [flag for flag in FLAGS if flag]
ID = '{ "id", .kind = CORM_IDENTITY }'


def migration(app, name, operations, depends_on=(), more=""):
    depends = "".join(f'"{key}", ' for key in depends_on)
    return (f"/* By hand. */\n#pragma once\n#include <corm/migration.h>\n\nCORM_MIGRATION({app}, {name}) = {{\n"
            + (f"    .depends_on = (const char *const[]){{ {depends}NULL }},\n" if depends else "") + more
            + "    .operations = (const corm_operation[]){\n" + "".join(f"        {operation},\n" for operation in operations) + "        { 0 } } };\n/* behind */\n")


def create(table, columns=""):
    return f'{{ .kind = CORM_CREATE_TABLE, .table = "{table}", .model = "M", .primary_key = "id", .columns = (const corm_column[]){{ {ID}, {columns}{{ 0 }} }} }}'


def add(table, column):
    return f'{{ .kind = CORM_ADD_COLUMN, .table = "{table}", .column = {{ "{column}", .kind = CORM_INTEGER, .null = true }} }}'


class Project(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="corm-graph-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.lists = {"core": [], "shop": []}
        self.environment = {**os.environ, "DATABASE_URL": f"sqlite:///{self.folder}/db.sqlite3", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
        for app in self.lists:
            (self.folder / app / "migrations").mkdir(parents=True)
            (self.folder / app / "app.c").write_text(f"#include <corm/manage.h>\nCORM_DECLARE_MIGRATIONS({app});\nCORM_APP({app}, .migrations = {app}_migrations);\n")
        (self.folder / "manage.c").write_text("#include <corm/manage.h>\nint main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(core, shop)); }\n")
        self.put("core", "0001_initial", [create("users")])
        self.put("shop", "0001_initial", [create("books")], ["core.0001_initial"])
        self.put("shop", "0002_price", [add("books", "price")], ["shop.0001_initial"])
        self.put("shop", "0003_tags", [create("tags"), add("tags", "size"), add("books", "pages")], ["shop.0002_price"])
        self.build()

    def path(self, app, name):
        return self.folder / app / "migrations" / name

    def put(self, app, name, operations, depends_on=(), more=""):
        self.path(app, f"{name}.h").write_text(migration(app, name, operations, depends_on, more))
        self.lists[app].append(name)
        self.write_list(app)

    def write_list(self, app):
        names = self.lists[app]
        self.path(app, "migrations.c").write_text("#include <corm/migration.h>\n" + "".join(f'#include "{name}.h"\n' for name in names)
                                                  + f"\nCORM_MIGRATIONS({app}" + "".join(f",\n    {name}" for name in names) + ");\n")

    def build(self):
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", *FLAGS, f"-I{SOURCE}/include", f"-I{BUILD}/include", "manage.c", "core/app.c", "core/migrations/migrations.c",
                        "shop/app.c", "shop/migrations/migrations.c", "-o", "manage", f"-L{BUILD}/src", "-lcorm-manage", "-lcorm", f"-Wl,-rpath,{BUILD}/src"], cwd=self.folder, check=True)

    def run_manage(self, *arguments, status=0, **environment):
        result = subprocess.run(["./manage", *arguments], cwd=self.folder, env={**self.environment, **environment}, capture_output=True, text=True)
        self.assertEqual(result.returncode, status, f"{arguments}: {result.stdout}{result.stderr}")
        return result.stdout + result.stderr

    def test_squash_of_the_whole_life(self):
        self.run_manage("migrate", "shop", "2")
        told = self.run_manage("squashmigrations", "shop", "3")
        self.assertIn("shop.0001_initial to 0003_tags become shop/migrations/0001_squashed_0003_tags.h: 5 operations in 3 migrations are 2", told)
        self.assertIn("Build the program again", told)
        text = self.path("shop", "0001_squashed_0003_tags.h").read_text()
        self.assertIn('.depends_on = (const char *const[]){ "core.0001_initial", NULL }', text)
        self.assertIn('.replaces = (const char *const[]){ "shop.0001_initial", "shop.0002_price", "shop.0003_tags", NULL }', text)
        self.assertIn("written by squashmigrations", text)
        self.assertTrue(self.path("shop", "migrations.c").read_text().endswith("    0003_tags,\n    0001_squashed_0003_tags,\n);\n"))
        self.assertIn("shop/migrations/migrations.c and this program differ in migration shop.0001_squashed_0003_tags", self.run_manage("squashmigrations", "shop", "3", status=65))
        self.build()
        # This database has a part of it: those run, then it is recorded.
        self.assertIn(" [X] 0002_price\n [ ] 0003_tags\n", self.run_manage("showmigrations", "shop"))
        told = self.run_manage("migrate")
        self.assertIn("Applying shop.0003_tags... OK", told)
        self.assertIn("Recording shop.0001_squashed_0003_tags... OK", told)
        self.assertIn("No migrations to apply.\n", self.run_manage("migrate"))
        self.assertIn(" [X] 0001_squashed_0003_tags (3 squashed migrations)", self.run_manage("showmigrations", "shop"))
        # Another one is empty: it gets the squashed one alone.
        other = {"DATABASE_URL": f"sqlite:///{self.folder}/other.sqlite3"}
        told = self.run_manage("migrate", **other)
        self.assertIn("Applying shop.0001_squashed_0003_tags... OK", told)
        self.assertNotIn("0002_price", told)
        schema = [subprocess.run(["sqlite3", self.folder / f"{name}.sqlite3", "SELECT m.name, p.name, p.type, p.\"notnull\" FROM sqlite_schema m, pragma_table_info(m.name) p "
                                  "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2"], capture_output=True, text=True, check=True).stdout for name in ("db", "other")] \
            if shutil.which("sqlite3") else ["", ""]
        self.assertEqual(schema[0], schema[1])
        # What is replaced can be looked at, but is no place to go to.
        self.assertIn('"price"', self.run_manage("sqlmigrate", "shop", "0002"))
        for name in "0002_price", "0002", "2", "0002_pr":
            self.assertIn("shop.0002_price was squashed into shop.0001_squashed_0003_tags", self.run_manage("migrate", "shop", name, status=64))
        # The replaced ones go, and the next migration has the next number.
        for name in ("0001_initial", "0002_price", "0003_tags"):
            self.path("shop", f"{name}.h").unlink()
        self.lists["shop"] = ["0001_squashed_0003_tags"]
        self.write_list("shop")
        self.build()
        self.assertIn("No migrations to apply.\n", self.run_manage("migrate"))
        self.assertIn("shop/migrations/0004_more.h", self.run_manage("makemigrations", "--empty", "shop", "--name", "more"))
        self.run_manage("migrate", "shop", "zero")
        self.assertIn(" [ ] 0001_squashed_0003_tags", self.run_manage("showmigrations", "shop"))

    def test_squash_of_a_range(self):
        told = self.run_manage("squashmigrations", "shop", "2", "3", "--name", "both", "--no-optimize")
        self.assertIn("0002_squashed_0003_both.h: 4 operations in 2 migrations are 4", told)
        self.assertIn('.depends_on = (const char *const[]){ "shop.0001_initial", NULL }', self.path("shop", "0002_squashed_0003_both.h").read_text())
        self.build()
        self.assertIn("Applying shop.0002_squashed_0003_both... OK", self.run_manage("migrate"))
        self.assertIn("one migration of shop alone is nothing to squash", self.run_manage("squashmigrations", "shop", "1", status=64))
        self.assertIn("app shop has no migration 9", self.run_manage("squashmigrations", "shop", "9", status=64))

    def test_squash_refuses_a_circle_and_a_function(self):
        self.put("core", "0002_after", [add("users", "age")], ["core.0001_initial", "shop.0002_price"])
        self.put("shop", "0004_more", [add("tags", "age")], ["shop.0003_tags", "core.0002_after"])
        self.build()
        told = self.run_manage("squashmigrations", "shop", "4", status=65)
        self.assertIn("in a circle: ", told)
        self.assertIn("core.0002_after", told)
        self.assertFalse(self.path("shop", "0001_squashed_0004_more.h").exists())
        self.put("shop", "0005_code", ["{ .kind = CORM_RUN_C, .run = corm_nothing_to_undo }"], ["shop.0004_more"])
        self.build()
        self.assertIn("has a C function, whose name only its source knows", self.run_manage("squashmigrations", "shop", "4", "5", status=65))
        self.put("shop", "0006_sql", ['{ .kind = CORM_RUN_SQL, .sql = "SELECT 1", .elidable = true }', add("tags", "name")], ["shop.0005_code"])
        self.put("shop", "0007_last", [add("tags", "last")], ["shop.0006_sql"])
        self.build()
        self.assertIn("3 operations in 2 migrations are 2", self.run_manage("squashmigrations", "shop", "6", "7"))

    def test_optimize(self):
        self.assertIn("3 operations could be 2", self.run_manage("optimizemigration", "shop", "3", "--check", status=1))
        self.assertIn("3 operations are now 2", self.run_manage("optimizemigration", "shop", "0003"))
        text = self.path("shop", "0003_tags.h").read_text()
        self.assertTrue(text.startswith("/* By hand. */\n") and text.endswith("/* behind */\n"), text)
        self.build()
        self.assertIn("shop.0003_tags cannot be made shorter", self.run_manage("optimizemigration", "shop", "3", "--check"))
        self.run_manage("migrate")

    def test_branches_are_shown_and_refused(self):
        self.put("shop", "0003_link", [add("books", "link")], ["shop.0002_price"])
        self.build()
        told = self.run_manage("migrate", status=65)
        self.assertIn("app shop has two latest migrations: shop.0003_tags and shop.0003_link. They were made side by side: run makemigrations --merge.", told)
        self.assertEqual(self.run_manage("showmigrations", "--graph", "shop"),
                         "shop\n○ 0001_initial  after core.0001_initial\n○ 0002_price\n├─╮\n│ ○ 0003_tags\n○ 0003_link\n")
        self.put("shop", "0004_merge", [], ["shop.0003_tags", "shop.0003_link"])
        self.build()
        self.run_manage("migrate", "shop", "0003_tags")
        self.assertEqual(self.run_manage("showmigrations", "--graph", LC_ALL="C"),
                         "core\n* 0001_initial\nshop\n* 0001_initial  after core.0001_initial\n* 0002_price\n+-.\n| * 0003_tags\no | 0003_link\n+-'\no 0004_merge\n")
        # Made late, beside what is applied: it is not skipped.
        self.assertIn("Applying shop.0003_link... OK", self.run_manage("migrate"))

    def test_graph_for_other_programs(self):
        dot = self.run_manage("showmigrations", "--graph", "--format", "dot")
        self.assertTrue(dot.startswith("digraph migrations {\n") and dot.endswith("}\n"))
        self.assertIn("m1 -> m0;", dot)
        mermaid = self.run_manage("showmigrations", "--graph", "--format=mermaid")
        self.assertIn('subgraph a1 ["shop"]', mermaid)
        self.assertIn("m0 --> m1", mermaid)
        self.assertIn("--format is for --graph", self.run_manage("showmigrations", "--format=dot", status=64))
        self.assertIn("exclude each other", self.run_manage("showmigrations", "--graph", "--plan", status=64))

    def test_numbers_and_several_targets(self):
        self.assertIn("Create table books", self.run_manage("sqlmigrate", "shop", "1"))
        self.assertIn("CREATE TABLE", self.run_manage("sqlmigrate", "shop", "0001"))
        self.run_manage("migrate", "shop", "2")
        self.put("core", "0002_age", [add("users", "age")], ["core.0001_initial"])
        self.build()
        told = self.run_manage("migrate", "core", "2", "shop", "1", "--plan")
        self.assertRegex(told, "^undo shop.0002_price\n    Remove column price from books.*\ncore.0002_age\n    Add column age to users.*\n$")
        told = self.run_manage("migrate", "core", "2", "shop", "1")
        self.assertLess(told.index("Unapplying shop.0002_price... OK"), told.index("Applying core.0002_age... OK"))
        self.assertIn("one target needs core.0001_initial, which another one undoes", self.run_manage("migrate", "core", "zero", "shop", status=64))

    def test_plan_says_what_cannot_be_undone(self):
        self.put("shop", "0004_sql", ['{ .kind = CORM_RUN_SQL, .sql = "UPDATE books SET price = 1" }'], ["shop.0003_tags"])
        self.build()
        self.run_manage("migrate")
        told = self.run_manage("migrate", "shop", "2", "--plan")
        self.assertIn('undo shop.0004_sql: cannot be undone: "Run SQL" cannot be undone\n', told)
        self.assertIn("undo shop.0003_tags\n", told)
        self.assertIn('"refused":"\\"Run SQL\\" cannot be undone"', self.run_manage("migrate", "shop", "2", "--plan", "--json"))

    def test_check_plays_the_migrations(self):
        self.assertIn("0 errors, 0 warnings", self.run_manage("check"))
        # An order that this program happens to have, and that nothing says.
        self.put("core", "0002_size", [add("books", "size")], ["core.0001_initial"])
        self.build()
        told = self.run_manage("check", status=65)
        self.assertIn("core.0002_size: table books does not exist at this point [migrations.E002]", told)
        self.put("core", "0003_after", [], ["shop.0003_tags", "core.0002_size"])
        self.put("shop", "0004_circle", [], ["core.0003_after", "shop.0003_tags"], '    .run_before = (const char *const[]){ "core.0002_size", NULL },\n')
        self.build()
        self.assertIn("migrations depend on each other in a circle: ", self.run_manage("check", status=65))

    def test_fake_initial_and_prune(self):
        import sqlite3
        with sqlite3.connect(self.folder / "db.sqlite3") as db:
            db.execute("CREATE TABLE users (id integer PRIMARY KEY)")
        db.close()
        told = self.run_manage("migrate", "--fake-initial")
        self.assertIn("Applying core.0001_initial... FAKED", told)
        self.assertIn("Applying shop.0001_initial... OK", told)
        self.lists["shop"].pop()
        self.write_list("shop")
        self.build()
        self.assertIn("in the database only", self.run_manage("showmigrations", "shop"))
        self.assertIn("--prune needs the name of one app", self.run_manage("migrate", "--prune", status=64))
        self.assertEqual(self.run_manage("migrate", "shop", "--prune", "--check", status=1), "Would remove the record of shop.0003_tags\n")
        self.assertEqual(self.run_manage("migrate", "shop", "--prune"), "Removed the record of shop.0003_tags\n")
        self.assertEqual(self.run_manage("migrate", "shop", "--prune"), "No records to prune.\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
