#!/usr/bin/env python3
"""usage: test_inspectdb.py ENGINE SOURCE BUILD [COMPILER FLAGS] [--only CASE]

Databases that corm did not make: inspectdb writes models, they compile, makemigrations and migrate make a second database of them, and both databases are as
the models say (checkdb looks at each). Cases: own (what is odd), django (its auth and admin tables, by python3-django), zabbix (its schema, from Debian's packages)."""

import glob
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

ENGINE, SOURCE, BUILD, FLAGS, ONLY = None, None, None, [], "own"
TAKE_OVER = "--fake-initial"
HERE = pathlib.Path(__file__).resolve().parent


class Skip(unittest.SkipTest):
    pass


# --- databases -------------------------------------------------------------------------------------------------------


class Sqlite:
    def __init__(self, folder):
        self.folder = folder

    def create(self, name):
        return f"sqlite:///{self.folder}/{name}.sqlite3"

    def run(self, url, sql):
        subprocess.run(["sqlite3", "-bail", url[len("sqlite:///"):]], input=sql.encode(), check=True, stdout=subprocess.DEVNULL)

    def django(self, url):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url[len("sqlite:///"):]}


class Server:
    """A database of a server whose URL is in the environment."""

    def __init__(self, variable, scheme):
        self.url, self.made = os.environ[variable], []
        self.parts = urllib.parse.urlsplit(self.url)
        self.query = dict(urllib.parse.parse_qsl(self.parts.query))
        self.user = self.parts.username or self.query.get("user") or "root"

    def create(self, name):
        name = f"inspect_{name}_{os.getpid()}"
        self.run(self.url, f"CREATE DATABASE {name}{self.options}")
        self.made.append(name)
        return f"{self.parts.scheme}://{self.parts.netloc}/{name}?{self.parts.query}".rstrip("?")

    def remove(self):
        for name in self.made:
            self.run(self.url, f"DROP DATABASE IF EXISTS {name}{self.force}")

    def host(self):
        return self.query.get("host") or self.query.get("socket") or urllib.parse.unquote(self.parts.hostname or "")


class Postgresql(Server):
    options, force = "", " WITH (FORCE)"

    def __init__(self, folder):
        super().__init__("CORM_TEST_POSTGRESQL", "postgresql")

    def run(self, url, sql):
        subprocess.run(["psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", url], input=sql.encode(), check=True, stdout=subprocess.DEVNULL)

    def django(self, url):
        parts = urllib.parse.urlsplit(url)
        return {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "HOST": self.host(), "USER": self.user, "PORT": str(parts.port or "")}


class Mariadb(Server):
    options, force = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", ""

    def __init__(self, folder):
        super().__init__("CORM_TEST_MARIADB", "mariadb")

    def socket(self):
        folder = self.host()
        return f"{folder}/mysqld.sock" if os.path.isdir(folder) else folder if folder.startswith("/") else None

    def run(self, url, sql):
        parts = urllib.parse.urlsplit(url)
        where = ["-S", self.socket()] if self.socket() else ["-h", parts.hostname, "-P", str(parts.port or 3306)]
        subprocess.run(["mariadb", "--no-defaults", "-B", "-u", self.user, *where, parts.path[1:]], input=sql.encode(), check=True, stdout=subprocess.DEVNULL)

    def django(self, url):
        parts = urllib.parse.urlsplit(url)
        return {"ENGINE": "django.db.backends.mysql", "NAME": parts.path[1:], "HOST": self.socket() or parts.hostname, "USER": self.user,
                "PORT": str(parts.port or ""), "OPTIONS": {"charset": "utf8mb4"}}


# --- a project around the models ---------------------------------------------------------------------------------------


