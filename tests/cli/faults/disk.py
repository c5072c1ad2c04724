"""A disk that is full, at every size from too small for a header to too small for the last row. A tmpfs in a mount namespace of this process's own."""

import ctypes
import contextlib
import os
import sqlite3
import subprocess
import unittest

from . import support
from .project import INITIAL, ProjectCase, migration
from .support import FaultCase, count, intact

CLONE_NEWNS = 0x20000
FULL = r"(database or disk is full|No space left on device)"


def mount(folder, size):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], stderr=subprocess.DEVNULL).returncode == 0


def resize(folder, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)


def private_mounts():
    """Whether this process may mount, which nothing outside it sees."""
    if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(private_mounts(), "needs root and mount namespaces to make a small disk")
class FullDisk(FaultCase):
    def setUp(self):
        super().setUp()
        self.assertTrue(mount(self.folder, "4k"))
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder])

    def database(self):
        return self.path("db.sqlite3")

    def test_migrate_at_every_size(self):
        for size in (4, 8, 12, 20, 36, 48, 64, 80, 100, 120, 150, 180, 220):
            with self.subTest(f"{size} kB"):
                for name in os.listdir(self.folder):
                    os.unlink(self.path(name))
                resize(self.folder, f"{size}k")
                result = self.run_program(support.EXAMPLE, "migrate")
                if result.status == 0:
                    self.assertGreater(size, 100, "this cannot fit")
                else:
                    self.assert_refused(result, 74, FULL)
                resize(self.folder, "10m")
                shown = self.succeed(support.EXAMPLE, "showmigrations", "--plan").out
                self.assertEqual(count(self.database(), "core_loads") is not None, "[X]  core.0001_initial" in shown, "a record and its table differ")
                self.assertEqual(count(self.database(), "atlas_country_names") is not None, "[X]  atlas.0001_initial" in shown, "a record and its table differ")
                self.assertTrue(intact(self.database()))
                self.succeed(support.EXAMPLE, "migrate")
                self.assertEqual(count(self.database(), "atlas_country_names"), 0)

    def test_load(self):
        resize(self.folder, "10m")
        self.succeed(support.EXAMPLE, "migrate")
        for size in (160, 200, 300, 700, 1500, 2400):
            with self.subTest(f"{size} kB"):
                resize(self.folder, f"{size}k")
                self.refuse(74, FULL + r".*; free space on the disk; nothing of the transaction was kept", support.EXAMPLE, "load")
                resize(self.folder, "20m")
                self.assertEqual(count(self.database(), "atlas_countries"), 0)
                self.assertTrue(intact(self.database()))
        self.succeed(support.EXAMPLE, "load")
        self.assertEqual(count(self.database(), "atlas_countries"), 249)
        resize(self.folder, "3m")
        self.refuse(74, FULL, support.EXAMPLE, "load", "--again")
        self.refuse(74, FULL + "|needs about .* MB", support.EXAMPLE, "migrate", "atlas", "zero")
        resize(self.folder, "20m")
        self.assertEqual((count(self.database(), "atlas_countries"), count(self.database(), "core_loads")), (249, 6))
        self.assertTrue(intact(self.database()))
        self.succeed(support.EXAMPLE, "load", "--again")

    def test_migrations_that_cannot_be_written(self):
        """makemigrations writes both files or neither."""
        resize(self.folder, "1m")
        os.makedirs(self.path("atlas", "migrations"))
        self.write("atlas/app.c", "")
        listed = "#include <corm/migration.h>\n#include \"0001_initial.h\"\nCORM_MIGRATIONS(atlas,\n    0001_initial);\n"
        self.write("atlas/migrations/migrations.c", listed)
        with open(self.path("filler"), "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        settings = {"CORM_PROJECT_DIR": self.folder}
        self.refuse(74, r"cannot write .*: No space left on device", support.EXAMPLE, "makemigrations", "--empty", "atlas", settings=settings)
        with open(self.path("atlas/migrations/migrations.c")) as file:
            self.assertEqual(file.read(), listed)
        self.assertEqual(os.listdir(self.path("atlas/migrations")), ["migrations.c"])
        os.unlink(self.path("filler"))
        self.succeed(support.EXAMPLE, "makemigrations", "--empty", "atlas", settings=settings)


@unittest.skipUnless(private_mounts(), "needs root and mount namespaces to make a small disk")
class FullDiskRebuild(ProjectCase):
    """A table with children, a view and a trigger is built anew where there is no room for it twice."""

    def setUp(self):
        super().setUp()
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        self.assertTrue(mount(self.disk, "40m"))
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk])
        self.settings = {"DATABASE_URL": f"sqlite:///{self.disk}/db.sqlite3"}

    def contents(self):
        with contextlib.closing(sqlite3.connect(self.disk + "/db.sqlite3")) as database:
            counts = [database.execute(f"SELECT count(*), coalesce(sum(length(name)), 0) FROM {table}").fetchone() for table in ("items", "parts", "named")]
            return counts, sorted(name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"))

    def test_parent_with_children_view_and_trigger(self):
        self.build()
        self.succeed(self.manage, "migrate", settings=self.settings)
        with contextlib.closing(sqlite3.connect(self.disk + "/db.sqlite3")) as database, database:
            database.executescript("CREATE TABLE parts (id INTEGER PRIMARY KEY, name TEXT, item_id INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE);"
                                   "CREATE VIEW named AS SELECT name FROM items; CREATE TABLE notes (what TEXT);"
                                   "CREATE TRIGGER noted AFTER DELETE ON items BEGIN INSERT INTO notes VALUES (old.name); END;")
            database.executemany("INSERT INTO items (name, price) VALUES (?, ?)", (("n" * 40, i) for i in range(60000)))
            database.execute("INSERT INTO parts (name, item_id) SELECT 'p' || id, id FROM items WHERE id <= 500")
        self.migrations({"0001_initial": INITIAL, "0002_second": migration("0002_second",
                         '{ .kind = CORM_ALTER_COLUMN, .table = "items", .column = { "price", .kind = CORM_BIGINT, .null = true } }, ')})
        self.build()
        before = self.contents()
        size = os.path.getsize(self.disk + "/db.sqlite3") // 1024
        for room, message in ((100, r"table items cannot be rebuilt: it needs about \d+ MB in .*disk, and 0 MB are free\. Make room there"), (size, FULL + "|cannot be rebuilt")):
            resize(self.disk, f"{size + room}k")
            self.refuse(74, message, self.manage, "migrate", settings=self.settings)
            resize(self.disk, "40m")
            self.assertEqual(self.contents(), before)
            self.assertTrue(intact(self.disk + "/db.sqlite3"))
        self.succeed(self.manage, "migrate", settings=self.settings)
        self.assertEqual(self.contents(), before)
        self.assertTrue(intact(self.disk + "/db.sqlite3"))
        with contextlib.closing(sqlite3.connect(self.disk + "/db.sqlite3")) as database, database:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("DELETE FROM items WHERE id = 1")
            self.assertEqual(database.execute("SELECT (SELECT count(*) FROM parts), (SELECT count(*) FROM notes), (SELECT count(*) FROM named)").fetchone(), (499, 1, 59999))


@unittest.skipUnless(private_mounts(), "needs root and mount namespaces to make a small disk")
class RebuildAtEverySize(ProjectCase):
    """A unique constraint comes to a table: with any room it is refused with nothing done, or done, and writing goes on."""

    STEP = 256

    def setUp(self):
        super().setUp()
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        self.assertTrue(mount(self.disk, "60m"))
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk])
        self.file = self.disk + "/db.sqlite3"
        self.settings = {"DATABASE_URL": f"sqlite:///{self.file}"}

    def put_back(self, contents):
        resize(self.disk, "60m")
        for name in os.listdir(self.disk):
            os.unlink(os.path.join(self.disk, name))
        with open(self.file, "wb") as file:
            file.write(contents)

    def write_on(self):
        """What a program does next, on the disk as it is, with the settings that corm has."""
        with contextlib.closing(sqlite3.connect(self.file)) as database, database:
            database.execute("INSERT INTO items (name, price) VALUES ('one more', 1)")
            database.execute("DELETE FROM items WHERE id % 3 = 0")
            database.commit()
            database.execute("INSERT INTO items (name, price) SELECT 'more ' || id, id FROM items WHERE id < 5000")
            database.commit()
            self.assertEqual(database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0], 0)

    def at_every_size(self, others):
        with open(self.file, "rb") as file:
            contents = file.read()
        size, room, done = len(contents) // 1024, 0, 0
        while done < 4:
            self.assertLess(room, 40000, "it never fits")
            self.put_back(contents)
            resize(self.disk, f"{size + room}k")
            with contextlib.ExitStack() as stack:
                if others:  # another program reads the file meanwhile
                    other = stack.enter_context(contextlib.closing(sqlite3.connect(self.file)))
                    try:
                        other.execute("SELECT count(*) FROM items").fetchone()
                    except sqlite3.OperationalError:
                        pass  # there is no room for the file of the log
                result = self.run_program(self.manage, "migrate", settings=self.settings)
            with self.subTest(room=room):
                if result.status:
                    self.assert_refused(result, 74, r"cannot be rebuilt: it needs about \d+ MB" if room > 1000 else FULL + "|cannot be rebuilt")
                    with contextlib.closing(sqlite3.connect(f"file:{self.file}?immutable=1", uri=True)) as database:
                        self.assertEqual(database.execute("SELECT count(*) FROM items").fetchone(), (self.ROWS,))
                        self.assertNotIn("UNIQUE", database.execute("SELECT sql FROM sqlite_schema WHERE name = 'items'").fetchone()[0])
                    self.assertEqual(done, 0, f"with {room} kB it is refused, with less it was done")
                else:
                    done += 1
                    self.write_on()
                    self.assertTrue(intact(self.file))
            room += self.STEP
        return room

    ROWS = 30000

    def test_refused_or_done(self):
        self.build()
        self.succeed(self.manage, "migrate", settings=self.settings)
        with contextlib.closing(sqlite3.connect(self.file)) as database, database:
            database.executemany("INSERT INTO items (name, price) VALUES (?, ?)", ((f"{i * 7919 % 30011:08}" + "n" * 20, i) for i in range(self.ROWS)))
            database.commit()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.migrations({"0001_initial": INITIAL, "0002_second": migration("0002_second",
                         '{ .kind = CORM_ADD_CONSTRAINT, .table = "items", .constraint = { "items_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "name, price" } }, ')})
        self.build()
        with open(self.file, "rb") as file:
            contents = file.read()
        alone = self.at_every_size(False)
        self.put_back(contents)
        self.assertLessEqual(alone, self.at_every_size(True))
