"""Bad settings: exit status 78, and which variable, what is wrong, what to do."""

import os
import subprocess
import tempfile

from . import support
from .support import SECRET, FaultCase, as_nobody, need_nobody

URL = f"postgresql://app:{SECRET}@db.invalid/shop"

# settings, arguments, what is said
CASES = {
    "unknown engine in a URL": ({"DATABASE_URL": f"oracle://app:{SECRET}@db/shop"}, [], r'DATABASE_URL: .*unknown scheme "oracle"; .*postgresql://'),
    "no URL at all": ({"DATABASE_URL": "db.sqlite3"}, [], r"DATABASE_URL: .*sqlite://"),
    "unknown engine": ({"DB_ENGINE": "oracle"}, [], r'DB_ENGINE: .*"oracle".*sqlite, postgresql or mariadb'),
    "port out of range": ({"DB_HOST": "db", "DB_PORT": "99999"}, [], r'DB_PORT: .*"99999".*1 to 65535'),
    "port out of range in a URL": ({"DATABASE_URL": f"postgresql://app:{SECRET}@db:99999/shop"}, [], r'DATABASE_URL: .*"99999".*1 to 65535'),
    "port that is a word": ({"DATABASE_URL": f"postgresql://app:{SECRET}@db:http/shop"}, [], r"DATABASE_URL: column \d+: this is no port: a number from 1 to 65535"),
    "misspelt parameter": ({"DATABASE_URL": URL + "?ssl_mode=require"}, [], r'column \d+: unknown parameter "ssl_mode"; did you mean "sslmode"'),
    "value of a parameter": ({"DATABASE_URL": URL + "?sslmode=requires"}, [], r'sslmode "requires".*did you mean "require"'),
    "parameter of another engine": ({"DATABASE_URL": "sqlite:///x.db?sslmode=require"}, [], r"sslmode"),
    "URL and part": ({"DATABASE_URL": URL, "DB_HOST": "other"}, [], r'DATABASE_URL and DB_HOST .*"db.invalid" and "other"; unset one'),
    "URL and password": ({"DATABASE_URL": URL, "DB_PASS": "another"}, [], r"DATABASE_URL and DB_PASS .*password; unset one"),
    "two passwords": ({"DB_HOST": "db", "DB_PASS": SECRET, "DB_PASSWORD": SECRET + "2"}, [], r"DB_PASS(WORD)? and DB_PASS(WORD)?"),
    "empty URL": ({"DATABASE_URL": ""}, [], r"DATABASE_URL is empty; unset it"),
    "raw @ in a password": ({"DATABASE_URL": f"postgresql://app:{SECRET}@x@db/shop"}, [], r"column \d+: a raw @ in the password; write %40"),
    "raw / in a password": ({"DATABASE_URL": f"postgresql://app:{SECRET}/x@db/shop"}, [], r"column \d+: a raw / in the password; write %2F"),
    "raw # in a password": ({"DATABASE_URL": f"postgresql://app:{SECRET}#x@db/shop"}, [], r"column \d+: a raw # in the password; write %23"),
    "raw ? in a password": ({"DATABASE_URL": f"postgresql://app:{SECRET}?x@db/shop"}, [], r"column \d+: a raw \? in the password; write %3F"),
    "bad percent-encoding": ({"DATABASE_URL": f"postgresql://app:{SECRET}%zz@db/shop"}, [], r"column \d+: .*%"),
    "NUL in a URL": ({"DATABASE_URL": "postgresql://app@db/sh%00op"}, [], r"column \d+: .*%00"),
    "unreadable file": ({"DATABASE_URL_FILE": "/nonexistent/url"}, [], r"DATABASE_URL_FILE: /nonexistent/url cannot be read: .*; "),
    "folder as a file": ({"DB_PASS_FILE": "/"}, [], r"DB_PASS_FILE: / cannot be read: .*; "),
    "value and file": ({"DB_PASS": SECRET, "DB_PASS_FILE": "/etc/hostname"}, [], r"DB_PASS and DB_PASS_FILE are both set; unset one"),
    "unknown alias": ({}, ["--database", "replica"], r'no database "replica" is configured; set DATABASE_URL_REPLICA'),
    "misspelt alias": ({"DATABASE_URL_REPLICA": "sqlite:///r.db"}, ["--database", "replca"], r'"replca".*did you mean "replica"'),
    "missing .env file": ({}, ["--env-file", "missing.env"], r"missing\.env cannot be read"),
    "number that is none": ({"DB_BUSY_TIMEOUT": "soon"}, [], r'DB_BUSY_TIMEOUT: .*"soon".*milliseconds'),
    "word that is none": ({"DB_JOURNAL_MODE": "fast"}, [], r'DB_JOURNAL_MODE: .*"fast".*wal, delete'),
    "negative number": ({"DB_STATEMENT_CACHE_SIZE": "-1"}, [], r'DB_STATEMENT_CACHE_SIZE: .*"-1"'),
    "very long URL": ({"DATABASE_URL": "x" * 100_000}, [], r"DATABASE_URL: "),
    "very long alias": ({}, ["--database", "x" * 100_000], r'no database "x+'),
    "control characters": ({"DB_ENGINE": "a\x1b[31m\nb"}, [], r"DB_ENGINE: "),
    "bytes that are no text": ({"DB_ENGINE": os.fsdecode(b"\xff\xfe")}, [], r"DB_ENGINE: "),
}

