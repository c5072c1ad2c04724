"""pgbouncer in its mode transaction: each transaction of a connection may be another session of the server."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from . import support
from .server import Server, binaries
from .support import SECRET, FaultCase, is_root, wait_until

MIGRATORS = 8
HOLDER = r"another process is migrating this database: pid \d+ on \S+"


class Pooler:
    def __init__(self, server, folder, size):
        self.folder, self.process = folder, None
        if is_root():
            shutil.chown(folder, "postgres")
        self.write("[databases]\n"
                   f"postgres = host={server.folder} dbname=postgres user=corm password={SECRET}\n"
                   "[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n"
                   f"unix_socket_dir = {folder}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = {size}\n"
                   f"logfile = {folder}/log\npidfile = {folder}/pid\n")
        self.url = "postgresql://corm@/postgres?port=6432&host=" + folder.replace("/", "%2F")

    def write(self, text):
        with open(self.folder + "/pgbouncer.ini", "w") as file:
            file.write(text)
        os.chmod(self.folder + "/pgbouncer.ini", 0o644)

    def start(self):
        program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
        self.process = subprocess.Popen([*Server.user(), program, "-q", self.folder + "/pgbouncer.ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        wait_until(lambda: os.path.exists(self.folder + "/.s.PGSQL.6432"))

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


@unittest.skipUnless(binaries() and shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin"), "needs PostgreSQL and pgbouncer")
class PooledCase(FaultCase):
    size = 4

    def setUp(self):
        super().setUp()
        folders = []
        for name in ("pg", "pb"):
            folders.append(tempfile.mkdtemp(prefix=f"corm-{name}-", dir="/tmp"))
            self.addCleanup(shutil.rmtree, folders[-1], ignore_errors=True)
        self.server = Server(folders[0])
        self.addCleanup(self.server.stop)
        self.server.start()
        self.pooler = Pooler(self.server, folders[1], self.size)
        self.addCleanup(self.pooler.stop)
        self.pooler.start()
        self.settings = {"DATABASE_URL": self.pooler.url}
        self.direct = {"DATABASE_URL": self.server.url}

    def ask(self, sql):
        return self.server.ask(sql)

    def block(self):
        """A session that keeps the table of records, so that whoever migrates stands still while it has the lease."""
        environment = {**os.environ, "PGPASSWORD": SECRET}
        session = subprocess.Popen([self.server.bin + "/psql", "-h", self.server.folder, "-U", "corm", "-d", "postgres", "-XAtq"], env=environment, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(session.wait)
        self.addCleanup(session.stdout.close)
        self.addCleanup(session.kill)
        session.stdin.write("BEGIN; LOCK TABLE corm_migrations IN SHARE MODE; SELECT 'held';\n")
        session.stdin.flush()
        self.assertEqual(session.stdout.readline(), "held\n")
        return session

    def release(self, session):
        session.stdin.write("COMMIT;\n")
        session.stdin.close()

    def holder(self):
        """The process that has the lease, or None."""
        owner = self.ask("SELECT coalesce((SELECT owner FROM corm_migrations_lock WHERE expires > extract(epoch FROM clock_timestamp())), '')")
        return int(owner.split()[1]) if owner else None

    def whole(self):
        self.assertEqual(self.ask("SELECT app || '.' || name || coalesce(journal, '') FROM corm_migrations ORDER BY id").split(), ["core.0001_initial", "atlas.0001_initial"])
        self.succeed(support.EXAMPLE, "migrate", settings=self.direct, out="No migrations to apply")
        self.succeed(support.EXAMPLE, "load", settings=self.settings)


class Pooled(PooledCase):
    def test_eight_at_once(self):
        processes = [self.start(support.EXAMPLE, "migrate", settings=self.settings) for _ in range(MIGRATORS)]
        results = [self.finish(process) for process in processes]
        self.assertEqual([result.status for result in results], [0] * MIGRATORS, [result.err for result in results])
        self.assertEqual(sum(result.out.count("Applying atlas.0001_initial... OK") for result in results), 1)
        self.whole()

    def test_all_that_a_program_does(self):
        self.succeed(support.TOOL, "wait_for_db", "--require=writable", settings=self.settings)
        self.succeed(support.EXAMPLE, "migrate", settings=self.settings)
        for _ in range(2):
            self.succeed(support.EXAMPLE, "load", "--again", settings=self.settings)
            self.succeed(support.EXAMPLE, "questions", settings=self.settings, out="County")
        self.succeed(support.EXAMPLE, "showmigrations", settings=self.settings, out=r"\[X\] 0001_initial")
        self.succeed(support.EXAMPLE, "migrate", "atlas", "zero", settings=self.settings, out="Unapplying atlas.0001_initial... OK")
        self.assertEqual(self.ask("SELECT count(*) FROM pg_prepared_statements").strip(), "0")

    def test_one_beside_the_pooler(self):
        """Who comes past the pooler has a lock of its session, the others a lease: each waits for the other."""
        self.succeed(support.EXAMPLE, "migrate", "core", settings=self.settings)
        for first, second, who in ((self.direct, self.settings, "a session past the pooler"), (self.settings, self.direct, HOLDER)):
            session = self.block()
            holder = self.start(support.EXAMPLE, "migrate", settings=first)
            if who is HOLDER:
                wait_until(self.holder)
            else:
                wait_until(lambda: self.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").strip() != "0")
            other = self.start(support.EXAMPLE, "migrate", "--lock-timeout=1", settings=second)
            result = self.finish(other)
            self.assertEqual(result.status, 75, result.err)
            self.assertRegex(result.err, who)
            self.release(session)
            self.assertEqual(self.finish(holder).status, 0)
            self.succeed(support.EXAMPLE, "migrate", "atlas", "zero", settings=self.direct)
