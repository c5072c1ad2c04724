"""SQLite files that are damaged, are something else, or may not be read or written; and one that another process keeps locked."""

import os
import sqlite3
import time

from . import support
from .support import FaultCase, as_nobody, count, intact, need_nobody

DAMAGED = r"/db\.sqlite3: (file is not a database|database disk image is malformed); .*restore the file from a backup"


def damaged(good, name):
    """Bytes of a good database, spoilt."""
    noise = bytes((i * 2654435761 >> 13) & 0xFF for i in range(4096))
    pages = [good[i:i + 4096] for i in range(0, len(good), 4096)] or [b""]
    return {
        "noise": noise * 4,
        "text": b"id,name\n1,somebody\n" * 50,
        "cut short": good[:len(good) // 3],
        "first page alone": good[:4096],
        "header": noise[:100] + good[100:],
        "one byte of the magic": good[:3] + b"X" + good[4:],
        "schema": good[:100] + noise[:3996] + good[4096:],
        "every second page": b"".join(page if i % 2 == 0 else noise for i, page in enumerate(pages)),
        "all but the first page": pages[0] + noise * (len(pages) - 1),
    }[name]


class DamagedFiles(FaultCase):
    NAMES = ("noise", "text", "cut short", "first page alone", "header", "one byte of the magic", "schema", "every second page", "all but the first page")

    def test_each(self):
        self.succeed(support.EXAMPLE, "migrate")
        self.succeed(support.EXAMPLE, "load")
        with open(self.path("db.sqlite3"), "rb") as file:
            good = file.read()
        for name in self.NAMES:
            with self.subTest(name):
                for rest in ("-wal", "-shm"):
                    if os.path.exists(self.path("db.sqlite3" + rest)):
                        os.unlink(self.path("db.sqlite3" + rest))
                bad = damaged(good, name)
                self.write("db.sqlite3", bad)
                self.refuse(65, DAMAGED, support.EXAMPLE, "load", "--again")
                self.refuse(65, DAMAGED, support.EXAMPLE, "questions")
                with open(self.path("db.sqlite3"), "rb") as file:
                    self.assertEqual(file.read(), bad, "a damaged file was changed")
                self.assertEqual(os.listdir(self.folder), ["db.sqlite3"])
        self.write("db.sqlite3", good)
        self.succeed(support.EXAMPLE, "questions")

    def test_migrate_leaves_what_is_no_database(self):
        for name in ("noise", "text"):
            with self.subTest(name):
                bad = damaged(b"", name)
                self.write("db.sqlite3", bad)
                self.refuse(65, DAMAGED, support.EXAMPLE, "migrate")
                self.refuse(65, DAMAGED, support.TOOL, "wait_for_db", "--quiet")
                with open(self.path("db.sqlite3"), "rb") as file:
                    self.assertEqual(file.read(), bad)

    def test_damage_under_a_migration_leaves_the_rest(self):
        """A page in the middle is noise: undoing fails in the transaction or does not touch it, and nothing else changes."""
        self.succeed(support.EXAMPLE, "migrate")
        self.succeed(support.EXAMPLE, "load")
        with open(self.path("db.sqlite3"), "rb") as file:
            good = file.read()
        self.write("db.sqlite3", damaged(good, "every second page"))
        result = self.run_program(support.EXAMPLE, "migrate", "atlas", "zero")
        self.assert_refused(result, 65, DAMAGED.replace("/db", ".*/db"))

    def test_empty_file_is_a_new_database(self):
        self.write("db.sqlite3", "")
        self.succeed(support.EXAMPLE, "migrate", out=r"Applying atlas\.0001_initial\.\.\. OK")

    def test_places(self):
        os.mkdir(self.path("folder"))
        for url, status, message in (
            ("sqlite:///folder", 74, r"folder is a folder, not a database file; name a file in it"),
            ("sqlite:///missing/db.sqlite3", 74, r"cannot create missing/db\.sqlite3: its folder does not exist; create"),
            ("sqlite:////dev/null", 74, r"/dev/null: "),
            ("sqlite:////dev/full", 74, r"/dev/full: .*free space"),
            ("sqlite:////proc/version", 74, r"/proc/version: unable to open database file; check the path"),
            ("sqlite:///" + "x" * 300, 74, r": "),
            ("sqlite:///" + "y/" * 3000, 74, r": "),
        ):
            if url.endswith("/proc/version") and not os.path.exists("/proc/version"):
                continue
            with self.subTest(url[:40]):
                self.refuse(status, message, support.EXAMPLE, "migrate", settings={"DATABASE_URL": url})
        self.assertEqual(os.listdir(self.folder), ["folder"])

    def test_waiting_creates_nothing(self):
        self.refuse(74, r"its folder does not exist", support.TOOL, "wait_for_db", "--quiet", settings={"DATABASE_URL": "sqlite:///missing/db.sqlite3"})
        self.assertEqual(os.listdir(self.folder), [])


class Permissions(FaultCase):
    def setUp(self):
        super().setUp()
        need_nobody(self)
        self.succeed(support.EXAMPLE, "migrate")
        self.succeed(support.EXAMPLE, "load")
        self.database = self.path("db.sqlite3")
        self.addCleanup(self.nothing_is_lost)

    def nothing_is_lost(self):
        os.chmod(self.database, 0o644)
        self.assertEqual(count(self.database, "atlas_countries"), 249)
        self.assertTrue(intact(self.database))

    def test_file_that_may_not_be_read(self):
        os.chmod(self.folder, 0o777)
        os.chmod(self.database, 0)
        for command in (["migrate"], ["load", "--again"], ["questions"]):
            self.refuse(77, r"no permission to open db\.sqlite3; .* readable and writable", *as_nobody(support.EXAMPLE, *command))

    def test_file_that_may_not_be_written(self):
        os.chmod(self.folder, 0o777)
        os.chmod(self.database, 0o444)
        self.succeed(*as_nobody(support.EXAMPLE, "migrate"), out="No migrations to apply")
        for command in (["load", "--again"], ["migrate", "atlas", "zero"]):
            self.refuse(77, r"/db\.sqlite3: attempt to write a readonly database; the file and its folder must be writable", *as_nobody(support.EXAMPLE, *command))

    def test_folder_that_may_not_be_written(self):
        os.chmod(self.folder, 0o555)
        os.chmod(self.database, 0o666)
        for command in (["load", "--again"], ["migrate", "atlas", "zero"]):
            self.refuse(77, r"db\.sqlite3.*; the file and its folder must be .*writable|lock file", *as_nobody(support.EXAMPLE, *command))

    def test_new_file_in_a_folder_that_may_not_be_written(self):
        os.chmod(self.folder, 0o555)
        self.refuse(77, r"new\.db cannot be written: its folder: Permission denied; .* must be writable", *as_nobody(support.EXAMPLE, "migrate"), settings={"DATABASE_URL": "sqlite:///new.db"})


class BusyWriter(FaultCase):
    def test_gives_up_and_says_what_to_do(self):
        self.succeed(support.EXAMPLE, "migrate")
        self.succeed(support.EXAMPLE, "load")
        database = self.path("db.sqlite3")
        writer = sqlite3.connect(database, isolation_level=None)
        settings = {"DB_BUSY_TIMEOUT": "300ms"}
        for begin in ("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"):
            with self.subTest(begin):
                writer.execute(begin)
                for command in (["load", "--again"], ["migrate", "atlas", "zero"]):
                    start = time.monotonic()
                    self.refuse(75, r"database is locked; another connection is writing: try again, or raise busy_timeout", support.EXAMPLE, *command, settings=settings)
                    self.assertGreater(time.monotonic() - start, 0.25, "it did not wait")
                self.succeed(support.EXAMPLE, "migrate", settings=settings)
                writer.execute("ROLLBACK")
        writer.close()
        self.assertEqual(count(database, "atlas_countries"), 249)
        self.succeed(support.EXAMPLE, "load", "--again", out=r"Loaded \d+ rows")

    def test_waits_for_a_writer_that_ends(self):
        self.succeed(support.EXAMPLE, "migrate")
        writer = sqlite3.connect(self.path("db.sqlite3"), isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        process = self.start(support.EXAMPLE, "load", settings={"DB_BUSY_TIMEOUT": "20s"})
        time.sleep(0.3)
        writer.execute("COMMIT")
        writer.close()
        result = self.finish(process)
        self.assertEqual((result.status, result.err), (0, ""))