# the file .env, what is said
ENV_CASES = {
    "setting without =": ("A=1\n  DB_HOST C=2\n", r"\.env:2:11: "),
    "open quote": (f'A=1\nDB_PASS="{SECRET}\n', r"\.env:2:9: .*quote is not closed"),
    "required variable": ("DB_PASS=${PASSWORD_OF_THE_DB:?write it down}\n", r"\.env:1:\d+: PASSWORD_OF_THE_DB is not set: write it down"),
    "open brace": (f"DB_PASS=${{X\nDB_USER={SECRET}\n", r"\.env:1:\d+: "),
    "reference to a line of others": ("A=x$\nDB_NAME=$A\n", r"\.env:2:9: A cannot be put in, .*: \.env:1:4: "),
    "NUL byte": ("A=1\nDB_USER=a\0b\n", r"\.env:2:\d+: "),
    "value of a setting": ("A=1\n\nDB_PORT=99999\nDB_HOST=db\n", r'\.env:3.*"99999".*1 to 65535'),
    "conflict in one file": (f"DATABASE_URL={URL}\nDB_HOST=other\n", r"\.env:1.* and \.env:2.*; unset one"),
}


class BadSettings(FaultCase):
    def test_variables(self):
        for name, (settings, arguments, message) in CASES.items():
            with self.subTest(name):
                self.refuse(78, message, support.EXAMPLE, "migrate", *arguments, settings=settings)
        self.assertEqual(os.listdir(self.folder), [], "bad settings left something behind")
        self.succeed(support.EXAMPLE, "migrate")

    def test_tool_without_a_project(self):
        for name in ("port out of range", "raw @ in a password", "empty URL", "misspelt parameter"):
            with self.subTest(name):
                settings, arguments, message = CASES[name]
                for command in ("config", "wait_for_db", "dbshell"):
                    self.refuse(78, message, support.TOOL, command, *arguments, settings=settings)

    def test_env_file(self):
        for name, (text, message) in ENV_CASES.items():
            with self.subTest(name):
                self.write(".env", text)
                self.refuse(78, message, support.EXAMPLE, "migrate")
        os.unlink(self.path(".env"))
        self.assertEqual(os.listdir(self.folder), [])

    def test_env_file_that_may_not_be_read(self):
        need_nobody(self)
        self.write(".env", f"DB_PASS={SECRET}\n")
        os.chmod(self.path(".env"), 0o600)
        os.chmod(self.folder, 0o755)
        self.refuse(78, r"\.env cannot be read: Permission denied", *as_nobody(support.EXAMPLE, "migrate"))
        with tempfile.TemporaryDirectory() as other:
            os.chmod(other, 0o777)
            url = {"DATABASE_URL": f"sqlite:///{other}/x.db"}
            said = self.succeed(*as_nobody(support.EXAMPLE, "migrate"), settings=url).err
            self.assertIn("warning: .env is left out, it cannot be read: Permission denied", said)
            os.chmod(self.folder, 0o700)     # nor may the folder be searched
            os.unlink(self.path(".env"))
            said = self.succeed(*as_nobody(support.EXAMPLE, "wait_for_db", "--timeout", "5"), settings=url).err
            self.assertIn("warning: .env is left out, it cannot be read: Permission denied", said)

    def test_env_file_that_is_none(self):
        os.mkfifo(self.path(".env"))
        self.refuse(78, r"\.env cannot be read: it is a pipe", support.EXAMPLE, "migrate")
        self.refuse(78, r"\.env cannot be read: it is a pipe", support.EXAMPLE, "migrate", settings={"DB_NAME": "x.db"})
        self.refuse(78, r"/dev/zero cannot be read: it is a device", support.EXAMPLE, "migrate", "--env-file", "/dev/zero")

    def test_lines_of_others(self):
        self.write(".env", f"1A=x\nCREDENTIALS=user:$2a$08${SECRET}\nOPEN=\"x\nDB_NAME=mine.db\n")
        self.succeed(support.EXAMPLE, "migrate")
        self.assertIn("mine.db", os.listdir(self.folder))


class FolderThatCannotBeWritten(FaultCase):
    """SQLite: nothing can be made there, so it is never available; what is there can be read."""

    def wait(self, *arguments):
        return as_nobody(support.EXAMPLE, "wait_for_db", "--timeout", "20", *arguments)

    def test_by_its_mode(self):
        need_nobody(self)
        os.chmod(self.folder, 0o755)
        url = {"DATABASE_URL": f"sqlite:///{self.folder}/x.db"}
        said = r"x\.db cannot be written: its folder: Permission denied; the file and its folder must be writable"
        for arguments in ([], ["--require", "writable"], ["--missing-db", "create"]):
            self.refuse(77, said, *self.wait(*arguments), settings=url)
        self.refuse(77, said, *self.wait(), settings={"DB_NAME": "x.db"})
        for mode in ("wal", "delete"):
            url["DB_JOURNAL_MODE"] = mode
            self.succeed(support.EXAMPLE, "migrate", settings=url)
            os.chmod(self.path("x.db"), 0o666)
            self.refuse(77, r"x\.db.*the file and its folder must be writable", *self.wait("--require", "writable"), settings=url)
        self.succeed(*self.wait(), settings=url)
        self.succeed(*self.wait("--require", "table:core_loads"), settings=url)
        os.chmod(self.folder, 0o777)
        self.succeed(*self.wait("--require", "writable"), settings=url)

    def test_by_its_mount(self):
        if not support.is_root():
            self.skipTest("needs root to mount")
        place = self.path("mounted")
        os.mkdir(place)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", place], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", place])
        self.refuse(77, r"x\.db cannot be written: its folder: Read-only file system", support.EXAMPLE, "wait_for_db", "--timeout", "20",
                    settings={"DATABASE_URL": f"sqlite:///{place}/x.db"})
