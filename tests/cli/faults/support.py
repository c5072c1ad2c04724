"""What the tests of bad input share: a temporary folder, running a program in it, and what each error has to be."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

SECRET = "s3cr3t-Pw"
EXAMPLE = None      # the example program atlas
TOOL = None         # corm
SOURCE = None       # the project's folder
BUILD = None
FLAGS = []          # of the compiler, as those that the libraries were built with


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


def environment(settings=None):
    """Only what a program needs: nothing of whoever runs the tests gets in."""
    kept = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": "/nonexistent", "LC_ALL": "C", **(settings or {})}


class FaultCase(unittest.TestCase):
    """A test with a folder of its own that goes away."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="corm-faults-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb" if isinstance(content, bytes) else "w") as file:
            file.write(content)

    def start(self, *command, settings=None, **options):
        """A process in the folder whose output is kept."""
        arguments = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([str(word) for word in command], cwd=self.folder, env=environment(settings), **arguments)

    def finish(self, process, timeout=600):
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail(f"{process.args} did not end in {timeout} s")
        texts = [text.decode("utf-8", "replace") if text is not None else "" for text in (out, err)]
        for text in texts:
            self.assertNotIn(SECRET, text, "a password in the output")
            self.assertNotIn(SECRET.replace("-", "%2D"), text, "a password in the output")
            self.assertNotIn("Sanitizer", text)
        return Result(process.returncode, *texts)

    def run_program(self, *command, settings=None, **options):
        return self.finish(self.start(*command, settings=settings, **options))

    def succeed(self, *command, settings=None, out=None, **options):
        result = self.run_program(*command, settings=settings, **options)
        self.assertEqual(result.status, 0, f"{command}: {result.out}{result.err}")
        if out is not None:
            self.assertRegex(result.out, out)
        return result

    def refuse(self, status, message, *command, settings=None, **options):
        """The command fails with this exit status and one line on standard error that matches; no other kind of noise."""
        return self.assert_refused(self.run_program(*command, settings=settings, **options), status, message)

    def assert_refused(self, result, status, message):
        self.assertEqual(result.status, status, f"exit status; it says: {result.out[-500:]}{result.err}")
        lines = [line for line in result.err.splitlines() if " warning: " not in line]
        self.assertEqual(len(lines), 1, f"not one line: {result.err}")
        self.assertRegex(lines[0], message)
        self.assertRegex(lines[0], r"^[\w.-]+( [\w.-]+)?: \S")
        return result


def wait_until(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


def count(path, table):
    """The rows of a table in an SQLite file, read without corm."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        try:
            return database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise


def intact(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute("PRAGMA integrity_check").fetchone()[0] == "ok" and not database.execute("PRAGMA foreign_key_check").fetchall()


def is_root():
    return os.geteuid() == 0


def as_nobody(*command):
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def need_nobody(case):
    """Skips where no other user can run the program: for want of root, or when the build stands in a folder that only its owner may enter."""
    if not is_root():
        case.skipTest("needs root to run as another user")
    if subprocess.run(as_nobody(EXAMPLE, "version"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        case.skipTest(f"another user cannot run {EXAMPLE}")
