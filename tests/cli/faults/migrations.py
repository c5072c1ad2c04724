"""Models with mistakes, and migrations that were edited by hand: nothing is done to the database until all is consistent."""

import json
import os
import sqlite3

from .project import INITIAL, MODELS, ProjectCase, migration
from .support import count, intact

ADD_STOCK = '{ .kind = CORM_ADD_COLUMN, .table = "items", .column = { "stock", .kind = CORM_INTEGER, .null = true } }, '
NO_PRICE = MODELS.replace(", optional_integer(price)", "")

# operations of shop.0002_second, what migrate says
OPERATIONS = {
    "unknown table": ('{ .kind = CORM_ADD_COLUMN, .table = "itms", .column = { "stock", .kind = CORM_INTEGER, .null = true } }, ', r"shop\.0002_second: .*itms"),
    "unknown column to remove": ('{ .kind = CORM_REMOVE_COLUMN, .table = "items", .name = "stok" }, ', r"shop\.0002_second: .*stok"),
    "unknown column to rename": ('{ .kind = CORM_RENAME_COLUMN, .table = "items", .name = "stok", .new_name = "stock" }, ', r"shop\.0002_second: .*stok"),
    "unknown column to alter": ('{ .kind = CORM_ALTER_COLUMN, .table = "items", .column = { "stok", .kind = CORM_TEXT } }, ', r"shop\.0002_second: .*stok"),
    "unknown column of an index": ('{ .kind = CORM_ADD_INDEX, .table = "items", .index = { "i", .columns = "stok" } }, ', r"shop\.0002_second: .*stok"),
    "unknown column of a constraint": ('{ .kind = CORM_ADD_CONSTRAINT, .table = "items", .constraint = { "c", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "stok" } }, ',
                                       r"shop\.0002_second: .*stok"),
    "unknown table of a foreign key": ('{ .kind = CORM_ADD_COLUMN, .table = "items", .column = { "shop_id", .kind = CORM_BIGINT, .null = true, '
                                       '.references = { "shops", "id" } } }, ', r"shop\.0002_second: .*shops"),
    "unknown index to remove": ('{ .kind = CORM_REMOVE_INDEX, .table = "items", .name = "nothing" }, ', r"shop\.0002_second: .*nothing"),
    "table that is there": ('{ .kind = CORM_CREATE_TABLE, .table = "items", .primary_key = "id", .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY }, { 0 } } }, ',
                            r"shop\.0002_second: .*items"),
    "column that is there": ('{ .kind = CORM_ADD_COLUMN, .table = "items", .column = { "price", .kind = CORM_INTEGER, .null = true } }, ', r"shop\.0002_second: .*price"),
    "operation without a table": ('{ .kind = CORM_DELETE_TABLE }, ', r"shop\.0002_second: "),
    "column without a kind": ('{ .kind = CORM_ADD_COLUMN, .table = "items", .column = { "stock", .null = true } }, ', r"shop\.0002_second: .*stock"),
    "column without a name": ('{ .kind = CORM_ADD_COLUMN, .table = "items", .column = { .kind = CORM_INTEGER, .null = true } }, ', r"shop\.0002_second: "),
    "column of a kind that is none": ('{ .kind = CORM_ADD_COLUMN, .table = "items", .column = { "stock", .kind = (corm_kind)77, .null = true } }, ', r"shop\.0002_second: .*stock"),
    "operation of a kind that is none": ('{ .kind = (corm_operation_kind)99, .table = "items" }, ', r"shop\.0002_second: "),
    "table without columns": ('{ .kind = CORM_CREATE_TABLE, .table = "empty" }, ', r"shop\.0002_second: .*empty"),
    "rename without a new name": ('{ .kind = CORM_RENAME_TABLE, .table = "items" }, ', r"shop\.0002_second: "),
    "index without columns": ('{ .kind = CORM_ADD_INDEX, .table = "items", .index = { "i" } }, ', r"shop\.0002_second: "),
    "check without a condition": ('{ .kind = CORM_ADD_CONSTRAINT, .table = "items", .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK } }, ', r"shop\.0002_second: "),
    "SQL with a mistake": ('{ .kind = CORM_RUN_SQL, .sql = "UPDTE items SET price = 0" }, ', r"shop\.0002_second: .*UPDTE"),
    "SQL that ends the transaction": ('{ .kind = CORM_RUN_SQL, .sql = "COMMIT" }, ', r"shop\.0002_second: "),
    "SQL that ends the transaction later": ('{ .kind = CORM_RUN_SQL, .sql = "UPDATE items SET price = 0; -- all\\n commit;" }, ', r"shop\.0002_second: .*leave BEGIN, COMMIT"),
    "SQL in a transaction of its own": ('{ .kind = CORM_RUN_SQL, .sql = "BEGIN; UPDATE items SET price = 0; COMMIT" }, ', r"shop\.0002_second: .*leave BEGIN, COMMIT"),
    "NOT NULL that rows violate": ('{ .kind = CORM_ALTER_COLUMN, .table = "items", .column = { "price", .kind = CORM_INTEGER } }, ', r"shop\.0002_second: .*price"),
    "unique that rows violate": ('{ .kind = CORM_ADD_CONSTRAINT, .table = "items", .constraint = { "c", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "name" } }, ',
                                 r"shop\.0002_second: .*1 value is there more than once, such as a"),
    "check that rows violate": ('{ .kind = CORM_ADD_CONSTRAINT, .table = "items", .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "name <> \'a\'" } }, ',
                                r"shop\.0002_second: .*(CHECK|check)"),
    "a good operation, then a bad one": (ADD_STOCK + '{ .kind = CORM_REMOVE_COLUMN, .table = "items", .name = "stok" }, ', r"shop\.0002_second: .*stok"),
}