class Project:
    def __init__(self, case, folder, app):
        self.case, self.folder, self.app = case, folder, app
        self.tool = f"{BUILD}/src/cli/corm"
        os.makedirs(f"{folder}/migrations")
        self.write("migrations/migrations.c", f"#include <corm/migration.h>\nCORM_MIGRATIONS({app});\n")
        self.write("app.c", f'#include "models.h"\nCORM_DECLARE_MIGRATIONS({app});\nCORM_APP({app}, .models = {app}_models, .migrations = {app}_migrations);\n')
        self.write("manage.c", f"#include <corm/manage.h>\nint main(int argc, char **argv) {{ return corm_manage(argc, argv, CORM_APPS({app})); }}\n")

    def write(self, name, text):
        pathlib.Path(self.folder, name).write_text(text)

    def read(self, name):
        return pathlib.Path(self.folder, name).read_text()

    def run(self, url, *command, status=0):
        settings = {**{name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}, "DATABASE_URL": url, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
        done = subprocess.run([str(word) for word in command], cwd=self.folder, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.case.assertEqual(done.returncode, status, f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
        return done

    def build(self):
        sources = ["manage.c", "app.c", "migrations/migrations.c"]
        for compiler in ("cc", "clang"):
            if not shutil.which(compiler):
                continue
            only = [] if compiler == "cc" else ["-fsyntax-only"]
            link = [] if only else ["-o", "manage", f"-L{BUILD}/src", "-lcorm-manage", "-lcorm", f"-Wl,-rpath,{BUILD}/src"]
            flags = FLAGS if compiler == "cc" else []
            subprocess.run([compiler, "-Wall", "-Wextra", "-Werror", *only, *flags, f"-I{SOURCE}/include", f"-I{BUILD}/include", *sources, *link], cwd=self.folder, check=True)

    def manage(self, url, *words, status=0):
        return self.run(url, "./manage", *words, status=status)


class Foreign(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="corm-inspect-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.engine = {"sqlite": Sqlite, "postgresql": Postgresql, "mariadb": Mariadb}[ENGINE](self.folder)
        if hasattr(self.engine, "remove"):
            self.addCleanup(self.engine.remove)

    def round_trip(self, url, app, *, remarks=None):
        """From the database to models to another database, both as the models say."""
        project = Project(self, f"{self.folder}/{app}", app)
        said = project.run(url, project.tool, "inspectdb", "--app", app, "--reverse", "--output", "models.h").stderr
        if remarks is not None:
            self.assertEqual([line.split("warning: ")[1].split(": ")[0] for line in said.splitlines()], remarks, said)
        project.build()
        project.manage(url, "checkdb")
        project.manage(url, "makemigrations")
        project.build()
        second = self.engine.create("second")
        if ENGINE == "postgresql":
            self.engine.run(second, "CREATE EXTENSION IF NOT EXISTS btree_gist")
        project.manage(second, "migrate")
        project.manage(second, "checkdb", "--all")
        project.manage(second, "makemigrations", "--check")
        again = project.run(second, project.tool, "inspectdb", "--app", app, "--reverse").stdout
        return project, second, again

    def assertSameModels(self, project, again):
        """Models from the second database are those of the first, but for the remarks, which it does not need."""
        def code(text):
            lines = text.split("/* The database has these")[0].strip().splitlines()
            return [line for line in lines if not line.strip().startswith("/*")]
        self.assertEqual(code(project.read("models.h")), code(again))


class Own(Foreign):
    def test_what_is_odd_makes_models_that_compile(self):
        url = self.engine.create("own")
        self.engine.run(url, (HERE / "inspect" / f"{ENGINE}.sql").read_text())
        remarks = (HERE / "inspect" / f"{ENGINE}.remarks").read_text().split("\n")[:-1]
        project, second, again = self.round_trip(url, "odd", remarks=remarks)
        self.assertSameModels(project, again)

    def test_tables_that_are_named_alone(self):
        url = self.engine.create("named")
        self.engine.run(url, "CREATE TABLE a (id integer NOT NULL, PRIMARY KEY (id)); CREATE TABLE b (id integer NOT NULL, PRIMARY KEY (id));")
        project = Project(self, f"{self.folder}/named", "named")
        text = project.run(url, project.tool, "inspectdb", "b").stdout
        self.assertIn('CORM_MODEL(B, Bs, "b"', text)
        self.assertNotIn('"a"', text)
        project.run(url, project.tool, "inspectdb", "nowhere", status=65)
        project.write("models.h", "mine")
        project.run(url, project.tool, "inspectdb", "--output", "models.h", status=73)
        self.assertEqual(project.read("models.h"), "mine")

    def test_drift_is_named_item_by_item(self):
        url = self.engine.create("drift")
        self.engine.run(url, "CREATE TABLE people (id bigint NOT NULL, name varchar(20) NOT NULL, age integer, PRIMARY KEY (id)); CREATE INDEX people_name ON people (name);")
        project = Project(self, f"{self.folder}/drift", "drift")
        project.run(url, project.tool, "inspectdb", "--app", "drift", "--output", "models.h")
        project.build()
        self.assertEqual(project.manage(url, "checkdb").stdout, "The database is as the models of 1 table say.\n")
        self.engine.run(url, "DROP INDEX people_name" + (" ON people" if ENGINE == "mariadb" else "") + "; CREATE INDEX other ON people (age); ALTER TABLE people ADD COLUMN extra integer; CREATE TABLE unknown (id bigint NOT NULL, PRIMARY KEY (id));")
        out = project.manage(url, "checkdb", status=1).stdout
        self.assertEqual(out.splitlines(), ["people.extra: column is in no model: integer", "people.people_name: index is missing: (name)", "people.other: index is in no model: (age)"])
        self.assertIn("unknown: table is in no model", project.manage(url, "checkdb", "--all", status=1).stdout)
        self.assertIn('{"table":"people","what":"index","item":"people_name","is":null,"should":"(name)"}', project.manage(url, "checkdb", "--json", status=1).stdout)
        project.manage(url, "checkdb", "nowhere", status=64)


    def test_rows_that_lead_nowhere_are_named(self):
        url = self.engine.create("dangling")
        off, on = {"sqlite": ("PRAGMA foreign_keys = OFF;", ""), "mariadb": ("SET foreign_key_checks = 0;", "SET foreign_key_checks = 1;"),
                   "postgresql": ("SET session_replication_role = replica;", "SET session_replication_role = DEFAULT;")}[ENGINE]
        self.engine.run(url, "CREATE TABLE owners (id bigint NOT NULL, PRIMARY KEY (id)); "
                             "CREATE TABLE pets (id bigint NOT NULL, owner_id bigint, PRIMARY KEY (id), CONSTRAINT pets_owner FOREIGN KEY (owner_id) REFERENCES owners (id)); "
                             f"{off} INSERT INTO owners VALUES (1); INSERT INTO pets VALUES (1, 1), (2, 5), (3, NULL), (4, 6); {on}")
        project = Project(self, f"{self.folder}/dangling", "dangling")
        rows = "2 rows lead to no row of owners: SELECT * FROM "
        warned = project.run(url, project.tool, "inspectdb", "--app", "dangling", "--output", "models.h").stderr
        self.assertEqual(rows in warned, ENGINE == "sqlite", warned)
        self.assertEqual(f"pets.owner_id: {rows}" in project.read("models.h"), ENGINE == "sqlite")
        project.build()
        if ENGINE != "sqlite":
            project.manage(url, "checkdb")
        out = project.manage(url, "checkdb", "--rows", status=1).stdout
        self.assertTrue(out.startswith("pets.owner_id: " + rows), out)
        line = json.loads(project.manage(url, "checkdb", "--rows", "--json", status=1).stdout)
        self.assertEqual((line["table"], line["what"], line["item"], line["should"]), ("pets", "rows", "owner_id", None))
        query = out[out.index("SELECT"):].strip()
        self.engine.run(url, query.replace("SELECT *", "DELETE", 1))
        self.assertEqual(project.manage(url, "checkdb", "--rows").stdout, "The database is as the models of 2 tables say.\n")

    def test_drift_is_written_as_a_migration(self):
        url = self.engine.create("repair")
        tables = "CREATE TABLE people (id bigint NOT NULL, name varchar(20) NOT NULL, age integer, PRIMARY KEY (id)); CREATE INDEX people_name ON people (name); CREATE TABLE pets (id bigint NOT NULL, PRIMARY KEY (id));"
        self.engine.run(url, tables)
        project = Project(self, f"{self.folder}/repair", "repair")
        project.run(url, project.tool, "inspectdb", "--app", "repair", "--output", "models.h")
        project.build()
        self.assertEqual(project.manage(url, "checkdb", "--write", "mend").stdout, "The database is as the models of 2 tables say.\n")
        project.manage(url, "makemigrations")
        project.build()
        index = "DROP INDEX people_name" + (" ON people" if ENGINE == "mariadb" else "")
        self.engine.run(url, index + "; CREATE INDEX other ON people (age); DROP TABLE pets; ALTER TABLE people ADD COLUMN extra integer; INSERT INTO people (id, name) VALUES (1, 'ada');")
        self.assertIn("0001_initial is not applied", project.manage(url, "checkdb", "--write", "mend", status=65).stderr)
        project.manage(url, "migrate", "--fake")
        project.manage(url, "checkdb", "--write", "my mend", status=64)
        out = project.manage(url, "checkdb", "--write", "mend", status=1).stdout
        self.assertIn("migrations/0002_mend.h", out)
        project.build()
        self.assertIn("repair.0002_mend... OK", project.manage(url, "migrate").stdout)
        project.manage(url, "checkdb")
        project.manage(url, "makemigrations", "--check")
        # another database, where the migrations did all, has nothing to mend: the migration says how it was to be, and undoes itself
        self.engine.run(url, "INSERT INTO pets (id) VALUES (7)")
        project.manage(url, "migrate", "repair", "0001")
        self.assertEqual({line.split(":")[0] for line in project.manage(url, "checkdb", status=1).stdout.splitlines()}, {"people.extra", "people.people_name", "people.other", "pets"})


class Zabbix(Foreign):
    packages = {"sqlite": "zabbix-proxy-sqlite3", "postgresql": "zabbix-server-pgsql", "mariadb": "zabbix-server-mysql"}

    def fetch(self):
        """The package's files, unpacked and not installed."""
        package = self.packages[ENGINE]
        if not shutil.which("apt-get") or not shutil.which("dpkg"):
            raise Skip("Debian's packages are needed")
        cache = os.environ.get("CORM_TEST_PACKAGES", self.folder)
        found = glob.glob(f"{cache}/{package}_*.deb")
        if not found:
            done = subprocess.run(["apt-get", "download", package], cwd=cache, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            found = glob.glob(f"{cache}/{package}_*.deb")
            if done.returncode or not found:
                raise Skip(f"{package} cannot be fetched: {done.stdout.strip().splitlines()[-1] if done.stdout.strip() else 'no answer'}")
        subprocess.run(["dpkg", "-x", found[0], f"{self.folder}/{package}"], check=True)
        return f"{self.folder}/{package}/usr/share/{package}"

    def test_schema(self):
        share = self.fetch()
        url = self.engine.create("zabbix")
        with gzip.open(f"{share}/schema.sql.gz", "rt") as file:
            self.engine.run(url, file.read())
        project, second, again = self.round_trip(url, "zabbix")
        self.assertSameModels(project, again)
        self.assertGreater(project.read("models.h").count("CORM_MODEL("), 150)
        project.manage(url, "migrate", TAKE_OVER)
        self.assertIn("No migrations to apply", project.manage(url, "migrate").stdout)
        project.manage(url, "checkdb")


class Django(Foreign):
    settings = """import os
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "django.contrib.sites"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
    "django.template.context_processors.request", "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages"]}}]
DATABASES = {"default": %r}
SITE_ID = 1
USE_TZ = True
"""
    fill = """from django.contrib.auth.models import User, Group
group = Group.objects.create(name="editors")
for name in ("ada", "grace"):
    user = User.objects.create_user(name, name + "@example.com", "secret", first_name=name.title())
    user.groups.add(group)
"""
    program = r"""#include "models.h"
#include <corm/manage.h>
#include <stdio.h>
extern const corm_app corm__app_auth;
int main(void) {
    corm_db *db = corm_open(NULL);
    AuthUser *users = corm_all(db, AuthUsers, .order_by = BY(ASC(AuthUsers.username)));
    if (!users) return fprintf(stderr, "%s\n", corm_error(db)->message), 1;
    for (size_t i = 0; i < corm_len(users); i++) printf("%lld %s %s %d\n", (long long)users[i].id, users[i].username, users[i].email, users[i].is_active);
    corm_free(users);
    AuthUserGroup *members = corm_all(db, AuthUserGroups, .where = EQ(AuthUserGroups.group->name, "editors"), .with = WITH(AuthUserGroups.user), .order_by = BY(ASC(AuthUserGroups.id)));
    if (!members) return fprintf(stderr, "%s\n", corm_error(db)->message), 1;
    for (size_t i = 0; i < corm_len(members); i++) printf("%s\n", members[i].user->first_name);
    corm_free(members);
    AuthGroup group = { .name = "readers" };
    if (corm_insert(db, AuthGroups, &group)) return fprintf(stderr, "%s\n", corm_error(db)->message), 1;
    AuthUserGroup member = { .user_id = 1, .group_id = group.id };
    if (corm_insert(db, AuthUserGroups, &member)) return fprintf(stderr, "%s\n", corm_error(db)->message), 1;
    printf("%lld\n", (long long)corm_count(db, AuthUserGroups));
    corm_close(db);
    return 0;
}
"""

    def django(self, url, *words, script=None):
        pathlib.Path(self.folder, "settings.py").write_text(self.settings % self.engine.django(url))
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": self.folder, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(["/usr/bin/python3", "-W", "ignore", "-m", "django", *words], cwd=self.folder, env=environment, input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def setUp(self):
        super().setUp()
        wanted = {"sqlite": "django", "postgresql": "django, psycopg2", "mariadb": "django, MySQLdb"}[ENGINE]
        if subprocess.run(["/usr/bin/python3", "-c", f"import {wanted}"], stderr=subprocess.DEVNULL).returncode:
            raise Skip(f"python3 has no {wanted}")

    def test_database_is_taken_over(self):
        url = self.engine.create("django")
        self.django(url, "migrate")
        self.django(url, "shell", script=self.fill)
        project, second, again = self.round_trip(url, "shop")
        self.assertSameModels(project, again)
        self.assertIn("shop.0001_initial", project.manage(url, "migrate", TAKE_OVER).stdout)
        self.assertIn("No migrations to apply", project.manage(url, "migrate").stdout)
        project.manage(url, "checkdb")
        project.write("reader.c", self.program)
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", *FLAGS, f"-I{SOURCE}/include", f"-I{BUILD}/include", "reader.c", "app.c", "migrations/migrations.c", "-o", "reader", f"-L{BUILD}/src", "-lcorm",
                        f"-Wl,-rpath,{BUILD}/src"], cwd=project.folder, check=True)
        self.assertEqual(project.run(url, "./reader").stdout, "1 ada ada@example.com 1\n2 grace grace@example.com 1\nAda\nGrace\n3\n")
        # and Django goes on with the rows that the program wrote
        self.assertIn("['editors', 'readers']", self.django(url, "shell", script='from django.contrib.auth.models import User\nprint(sorted(g.name for g in User.objects.get(username="ada").groups.all()))\n'))
        self.django(url, "check")


if __name__ == "__main__":
    words = sys.argv[1:]
    if "--only" in words:
        at = words.index("--only")
        ONLY = words[at + 1]
        del words[at:at + 2]
    ENGINE, SOURCE, BUILD = words[:3]
    FLAGS = [flag for flag in words[3:] if flag]
    wanted = {"own": Own, "zabbix": Zabbix, "django": Django}[ONLY]
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(wanted)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.wasSuccessful() and result.skipped and len(result.skipped) == result.testsRun:
        sys.exit(77)
    sys.exit(not result.wasSuccessful())
