"""docker-compose.yml of a new project: it waits, migrates, answers, and keeps its data; any number of containers at once; one killed in the middle."""

import re
import time

import support
from support import answer, ask, need, run, wait_until

PASSWORD = "changeme"
# A second migration that can take its time: `-c corm.nap=SECONDS` in DB_OPTIONS says how much.
SLOW = """#pragma once
#include <corm/migration.h>

CORM_MIGRATION(core, 0002_slow) = {
    .depends_on = (const char *const[]){ "core.0001_initial", NULL },
    .operations = (const corm_operation[]){
        { .kind = CORM_RUN_SQL, .reverse_sql = "DROP TABLE slow",
          .sql = "CREATE TABLE slow (n integer); SELECT pg_sleep(coalesce(current_setting('corm.nap', true), '0')::float); INSERT INTO slow VALUES (1)" },
        { 0 } } };
"""


class Compose(support.Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = support.start_project(cls.folder)
        (cls.project / "core/migrations/0002_slow.h").write_text(SLOW)
        listed = cls.project / "core/migrations/migrations.c"
        text = listed.read_text().replace('"0001_initial.h"\n', '"0001_initial.h"\n#include "0002_slow.h"\n').replace("    0001_initial,\n", "    0001_initial,\n    0002_slow,\n")
        assert text.count("0002_slow") == 2, text
        listed.write_text(text)
        (cls.project / ".env").write_text((cls.project / ".env.sample").read_text())
        cls.take_down(cls.project)
        cls.compose("build", "app")

    @classmethod
    def compose(cls, *words, **options):
        return need("docker-compose", *words, folder=cls.project, **options)

    def setUp(self):
        self.addCleanup(self.compose, "down", "--volumes", "--timeout", "2")

    def container(self, service="app"):
        return self.compose("ps", "--quiet", service).split()[0]

    def psql(self, sql):
        return self.compose("exec", "-T", "db", "psql", "-U", "shop", "-d", "shop", "-tAc", sql).strip()

    def database_ready(self):
        wait_until(lambda: support.inspect(self.container("db"))["State"]["Health"]["Status"] == "healthy", "a healthy database")

    def test_up_on_an_empty_volume(self):
        """The database's first server is a temporary one: the app waits for the second, migrates, answers, and its health is known."""
        self.compose("up", "--detach")
        self.assertEqual(answer(8000), "visit 1\n")
        self.assertEqual(answer(8000), "visit 2\n")
        self.assertEqual(answer(8000, "/health"), "ok\n")
        log = self.logs(self.container())
        self.assertIn("Database available!", log)
        for migration in ("0001_initial", "0002_slow"):
            self.assertRegex(log, rf"Applying core\.{migration}\.\.\. OK")
        self.assertIn("init process complete", self.logs(self.container("db")))
        wait_until(lambda: support.inspect(self.container())["State"]["Health"]["Status"] == "healthy", "a healthy app")

    def test_is_not_root_and_says_no_password(self):
        self.compose("up", "--detach")
        answer(8000)
        self.assertEqual(need("docker", "exec", self.container(), "id", "-u").strip(), "10001")
        self.assertEqual(need("docker", "exec", self.container(), "cat", "/proc/1/comm").strip(), "manage")
        for service in ("app", "db"):
            self.assertNotIn(PASSWORD, self.logs(self.container(service)))
        self.assertNotIn(PASSWORD, need("docker", "exec", self.container(), "./manage", "config"))
        for command in ("gcc", "make", "psql"):
            self.assertNotEqual(run("docker", "exec", self.container(), "which", command).status, 0, f"{command} is in the image")
        need("docker", "exec", self.container(), "sh", "-c", "! ls /src /app/core /app/.env /app/secrets 2>/dev/null")

    def test_a_database_that_starts_late(self):
        """The app is there first: not even the database's name is known."""
        self.compose("up", "--detach", "--no-deps", "app")
        app = self.container()
        wait_until(lambda: "Waiting for database" in self.logs(app), "it waits")
        time.sleep(3)
        self.assertEqual(ask(8000)[0], 0)
        self.assertTrue(support.inspect(app)["State"]["Running"])
        self.assertNotIn("Database available!", self.logs(app))
        self.compose("up", "--detach", "--no-recreate", "db")
        self.assertEqual(answer(8000), "visit 1\n")
        log = self.logs(app)
        self.assertIn("Database unavailable, waiting", log)
        self.assertEqual(log.count("Database available!"), 1)
        self.assertEqual(support.inspect(app)["RestartCount"], 0)

    def test_a_restart_keeps_the_data(self):
        self.compose("up", "--detach")
        self.assertEqual(answer(8000), "visit 1\n")
        began = time.monotonic()
        self.compose("down")
        self.assertLess(time.monotonic() - began, 10, "serve ends on SIGTERM")
        self.compose("up", "--detach")
        self.assertEqual(answer(8000), "visit 2\n")
        self.assertIn("No migrations to apply.", self.logs(self.container()))
        # The database alone goes and comes back: the program finds it again by itself.
        self.compose("restart", "--timeout", "5", "db")
        self.assertEqual(answer(8000), "visit 3\n")

    def test_five_at_once_and_one_migrates(self):
        self.compose("up", "--detach", "db")
        self.database_ready()
        override = self.project / "slow.yml"
        override.write_text('services:\n  app:\n    environment:\n      DB_OPTIONS: "-c corm.nap=3"\n')
        self.compose("-f", "docker-compose.yml", "-f", "slow.yml", "up", "--detach", "--scale", "app=5", variables={"PORT": "8000-8004"})
        containers = self.compose("ps", "--quiet", "app").split()
        self.assertEqual(len(containers), 5)
        visits = sorted(answer(port) for port in range(8000, 8005))
        self.assertEqual(visits, [f"visit {n}\n" for n in range(1, 6)])
        logs = [self.logs(container) for container in containers]
        migrated = [log for log in logs if "Applying core.0002_slow... OK" in log]
        self.assertEqual(len(migrated), 1, logs)
        self.assertEqual(sum("Applying core.0001_initial... OK" in log for log in logs), 1)
        self.assertEqual(self.psql("SELECT count(*) FROM slow"), "1")
        self.assertEqual([support.inspect(container)["RestartCount"] for container in containers], [0] * 5)

    def test_one_is_killed_in_the_middle_of_a_migration(self):
        """kill -9 leaves what was whole and nothing else; the next one goes on."""
        self.compose("up", "--detach", "db")
        self.database_ready()
        settings = self.compose("config")
        self.assertIn("DB_HOST: db", settings)
        network = next(iter(support.inspect(self.container("db"))["NetworkSettings"]["Networks"]))
        image = need("docker", "images", "--quiet", "shop_app").split()[0]
        words = ["--network", network, "--env", "DB_HOST=db", "--env", "DB_NAME=shop", "--env", "DB_USER=shop", "--env", f"DB_PASS={PASSWORD}"]
        victim = self.start(*words, "--env", "DB_OPTIONS=-c corm.nap=60", image, "./manage", "migrate")
        wait_until(lambda: self.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1", "it is in the middle of the second migration")
        waiting = self.start(*words, image, "./manage", "migrate")
        time.sleep(1)
        self.assertTrue(support.inspect(waiting)["State"]["Running"], "another one waits for the lock")
        need("docker", "kill", "--signal", "KILL", victim)
        wait_until(lambda: not support.inspect(victim)["State"]["Running"], "it is dead")
        self.assertEqual(support.inspect(victim)["State"]["ExitCode"], 137)
        # The server finds out that its client is gone when the statement ends, or sooner when it is ended: then the one that waits goes on.
        tables = "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE tablename IN ('core_visits', 'slow')"
        self.assertEqual(self.psql(tables), "core_visits")
        self.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        wait_until(lambda: not support.inspect(waiting)["State"]["Running"], "the other one has done it")
        self.assertEqual(support.inspect(waiting)["State"]["ExitCode"], 0, self.logs(waiting))
        self.assertNotIn("0001_initial", self.logs(waiting))
        self.assertIn("Applying core.0002_slow... OK", self.logs(waiting))
        self.assertEqual(self.psql(tables), "core_visits,slow")
        self.assertEqual(self.psql("SELECT count(*) FROM slow"), "1")
        self.assertEqual(re.findall(r"\[X\] (\w+)", need("docker", "run", "--rm", *words, image, "./manage", "showmigrations")), ["0001_initial", "0002_slow"])