SECOND = migration("0002_second", ADD_STOCK)
# files, names in the list (None: all), what is said
GRAPHS = {
    "circle": ({"0001_initial": INITIAL, "0002_second": migration("0002_second", ADD_STOCK, ["shop.0003_third"]), "0003_third": migration("0003_third", "", ["shop.0002_second"])}, None,
               r"in a circle: shop\.0002_second -> shop\.0003_third -> shop\.0002_second\. Remove one"),
    "depends on itself": ({"0001_initial": INITIAL, "0002_second": migration("0002_second", ADD_STOCK, ["shop.0002_second"])}, None, r"in a circle: shop\.0002_second -> shop\.0002_second"),
    "unknown dependency": ({"0001_initial": INITIAL, "0002_second": migration("0002_second", ADD_STOCK, ["shop.0001_inital"])}, None,
                           r"shop\.0002_second depends on shop\.0001_inital, which is not among the migrations of this program\. Check"),
    "dependency of an app that is not there": ({"0001_initial": INITIAL, "0002_second": migration("0002_second", ADD_STOCK, ["core.0001_initial"])}, None, r"core\.0001_initial.*CORM_APPS"),
    "dependency without an app": ({"0001_initial": INITIAL, "0002_second": migration("0002_second", ADD_STOCK, ["0001_initial"])}, None, r"depends on 0001_initial"),
    "listed twice": ({"0001_initial": INITIAL}, ["0001_initial", "0001_initial"], r"shop\.0001_initial is listed twice"),
    "two latest ones": ({"0001_initial": INITIAL, "0002_second": SECOND, "0002_other": migration("0002_other", "")}, None,
                        r"app shop has two latest migrations: shop\.0002_second and shop\.0002_other\. "),
}


