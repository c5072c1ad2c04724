"""docker-compose-deploy.yml of a new project: the password in a file, migrations once before the program starts."""

import json
import os

import support
from support import answer, ask, need, run, wait_until

PASSWORD = "s3cr3t-of-the-database"
FILE = "docker-compose-deploy.yml"


class Deploy(support.Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = support.start_project(cls.folder)
        secrets = cls.project / "secrets"
        secrets.mkdir(mode=0o700)
        (secrets / "db_password").write_text(PASSWORD)
        (secrets / "db_password").chmod(0o444)
        (cls.project / "fails.yml").write_text('services:\n  migrate:\n    command: ["./manage", "migrate", "core", "9999"]\n')
        cls.take_down(cls.project, FILE)
        cls.compose("build")

    @classmethod
    def compose(cls, *words, files=(FILE,), **options):
        return need("docker-compose", *[word for file in files for word in ("--file", file)], *words, folder=cls.project, **options)

    def setUp(self):
        self.addCleanup(self.compose, "down", "--volumes", "--timeout", "2")

    def container(self, service):
        # All of them, also those that have ended.
        return need("docker", "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.project.name}", "--filter",
                    f"label=com.docker.compose.service={service}").split()[0]

    def test_migrates_once_then_serves(self):
        self.compose("up", "--detach")
        self.assertEqual(answer(8000), "visit 1\n")
        migrate = support.inspect(self.container("migrate"))
        self.assertEqual((migrate["State"]["Status"], migrate["State"]["ExitCode"], migrate["RestartCount"]), ("exited", 0, 0))
        self.assertIn("Applying core.0001_initial... OK", self.logs(self.container("migrate")))
        app, db = self.container("app"), self.container("db")
        self.assertNotIn("Applying", self.logs(app))
        self.assertLess(migrate["State"]["FinishedAt"], support.inspect(app)["State"]["StartedAt"])
        wait_until(lambda: support.inspect(app)["State"]["Health"]["Status"] == "healthy", "a healthy app")
        with self.subTest("the password is in no environment, no log, no command line"):
            for container in (app, db, self.container("migrate")):
                self.assertNotIn(PASSWORD, json.dumps(support.inspect(container)))
                self.assertNotIn(PASSWORD, self.logs(container))
            for container in (app, db):
                self.assertNotIn(PASSWORD, need("docker", "exec", container, "sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null || :"))
            self.assertNotIn(PASSWORD, need("docker", "exec", app, "sh", "-c", "cat /proc/1/environ; ./manage config"))
            self.assertNotIn(PASSWORD, need("docker", "history", "--no-trunc", "shop:latest"))
        with self.subTest("the program has no rights that it does not need"):
            self.assertEqual(need("docker", "exec", app, "id", "-u").strip(), "10001")
            self.assertEqual(need("docker", "exec", app, "cat", "/proc/1/comm").strip(), "manage")
            self.assertNotEqual(run("docker", "exec", app, "touch", "/tmp/file").status, 0)
            self.assertRegex(need("docker", "exec", app, "grep", "CapEff", "/proc/1/status"), r"0{16}")
        with self.subTest("the database has no port outside"):
            self.assertFalse(any(support.inspect(db)["NetworkSettings"]["Ports"].values()))
        with self.subTest("the same command deploys again, and the data is kept"):
            self.compose("up", "--detach", "--force-recreate")
            self.assertEqual(answer(8000), "visit 2\n")
            self.assertIn("No migrations to apply.", self.logs(self.container("migrate")))
        with self.subTest("restarts by itself"):
            app = self.container("app")
            need("docker", "exec", "--user", "0", app, "true")
            os.kill(support.inspect(app)["State"]["Pid"], 9)
            wait_until(lambda: support.inspect(app)["RestartCount"] == 1, "a restart")
            self.assertEqual(answer(8000), "visit 3\n")

    def test_does_not_start_when_migrating_fails(self):
        result = run("docker-compose", "--file", FILE, "--file", "fails.yml", "up", "--detach", folder=self.project)
        self.assertNotEqual(result.status, 0, result.out)
        self.assertEqual(ask(8000)[0], 0)
        self.assertNotEqual(support.inspect(self.container("migrate"))["State"]["ExitCode"], 0)
        self.assertIn("core has no migration", self.logs(self.container("migrate")))

    def test_names_a_password_that_is_wrong(self):
        self.compose("up", "--detach", "db")
        wait_until(lambda: support.inspect(self.container("db"))["State"]["Health"]["Status"] == "healthy", "a healthy database")
        (self.project / "wrong").write_text("wr0ng-pw")
        (self.project / "wrong").chmod(0o444)
        result = run("docker-compose", "--file", FILE, "run", "--rm", "--no-deps", "-v", f"{self.project}/wrong:/run/wrong:ro", "-e", "DB_PASS_FILE=/run/wrong", "-T",
                     "migrate", folder=self.project)
        self.assertEqual(result.status, 77, result.out)
        self.assertRegex(result.out, "(?i)password")
        self.assertNotIn("wr0ng-pw", result.out)
