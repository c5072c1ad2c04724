"""Output that nobody takes, signals, and command lines as no person writes them."""

import os
import signal
import sqlite3
import subprocess
import time

from . import support
from .support import FaultCase, count, intact

COMMANDS = (["config"], ["help"], ["version"], ["migrate", "--json"], ["migrate", "--plan"], ["showmigrations"], ["sqlmigrate", "atlas", "0001"], ["makemigrations", "--check"], ["check"])
CANNOT_WRITE = r"cannot write to standard output: (No space left on device|Broken pipe|Bad file descriptor)"


class Output(FaultCase):
    def test_full_device(self):
        with open("/dev/full", "w") as full:
            for command in COMMANDS:
                with self.subTest(command):
                    result = self.run_program(support.EXAMPLE, *command, stdout=full)
                    self.assert_refused(result, 74, CANNOT_WRITE)

    def test_what_is_done_stays_done(self):
        with open("/dev/full", "w") as full:
            self.assert_refused(self.run_program(support.EXAMPLE, "migrate", stdout=full), 74, CANNOT_WRITE)
        self.succeed(support.EXAMPLE, "migrate", out=r"\ANo migrations to apply\.\n\Z")
        self.assertEqual(count(self.path("db.sqlite3"), "atlas_countries"), 0)

    def test_reader_that_goes_away(self):
        for command in COMMANDS[:1] + (["migrate"], ["load"], ["questions"]):
            with self.subTest(command):
                reader, writer = os.pipe()
                os.close(reader)  # before the start: a short output would else be written in time now and then
                try:
                    self.assert_refused(self.run_program(support.EXAMPLE, *command, stdout=writer), 74, CANNOT_WRITE)
                finally:
                    os.close(writer)
        self.assertEqual(count(self.path("db.sqlite3"), "atlas_countries"), 249)

    def test_closed_streams(self):
        for closing in (">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
            with self.subTest(closing):
                if os.path.exists(self.path("db.sqlite3")):
                    os.unlink(self.path("db.sqlite3"))
                subprocess.run(["sh", "-c", f'"$0" migrate {closing}', support.EXAMPLE], cwd=self.folder, env=support.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.assertTrue(intact(self.path("db.sqlite3")), "output went into the database")
                self.assertEqual(count(self.path("db.sqlite3"), "atlas_countries"), 0)

    def test_error_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            self.assertEqual(self.run_program(support.EXAMPLE, "nothing", stderr=full).status, 64)
            self.assertEqual(self.run_program(support.EXAMPLE, "migrate", stderr=full, settings={"DATABASE_URL": ""}).status, 78)


class Signals(FaultCase):
    def test_migrating_in_the_middle(self):
        """Before or after each migration, whenever the signal comes; and the lock goes with the process."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            for delay in (0.001, 0.004, 0.008, 0.012, 0.02, 0.03):
                with self.subTest(signal=number, delay=delay):
                    for name in os.listdir(self.folder):
                        os.unlink(self.path(name))
                    process = self.start(support.EXAMPLE, "migrate")
                    time.sleep(delay)
                    process.send_signal(number)
                    self.assertIn(self.finish(process, 10).status, (-number, 0))
                    shown = self.succeed(support.EXAMPLE, "showmigrations", "--plan").out
                    for table, record in (("core_loads", "[X]  core.0001_initial"), ("atlas_country_names", "[X]  atlas.0001_initial")):
                        self.assertEqual(count(self.path("db.sqlite3"), table) is not None, record in shown)
                    self.succeed(support.EXAMPLE, "migrate", "--lock-timeout", "5")
                    self.assertTrue(intact(self.path("db.sqlite3")))

    def test_waiting_for_a_writer(self):
        self.succeed(support.EXAMPLE, "migrate")
        writer = sqlite3.connect(self.path("db.sqlite3"), isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start(support.EXAMPLE, "load", settings={"DB_BUSY_TIMEOUT": "60s"})
            time.sleep(0.2)
            process.send_signal(number)
            self.assertEqual(self.finish(process, 10).status, -number)
        writer.close()
        self.assertEqual(count(self.path("db.sqlite3"), "atlas_countries"), 0)


class CommandLines(FaultCase):
    def test_each(self):
        long, noise = "x" * 100_000, os.fsdecode(b"\xff\xfe\x80")
        for name, arguments, message in (
            ("no command", [], r"a command is missing; \"manage help\""),
            ("empty command", [""], r"a command is missing"),
            ("misspelt command", ["migarte"], r'unknown command "migarte"; did you mean "migrate"'),
            ("long command", [long], r"unknown command \"x+"),
            ("command that is no text", [noise], r"unknown command"),
            ("control characters", ["a\x1b[2Jb\nc"], r"unknown command"),
            ("unknown option", ["migrate", "--pln"], r"--pln"),
            ("option without its value", ["migrate", "--database"], r"--database"),
            ("number that is none", ["migrate", "--lock-timeout", "soon"], r"--lock-timeout"),
            ("negative number", ["migrate", "--lock-timeout", "-1"], r"--lock-timeout"),
            ("number out of range", ["migrate", "--lock-timeout", "1e999"], r"--lock-timeout"),
            ("unknown app among several", ["migrate", "atlas", "0001", "c"], r"no app c in this program"),
            ("unknown app", ["migrate", "atlsa"], r"no app atlsa in this program"),
            ("unknown migration", ["migrate", "atlas", "0009"], r"app atlas has no migration 0009; showmigrations"),
            ("long app", ["migrate", long], r"no app x+"),
            ("app that is no text", ["migrate", noise], r"no app "),
            ("path as an app", ["makemigrations", "../../etc"], r"no app "),
            ("path as a name", ["makemigrations", "--empty", "atlas", "--name", "../x"], r"--name .*only letters"),
            ("unknown engine", ["sqlmigrate", "atlas", "0001", "--engine", "oracle"], r"oracle"),
        ):
            with self.subTest(name):
                result = self.refuse(64, message, support.EXAMPLE, *arguments)
                self.assertNotIn("\x1b", result.err)
        self.succeed(support.EXAMPLE, "migrate")