class EditedMigrations(ProjectCase):
    def setUp(self):
        super().setUp()
        self.build()
        self.succeed(self.manage, "migrate")
        self.database = self.path("db.sqlite3")
        with sqlite3.connect(self.database) as database:
            database.executemany("INSERT INTO items (name, price) VALUES (?, ?)", [("a", 1), ("a", None), ("b", 3)])
        database.close()
        self.before = self.dump()

    def dump(self):
        database = sqlite3.connect(self.database)
        text = [line for line in database.iterdump() if "sqlite_sequence" not in line]
        database.close()
        return text

    def nothing_changed(self):
        self.assertEqual(self.dump(), self.before)
        self.assertTrue(intact(self.database))

    def test_operations(self):
        for name, (operations, message) in OPERATIONS.items():
            with self.subTest(name):
                self.migrations({"0001_initial": INITIAL, "0002_second": migration("0002_second", operations)})
                self.build()
                result = self.run_program(self.manage, "migrate")
                self.assertIn(result.status, (65, 70), result.out + result.err)
                self.assert_refused(result, result.status, message)
                self.nothing_changed()
        trigger = '{ .kind = CORM_RUN_SQL, .sql = "CREATE TRIGGER t AFTER INSERT ON items BEGIN SELECT 1; END; /* commit; */" }, '
        self.migrations({"0001_initial": INITIAL, "0002_second": migration("0002_second", ADD_STOCK + trigger)})
        self.build()
        self.succeed(self.manage, "migrate")
        self.assertEqual(count(self.database, "items"), 3)

    def test_sql_that_is_missing_is_found_by_the_checks(self):
        self.migrations({"0001_initial": INITIAL, "0002_second": migration("0002_second", "{ .kind = CORM_RUN_SQL }, ")})
        self.build()
        result = self.run_program(self.manage, "migrate")
        self.assertEqual(result.status, 65)
        self.assertRegex(result.err, r"(?m)^shop/app\.c: error: shop\.0002_second: .*\[engine\.E014\]$")
        self.nothing_changed()

    def test_graph(self):
        for name, (files, names, message) in GRAPHS.items():
            with self.subTest(name):
                self.migrations(files, names)
                self.build()
                # What only shows them shows two branches, too.
                showing = [] if name == "two latest ones" else [["showmigrations"], ["sqlmigrate", "shop", "0001"]]
                for command in (["migrate"], ["migrate", "--plan"], ["makemigrations"], ["makemigrations", "--check"], *showing):
                    self.refuse(65, message, self.manage, *command)
                self.nothing_changed()

    def test_applied_one_that_was_edited(self):
        self.migrations({"0001_initial": INITIAL.replace("max_length = 40", "max_length = 41"), "0002_second": SECOND})
        self.build()
        result = self.succeed(self.manage, "migrate")
        self.assertRegex(result.err, r"^manage migrate: warning: shop\.0001_initial was edited after it had been applied; ")
        self.assertEqual(count(self.database, "items"), 3)

    def test_applied_one_that_this_program_does_not_carry(self):
        self.migrations({"0001_initial": INITIAL, "0002_second": SECOND})
        self.build()
        self.succeed(self.manage, "migrate")
        self.migrations({"0001_initial": INITIAL})
        self.build()
        result = self.succeed(self.manage, "migrate")
        self.assertRegex(result.err, r"warning: the database has shop\.0002_second, which this program does not carry: a newer program migrated it, or the list of migrations lost it")
        self.assertEqual(count(self.database, "items"), 3)

    def test_record_without_what_it_depends_on(self):
        self.migrations({"0001_initial": INITIAL, "0002_second": SECOND})
        self.build()
        self.succeed(self.manage, "migrate")
        with sqlite3.connect(self.database) as database:
            database.execute("DELETE FROM corm_migrations WHERE name = '0001_initial'")
        database.close()
        self.refuse(65, r"shop\.0002_second is applied, but what it depends on, shop\.0001_initial, is not\. .*--fake shop 0001_initial", self.manage, "migrate")
        self.succeed(self.manage, "migrate", "--fake", "shop", "0001_initial")
        self.assertEqual(count(self.database, "items"), 3)

    def test_records_that_are_no_table_of_corm(self):
        with sqlite3.connect(self.database) as database:
            database.execute("DROP TABLE corm_migrations")
            database.execute("CREATE TABLE corm_migrations (something TEXT)")
        database.close()
        result = self.run_program(self.manage, "migrate")
        self.assertIn(result.status, (65, 70))
        self.assert_refused(result, result.status, r"corm_migrations|app")
        self.assertEqual(count(self.database, "items"), 3)

    def test_list_that_names_a_missing_file(self):
        os.unlink(self.path("shop/migrations/0001_initial.h"))
        done = self.compile()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("0001_initial.h: No such file", done.stdout)

    def test_list_that_lacks_an_include(self):
        self.write("shop/migrations/migrations.c", "#include <corm/migration.h>\nCORM_MIGRATIONS(shop,\n    0001_initial);\n")
        done = self.compile()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("0001_initial", done.stdout)

    def test_file_that_the_list_does_not_name(self):
        self.migrations({"0001_initial": INITIAL, "0002_second": SECOND}, ["0001_initial"])
        self.build()
        for command in (["makemigrations"], ["makemigrations", "--check"], ["makemigrations", "--empty", "shop"]):
            self.refuse(65, r"shop/migrations/0002_second\.h .*migrations\.c", self.manage, *command)
        self.nothing_changed()

    def test_program_that_is_older_than_the_list(self):
        self.migrations({"0001_initial": INITIAL, "0002_second": SECOND})
        self.models(NO_PRICE)
        self.refuse(65, r"migrations\.c and this program differ in migration shop\.0002_second: .*\. Build the program again", self.manage, "makemigrations", "--empty", "shop")

    def test_list_that_cannot_be_read(self):
        for text in ("int nothing;\n", "CORM_MIGRATIONS(core);\n", "CORM_MIGRATIONS(shop,\n", "\xff\xfe\x00".encode("latin-1"), b"\0" * 1000):
            with self.subTest(text[:20]):
                self.write("shop/migrations/migrations.c", text)
                self.refuse(65, r"migrations\.c", self.manage, "makemigrations", "--empty", "shop")
                self.assertEqual(sorted(os.listdir(self.path("shop/migrations"))), ["0001_initial.h", "migrations.c"])

    def test_the_database_of_migrations(self):
        """MIGRATION_DATABASE_URL is where migrate works, and the lock is there too."""
        settings = {"MIGRATION_DATABASE_URL": "sqlite:///direct.db"}
        self.succeed(self.manage, "migrate", settings=settings, out=r"shop\.0001_initial\.\.\. OK")
        self.assertEqual(count(self.path("direct.db"), "items"), 0)
        self.nothing_changed()
        self.refuse(78, r'MIGRATION_DATABASE_URL: .*"oracle"', self.manage, "migrate", settings={"MIGRATION_DATABASE_URL": "oracle://x"})


