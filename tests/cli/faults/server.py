"""A PostgreSQL server of its own that goes away, comes back, refuses and runs out of space."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import unittest

from . import support
from .migrations import OPERATIONS
from .project import INITIAL, ProjectCase, migration
from .support import SECRET, FaultCase, is_root, wait_until

LOST = r"(server closed the connection|connection .*lost|terminating connection|Connection refused|No such file or directory|not accept)"


def binaries():
    for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda name: int(name.split("/")[4]) if name.split("/")[4].isdigit() else 0, reverse=True):
        if os.path.exists(folder + "/postgres"):
            return folder
    return os.path.dirname(shutil.which("postgres") or "") or None


class Server:
    def __init__(self, folder):
        """In a folder that exists; its path is short enough for a socket."""
        self.folder, self.bin, self.process = folder, binaries(), None
        if is_root():
            shutil.chown(folder, "postgres")
        password = os.path.join(folder, "password")
        with open(password, "w") as file:
            file.write(SECRET + "\n")
        os.chmod(password, 0o644)
        subprocess.run([*self.user(), self.bin + "/initdb", "-D", folder + "/data", "-U", "corm", "--pwfile", password, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8",
                        "--no-sync", "--wal-segsize=1"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.url = f"postgresql://corm:{SECRET}@/postgres?host=" + folder.replace("/", "%2F")

    @staticmethod
    def user():
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=QUIT"] if is_root() else []

    def start(self, *options):
        log = open(self.folder + "/log", "ab")
        self.process = subprocess.Popen([*self.user(), self.bin + "/postgres", "-D", self.folder + "/data", "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off",
                                         "-c", "max_wal_size=2MB", "-c", "min_wal_size=2MB", "-c", "shared_buffers=1MB", *options], stdout=log, stderr=log, cwd="/")
        log.close()
        wait_until(lambda: subprocess.run([self.bin + "/pg_isready", "-q", "-h", self.folder], stderr=subprocess.DEVNULL).returncode == 0)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None

    def ask(self, sql):
        environment = {**os.environ, "PGPASSWORD": SECRET}
        done = subprocess.run([self.bin + "/psql", "-h", self.folder, "-U", "corm", "-d", "postgres", "-XAtqc", sql], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, cwd="/")
        if done.returncode:
            raise AssertionError(done.stdout)
        return done.stdout.strip()


@unittest.skipUnless(binaries(), "needs PostgreSQL's server")
@unittest.skipIf(is_root() and "postgres" not in [user.pw_name for user in pwd.getpwall()], "needs the user postgres")
class LostServer(FaultCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="corm-f")
        cls.server = Server(cls.home)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        shutil.rmtree(cls.home)

    def setUp(self):
        super().setUp()
        self.settings = {"DATABASE_URL": self.server.url}
        self.server.ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def count(self, table):
        if self.server.ask(f"SELECT to_regclass('{table}') IS NOT NULL") == "f":
            return None
        return int(self.server.ask(f"SELECT count(*) FROM {table}"))

    def stuck(self, *command, table="core_loads"):
        """Starts a command that waits for a lock on the table, and returns when it does."""
        holder = subprocess.Popen([self.server.bin + "/psql", "-h", self.home, "-U", "corm", "-d", "postgres", "-Xq"], env={**os.environ, "PGPASSWORD": SECRET},
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        holder.stdin.write(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;\n")
        holder.stdin.flush()
        wait_until(lambda: self.server.ask(f"SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND granted AND mode = 'AccessExclusiveLock'") == "1")
        process = self.start(support.EXAMPLE, *command, settings=self.settings)
        wait_until(lambda: self.server.ask("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0")
        return process, holder

    def release(self, holder):
        holder.kill()
        holder.wait()
        holder.stdin.close()

    def test_connection_ended_in_the_middle(self):
        self.succeed(support.EXAMPLE, "migrate", settings=self.settings)
        for command, table in ((["load"], "core_loads"), (["load"], "atlas_country_names"), (["migrate", "atlas", "zero"], "atlas_country_names"), (["questions"], "atlas_countries")):
            with self.subTest(command=command, table=table):
                process, holder = self.stuck(*command, table=table)
                self.server.ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
                self.assert_refused(self.finish(process), 69, LOST)
                self.release(holder)
                self.assertEqual((self.count("atlas_countries"), self.count("core_loads")), (0, 0))
        self.succeed(support.EXAMPLE, "load", settings=self.settings)
        self.assertEqual(self.count("atlas_countries"), 249)

    def test_server_that_crashes_and_comes_back(self):
        self.succeed(support.EXAMPLE, "migrate", settings=self.settings)
        for command in (["load"], ["migrate", "atlas", "zero"]):
            with self.subTest(command=command):
                process, holder = self.stuck(*command, table="atlas_country_names")
                self.server.stop()
                self.assert_refused(self.finish(process), 69, LOST)
                self.release(holder)
                self.refuse(69, r"No such file or directory|Connection refused", support.EXAMPLE, "migrate", settings=self.settings)
                self.server.start()
                self.assertEqual((self.count("atlas_countries"), self.count("core_loads")), (0, 0))
        self.succeed(support.EXAMPLE, "load", settings=self.settings)

    def test_signals_in_the_middle(self):
        self.succeed(support.EXAMPLE, "migrate", settings=self.settings)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            for command in (["load"], ["migrate", "atlas", "zero"]):
                with self.subTest(command=command, signal=number):
                    process, holder = self.stuck(*command, table="atlas_country_names")
                    process.send_signal(number)
                    self.assertIn(self.finish(process, timeout=100).status, (-number, 128 + number))
                    self.release(holder)
                    self.succeed(support.EXAMPLE, "migrate", "--lock-timeout", "10", settings=self.settings)
                    self.assertEqual((self.count("atlas_countries"), self.count("core_loads")), (0, 0))

    def test_passwords_and_names(self):
        self.refuse(77, r"password authentication failed", support.EXAMPLE, "migrate", settings={"DATABASE_URL": self.server.url.replace(SECRET, SECRET + "x")})
        self.refuse(69, r'database "missing" does not exist', support.EXAMPLE, "migrate", settings={"DATABASE_URL": self.server.url.replace("/postgres?", "/missing?")})
        self.refuse(69, r"No such file or directory", support.EXAMPLE, "migrate", settings={"DATABASE_URL": self.server.url.replace("host=", "host=%2Fnonexistent")})
        self.refuse(69, r"Connection refused", support.EXAMPLE, "migrate", settings={"DATABASE_URL": f"postgresql://corm:{SECRET}@127.0.0.1:1/postgres"})

    def test_role_without_rights(self):
        self.server.ask(f"DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD '{SECRET}'; REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC")
        guest = {"DATABASE_URL": self.server.url.replace("//corm:", "//guest:")}
        self.refuse(77, r"permission denied", support.EXAMPLE, "migrate", settings=guest)
        self.succeed(support.EXAMPLE, "migrate", settings=self.settings)
        self.refuse(77, r"permission denied", support.EXAMPLE, "load", settings=guest)
        self.assertEqual(self.count("atlas_countries"), 0)

    def test_read_only(self):
        settings = {"DATABASE_URL": self.server.url + "&options=-c%20default_transaction_read_only%3Don"}
        self.refuse(77, r"read-only transaction", support.EXAMPLE, "migrate", settings=settings)
        self.assertEqual(self.count("core_loads"), None)


@unittest.skipUnless(binaries(), "needs PostgreSQL's server")
@unittest.skipIf(is_root() and "postgres" not in [user.pw_name for user in pwd.getpwall()], "needs the user postgres")
class EditedMigrations(ProjectCase):
    def test_operations(self):
        home = tempfile.mkdtemp(prefix="corm-f")
        self.addCleanup(shutil.rmtree, home)
        server = Server(home)
        server.start()
        self.addCleanup(server.stop)
        settings = {"DATABASE_URL": server.url}
        self.build()
        self.succeed(self.manage, "migrate", settings=settings)
        server.ask("INSERT INTO items (name, price) VALUES ('a', 1), ('a', NULL), ('b', 3)")
        for name, (operations, message) in OPERATIONS.items():
            with self.subTest(name):
                self.migrations({"0001_initial": INITIAL, "0002_second": migration("0002_second", operations)})
                self.build()
                result = self.run_program(self.manage, "migrate", settings=settings)
                self.assertIn(result.status, (65, 70), result.out + result.err)
                self.assert_refused(result, result.status, message)
                self.assertEqual(server.ask("SELECT (SELECT count(*) FROM corm_migrations), (SELECT sum(price) FROM items), (SELECT count(*) FROM items)"), "1|4|3")
                self.assertEqual(server.ask("SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'items'"), "id,name,price")
        self.migrations({"0001_initial": INITIAL})
        self.build()
        self.succeed(self.manage, "migrate", settings=settings)


@unittest.skipUnless(binaries() and is_root(), "needs PostgreSQL's server, and root to make a small disk")
class FullServer(FaultCase):
    """The tables are on a small disk, the rest of the server is not."""

    def setUp(self):
        super().setUp()
        from .disk import mount, private_mounts
        home = tempfile.mkdtemp(prefix="corm-f")
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        if not private_mounts() or not mount(self.folder, "20m"):
            self.skipTest("needs mount namespaces to make a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder])
        self.server = Server(home)
        self.server.start()
        self.addCleanup(self.server.stop)
        shutil.chown(self.folder, "postgres")
        self.server.ask(f"CREATE TABLESPACE small LOCATION '{self.folder}'")
        self.server.ask("ALTER ROLE corm SET default_tablespace = small")

    def test_load_and_migrate(self):
        from .disk import resize
        settings = {"DATABASE_URL": self.server.url}
        full = r"No space left on device|could not extend file.*[Ff]ree disk space"
        self.succeed(support.EXAMPLE, "migrate", settings=settings)
        resize(self.folder, "1500k")
        self.refuse(74, full, support.EXAMPLE, "load", settings=settings)
        self.assertEqual(self.server.ask("SELECT count(*) FROM atlas_countries"), "0")
        resize(self.folder, "20m")
        self.succeed(support.EXAMPLE, "load", settings=settings)
        self.succeed(support.EXAMPLE, "migrate", "atlas", "zero", settings=settings)
        self.server.ask("CHECKPOINT")
        used = int(subprocess.run(["du", "-sk", self.folder], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0])
        resize(self.folder, f"{used + 40}k")
        self.refuse(74, full, support.EXAMPLE, "migrate", settings=settings)
        self.assertEqual(self.server.ask("SELECT to_regclass('atlas_countries') IS NULL"), "t")
        resize(self.folder, "20m")
        self.succeed(support.EXAMPLE, "migrate", settings=settings)
