"""The ten commonest failures of docs/migrations.md: each is provoked, and says what the document says that it says."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile

from . import support
from .migrations import ADD_STOCK, NO_PRICE
from .project import INITIAL, MODELS, ProjectCase, migration
from .server import Server, binaries
from .support import SECRET, wait_until

STOCK = '{ .kind = CORM_ADD_COLUMN, .table = "items", .column = { "stock", .kind = CORM_INTEGER } }, '
ONE_WAY = '{ .kind = CORM_RUN_SQL, .sql = "UPDATE items SET price = 1" }, '


def documented():
    """What it says, and with which exit statuses."""
    with open(os.path.join(support.SOURCE, "docs/migrations.md")) as file:
        section = file.read().split("### The ten commonest failures")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| ([0-9or ]+) \| .+ \|$", section, re.MULTILINE)
    return {text: [int(number) for number in re.findall(r"\d+", statuses)] for text, statuses in rows}


class Commonest(ProjectCase):
    seen = set()

    def says(self, text, *command, settings=None, process=None):
        """The command (or the process) says this, and ends as the document says."""
        statuses = documented()[text]
        result = self.finish(process) if process else self.run_program(self.manage, *command, settings=settings)
        self.assertIn(text, result.err)
        self.assertIn(result.status, statuses, result.err)
        self.seen.add(text)

    def second(self, operations, **others):
        self.migrations({"0001_initial": INITIAL, "0002_second": migration("0002_second", operations), **others})
        self.build()

    def run_sql(self, *statements):
        with sqlite3.connect(self.path("db.sqlite3")) as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def test_all_of_them(self):
        self.build()
        self.says("Connection refused", "migrate", settings={"DATABASE_URL": "postgresql://corm@127.0.0.1:1/corm"})
        self.run_sql('CREATE TABLE items ("id" INTEGER PRIMARY KEY)')
        self.says("The database has it, but no record of this migration", "migrate")
        self.run_sql("DROP TABLE items")
        self.succeed(self.manage, "migrate")
        self.run_sql("INSERT INTO items (name) VALUES ('a')")
        self.second(STOCK)
        self.says("It needs .fill = CORM_DEFAULT(...): what the rows get that are there.", "migrate")
        self.migrations({"0001_initial": INITIAL.replace("max_length = 40", "max_length = 41")})
        self.build()
        self.says("was edited after it had been applied", "migrate")
        self.second(ADD_STOCK, **{"0002_other": migration("0002_other", "")})
        self.says("has two latest migrations", "migrate")
        os.unlink(self.path("shop/migrations/0002_other.h"))
        self.second(ONE_WAY)
        self.succeed(self.manage, "migrate")
        self.says("cannot be undone", "migrate", "shop", "0001")
        self.migrations({"0001_initial": INITIAL})
        self.build()
        self.says("which this program does not carry and which does more than expand the schema", "migrate")
        self.says("which this program does not carry and which does more than expand the schema", "wait_for_db", "--require=migrated", "--timeout=5")
        self.second(ONE_WAY)
        self.models(NO_PRICE)
        self.build()
        self.says("have changes that no migration in this program has", "migrate")
        self.models(MODELS)
        self.lock()
        self.assertEqual(self.seen, set(documented()))
        self.assertEqual(len(self.seen), 10)

    def lock(self):
        """With a server: an open transaction is in the way, then a process."""
        if not binaries():
            self.skipTest("the last two need PostgreSQL")
        home = tempfile.mkdtemp(prefix="corm-f", dir="/tmp")
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        server = Server(home)
        self.addCleanup(server.stop)
        server.start()
        settings = {"DATABASE_URL": server.url}
        self.migrations({"0001_initial": INITIAL})
        self.build()
        self.succeed(self.manage, "migrate", settings=settings)
        self.second(ADD_STOCK)
        session = subprocess.Popen([server.bin + "/psql", "-h", home, "-U", "corm", "-d", "postgres", "-Xq"], env={**os.environ, "PGPASSWORD": SECRET}, stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, text=True)
        session.stdin.write("BEGIN; SELECT * FROM items;\n")
        session.stdin.flush()
        wait_until(lambda: server.ask("SELECT count(*) FROM pg_locks WHERE relation = 'items'::regclass") != "0")
        first = self.start(self.manage, "migrate", settings=settings)
        wait_until(lambda: server.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != "0")
        self.says("another process has been migrating this database for more than", "migrate", "--lock-timeout=1", settings=settings)
        wait_until(lambda: server.ask("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0")
        wait_until(lambda: server.ask("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0")    # it was given back for a while
        session.stdin.close()
        session.wait()
        self.says("waits for a lock that another session has", process=first)