# the models, their names, what is said first, the hint
MODEL_CASES = {
    "no primary key": ('CORM_MODEL(Item, Items, "items", text(name));\n', "Items", r"error: shop\.Item: .*\[models\.E001\]"),
    "two primary keys": ('CORM_MODEL(Item, Items, "items", identity(id), integer(other, .primary_key = true), text(name));\n', "Items", r"\[models\.E002\]"),
    "same table": (MODELS + 'CORM_MODEL(Other, Others, "items", identity(id));\n', "Items, Others", r"\[models\.E004\]"),
    "varchar without a length": ('CORM_MODEL(Item, Items, "items", identity(id), varchar(name, 0));\n', "Items", r"error: shop\.Item\.name: .*\[fields\.E002\]"),
    "set null on what may not be": (MODELS + 'CORM_MODEL(Part, Parts, "parts", identity(id), foreign_key(item, Item, .on_delete = CORM_SET_NULL));\n', "Items, Parts",
                                    r"error: shop\.Part\.item: .*\[relations\.E005\]"),
    "model that is in no app": (MODELS + 'CORM_MODEL(Part, Parts, "parts", identity(id), foreign_key(item, Item));\n', "Parts", r"\[relations\.E001\]"),
    "corm's own table": ('CORM_MODEL(Item, Items, "corm_migrations", identity(id), text(name));\n', "Items", r"\[models\.E012\]"),
}


class BadModels(ProjectCase):
    def test_each(self):
        self.build()
        self.succeed(self.manage, "migrate")
        with open(self.path("db.sqlite3"), "rb") as file:
            before = file.read()
        for name, (models, names, message) in MODEL_CASES.items():
            with self.subTest(name):
                self.models(models, names)
                self.build()
                for command in ("check", "makemigrations", "migrate"):
                    result = self.run_program(self.manage, command)
                    self.assertEqual(result.status, 65, result.err)
                    lines = result.err.splitlines()
                    self.assertRegex(lines[0], message)
                    self.assertRegex(lines[0], r"^.*shop/models\.h:\d+: error: ")
                    self.assertRegex(lines[1], r"^    hint: \S")
                self.assertEqual(sorted(os.listdir(self.path("shop/migrations"))), ["0001_initial.h", "migrations.c"])
                with open(self.path("db.sqlite3"), "rb") as file:
                    self.assertEqual(file.read(), before)


class Functions(ProjectCase):
    """A function of a migration that counts what it does."""

    FUNCTION = ("static int count_up(const corm_migration_run *run) {\n    for (uint64_t i = 1; i <= 1000; i++) run->progress(run, i, 1000);\n"
                '    return corm_exec(run->db, "UPDATE items SET price = 7");\n}\n')

    def test_progress(self):
        second = migration("0002_second", '{ .kind = CORM_RUN_C, .run = count_up, .reverse = corm_nothing_to_undo }, ')
        self.migrations({"0001_initial": INITIAL, "0002_second": "#include <corm/db.h>\n" + self.FUNCTION + second})
        self.build()
        events = [json.loads(line) for line in self.succeed(self.manage, "migrate", "--json").out.splitlines()]
        self.assertEqual([event["event"] for event in events], ["begin", "operation", "end", "begin", "progress", "progress", "operation", "end"])
        self.assertEqual((events[5]["done"], events[5]["rows"], events[5]["name"]), (1000, 1000, "0002_second"))
        self.assertTrue(all("seconds" in event for event in events if event["event"] in ("operation", "end")))
        self.succeed(self.manage, "migrate", "shop", "0001")
        terminal = self.start("script", "-qec", f"{self.manage} migrate", "/dev/null")
        self.assertRegex(self.finish(terminal).out, r"0002_second \[#+\] 100 % 1000 of 1000")

    def test_failure(self):
        text = self.FUNCTION.replace("UPDATE items SET price = 7", "UPDATE nowhere SET price = 7")
        second = migration("0002_second", ADD_STOCK + '{ .kind = CORM_RUN_C, .run = count_up }, ')
        self.migrations({"0001_initial": INITIAL, "0002_second": "#include <corm/db.h>\n" + text + second})
        self.build()
        self.refuse(65, r"shop\.0002_second: .*nowhere", self.manage, "migrate")
        self.assertEqual(count(self.path("db.sqlite3"), "corm_migrations"), 1)
