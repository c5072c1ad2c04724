#!/usr/bin/env python3
"""usage: test_startproject.py TOOL SOURCE BUILD

startproject and startapp: what they write builds and passes its tests as it is, what they refuse changes nothing."""

import glob
import http.client
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from faults import support  # noqa: E402

TEMPLATES = BUILD = None


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


class ProjectCase(support.FaultCase):
    """Runs in a temporary folder, with corm as it is in the build folder."""

    def start(self, *command, settings=None, folder=".", **options):
        self.folder, kept = self.path(folder), self.folder
        try:
            return super().start(*command, settings={"PKG_CONFIG_PATH": f"{BUILD}/meson-uninstalled", "LD_LIBRARY_PATH": f"{BUILD}/src", **(settings or {})}, **options)
        finally:
            self.folder = kept

    def project(self):
        self.succeed(support.TOOL, "startproject", "shop", out=r"^Made the project shop/")

    def read(self, *names):
        return pathlib.Path(self.path(*names)).read_text()

    def files(self, folder="."):
        top = pathlib.Path(self.path(folder))
        return sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if not path.is_dir())


class NewProject(ProjectCase):
    def test_is_what_the_templates_say(self):
        self.project()
        templates = pathlib.Path(TEMPLATES) / "project"
        self.assertEqual(self.files("shop"), sorted(path.relative_to(templates).as_posix() for path in templates.rglob("*") if path.is_file()))
        for name in self.files("shop"):
            with self.subTest(name=name):
                self.assertNotIn("@", re.sub(r"actions/checkout@v\d|\$@|\$\(@D\)|\t@|:changeme@|:test@|PASSWORD@|\"@\"", "", self.read("shop", name)))
                self.assertEqual(os.access(self.path("shop", name), os.X_OK), os.access(templates / name, os.X_OK))
        self.assertEqual(self.files(), ["shop/" + name for name in self.files("shop")])

    def test_builds_and_passes_its_tests(self):
        self.project()
        result = self.succeed("make", "test", folder="shop", settings={"CFLAGS": "-O1 -Wall -Wextra -Werror"})
        self.assertIn("No changes detected", result.out)
        engines = ["sqlite", "postgresql"] if glob.glob("/usr/lib/postgresql/*/bin/initdb") else ["sqlite"]
        self.assertEqual(re.findall(r"^== (\w+)$", result.out, re.MULTILINE), engines)
        self.assertEqual(re.findall(r"test_core: (\d+) passed, (\d+) failed", result.out), [("2", "0")] * len(engines))
        self.succeed("make", "-q", "manage", folder="shop")

    def test_on_mariadb_when_asked(self):
        if not shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin"):
            self.skipTest("no MariaDB server is installed")
        self.project()
        self.succeed("make", "manage", "build/tests/test_core", folder="shop")
        result = self.succeed("tests/run", "mariadb", folder="shop")
        self.assertEqual(re.findall(r"^== (\w+)$", result.out, re.MULTILINE), ["mariadb"])
        self.assertIn("test_core: 2 passed, 0 failed", result.out)

    @unittest.skipUnless(support.is_root() and glob.glob("/usr/lib/postgresql/*/bin/initdb"), "needs root, and PostgreSQL's server, which does not run as root")
    def test_says_that_the_server_cannot_get_into_its_folder(self):
        self.project()
        os.mkdir(self.path("mine"), 0o700)
        result = self.run_program("tests/run", "postgresql", folder="shop", settings={"TMPDIR": self.path("mine")})
        self.assertEqual((result.status, result.out), (70, ""))
        self.assertRegex(result.err, rf"^tests/run: the user postgres cannot get into {re.escape(self.path('mine'))}/\S+; set TMPDIR to a folder that everybody may enter, such as /tmp\n$")
        self.assertEqual(os.listdir(self.path("mine")), [])

    def test_packages_and_folders_of_the_system(self):
        self.project()
        self.assertIn("-ljansson", self.succeed("make", "-n", "PACKAGES=jansson", folder="shop").out)
        result = self.run_program("make", "-n", "PACKAGES=no-such-library", folder="shop")
        self.assertEqual(result.status, 2)
        self.assertIn("does not find all of PACKAGES = no-such-library", result.err)
        for folder, named in (("/usr/lib/x86_64-linux-gnu", False), ("/usr/lib", False), ("/opt/corm/lib", True)):
            self.write("shop/packages", f'#!/bin/sh\ncase "$*" in *--variable=libdir*) echo {folder} ;; *) exec pkg-config "$@" ;; esac\n')
            os.chmod(self.path("shop/packages"), 0o755)
            out = self.succeed("make", "-n", "PKG_CONFIG=./packages", folder="shop").out
            self.assertEqual(f"-Wl,-rpath,{folder}" in out, named, out)

    def test_a_failing_test_fails(self):
        self.project()
        self.write("shop/tests/test_core.c", self.read("shop/tests/test_core.c").replace("row.id > 0", "row.id < 0"))
        result = self.run_program("make", "test", folder="shop")
        self.assertEqual(result.status, 2)
        self.assertIn("tests/test_core.c:8: not true: row.id < 0", result.err)

    def test_a_forgotten_migration_fails(self):
        self.project()
        self.write("shop/core/models.h", self.read("shop/core/models.h").replace("varchar(path, 255)", "varchar(path, 200)"))
        result = self.run_program("make", "test", folder="shop")
        self.assertEqual(result.status, 2)
        self.assertIn("Migration for core", result.out)

    def test_passes_the_analyser(self):
        self.project()
        lint = self.read("shop/Makefile")
        if not shutil.which("shellcheck"):
            self.write("shop/Makefile", lint.replace("\tshellcheck tests/run\n", ""))
        self.succeed("make", "lint", folder="shop")

    def test_serves_and_keeps(self):
        self.project()
        self.succeed("make", folder="shop")
        self.succeed("./manage", "migrate", folder="shop")
        for expected in ("visit 1\n", "visit 2\n"):
            port = free_port()
            server = self.start("./manage", "serve", folder="shop", settings={"PORT": str(port)})
            try:
                support.wait_until(lambda: self.run_program("./manage", "health", "--port", port, folder="shop").status == 0)
                for method, path, status, text in (("GET", "/", 200, expected), ("GET", "/health", 200, "ok\n"), ("GET", "/../etc/passwd", 404, "nothing is here\n"),
                                                   ("POST", "/", 405, "only GET is answered\n"), ("GET", "/" + "x" * 5000, 400, "not a request\n")):
                    client = http.client.HTTPConnection("127.0.0.1", port, timeout=200)
                    client.request(method, path)
                    answer = client.getresponse()
                    self.assertEqual((answer.status, answer.read().decode()), (status, text), path)
                    client.close()
                with socket.create_connection(("127.0.0.1", port)) as silent:   # does not hold up the others
                    self.succeed("./manage", "health", "--port", port, folder="shop")
                    silent.close()
            finally:
                server.send_signal(signal.SIGTERM)
                result = self.finish(server)
            self.assertEqual((result.status, result.err), (0, ""))
            self.assertEqual(result.out, f"Listening on port {port}\nEnded\n")
            self.refuse(1, "nothing answers on port", "./manage", "health", folder="shop", settings={"PORT": str(port)})
        self.refuse(64, "PORT is \"http\"; it must be a number", "./manage", "serve", folder="shop", settings={"PORT": "http"})

    def test_says_that_corm_is_missing(self):
        self.project()
        result = self.run_program("make", folder="shop", settings={"PKG_CONFIG_PATH": "/nonexistent", "PKG_CONFIG_LIBDIR": "/nonexistent"})
        self.assertEqual(result.status, 2)
        self.assertRegex(result.err, r'corm \S+ is not found by pkg-config. Install it: "make install" in corm\'s source.')
        self.succeed("make", "clean", folder="shop", settings={"PKG_CONFIG_LIBDIR": "/nonexistent", "PKG_CONFIG_PATH": "/nonexistent"})

    def test_refuses_bad_names(self):
        for name in ("", "Shop", "2shop", "shop-1", "../shop", "/tmp/shop", "shop/", ".", "..", "_shop", "shop_", "a__b", "int", "typeof", "main", "corm", "test",
                     "caf\u00e9", "a" * 41, "shop\n", "$(id)"):
            with self.subTest(name=name):
                self.refuse(64, "name|word of C|longer than 40|means something else", support.TOOL, "startproject", name)
                self.assertEqual(os.listdir(self.folder), [])
        self.refuse(64, "one name is needed, such as", support.TOOL, "startproject")
        self.refuse(64, "one name is needed", support.TOOL, "startproject", "a", "b")

    def test_changes_nothing_that_is_there(self):
        os.mkdir(self.path("empty"))
        self.write("file", "mine")
        os.symlink("nowhere", self.path("link"))
        for name in ("empty", "file", "link"):
            self.refuse(73, f"{name} is there already; choose another name", support.TOOL, "startproject", name)
        self.assertEqual(sorted(os.listdir(self.folder)), ["empty", "file", "link"])
        self.assertEqual((os.listdir(self.path("empty")), self.read("file"), os.readlink(self.path("link"))), ([], "mine", "nowhere"))

    def test_leaves_nothing_half_made(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        self.refuse(73, "cannot write shop: File too large", support.TOOL, "startproject", "shop", preexec_fn=small_files)
        self.assertEqual(os.listdir(self.folder), [])
        self.project()
        before = {name: self.read("shop", name) for name in self.files("shop")}

        def tiny_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        self.refuse(73, "cannot write recipes: File too large", support.TOOL, "startapp", "recipes", folder="shop", preexec_fn=tiny_files)
        self.assertEqual({name: self.read("shop", name) for name in self.files("shop")}, before)

    @unittest.skipUnless(support.is_root(), "needs root to become somebody else")
    def test_says_that_a_folder_is_not_writable(self):
        os.chmod(self.folder, 0o755)
        self.refuse(73, "cannot write shop: Permission denied", *support.as_nobody(support.TOOL, "startproject", "shop"))


class NewApp(ProjectCase):
    def test_builds_and_passes_its_tests(self):
        self.project()
        self.succeed("make", folder="shop")
        self.succeed("./manage", "startapp", "recipes", folder="shop", out=r"^Made the app recipes: recipes/ and tests/test_recipes.c.\nIt is in CORM_APPS of manage.c")
        self.succeed(support.TOOL, "startapp", "time", folder="shop")
        self.assertIn("CORM_APPS(core, recipes, time)", self.read("shop/manage.c"))
        result = self.succeed("make", "test", folder="shop")
        self.assertIn("test_recipes: 1 passed, 0 failed", result.out)
        self.assertIn("No changes detected", result.out)

    def test_gets_its_first_model(self):
        self.project()
        self.succeed(support.TOOL, "startapp", "recipes", folder="shop")
        self.write("shop/recipes/models.h", self.read("shop/recipes/models.h") +
                   '\nCORM_MODEL(Recipe, Recipes, "recipes_recipes", identity(id), varchar(title, 255));\n')
        self.write("shop/recipes/app.c", self.read("shop/recipes/app.c").replace(".migrations", ".models = CORM_MODELS(Recipes), .migrations"))
        self.succeed("make", folder="shop")
        self.succeed("./manage", "makemigrations", folder="shop", out="recipes/migrations/0001_initial.h")
        self.succeed("make", "test", folder="shop")

    def test_refuses_names_that_are_taken(self):
        self.project()
        before = {name: self.read("shop", name) for name in self.files("shop")}
        self.refuse(73, "core is there already", support.TOOL, "startapp", "core", folder="shop")
        self.refuse(64, "tests means something else in a project", support.TOOL, "startapp", "tests", folder="shop")
        self.refuse(64, "is no name", support.TOOL, "startapp", "../recipes", folder="shop")
        self.write("shop/tests/test_recipes.c", "mine")
        self.refuse(73, "tests/test_recipes.c is there already", support.TOOL, "startapp", "recipes", folder="shop")
        self.assertEqual({name: self.read("shop", name) for name in self.files("shop")}, {**before, "tests/test_recipes.c": "mine"})
        self.refuse(65, "cannot read manage.c: No such file or directory; run this in the project's folder", support.TOOL, "startapp", "recipes")
        self.assertEqual(os.listdir(self.folder), ["shop"])

    def test_says_what_to_add_to_a_manage_c_that_it_does_not_know(self):
        self.project()
        for text in ("int main(void) { return APPS; }\n", "a(CORM_APPS(core)); b(CORM_APPS(core));\n", "CORM_APPS(core /* first */)\n"):
            self.write("shop/manage.c", text)
            name = f"app{len(text)}"
            self.succeed(support.TOOL, "startapp", name, folder="shop", out=rf"Add {name} to CORM_APPS\(\.\.\.\) in manage\.c")
            self.assertEqual(self.read("shop/manage.c"), text)

    def test_leaves_manage_c_to_those_who_may_read_it(self):
        self.project()
        os.chmod(self.path("shop/manage.c"), 0o664)
        self.succeed(support.TOOL, "startapp", "recipes", folder="shop")
        self.assertEqual(os.stat(self.path("shop/manage.c")).st_mode & 0o777, 0o664)

    def test_works_on_the_folder_of_the_variable(self):
        self.project()
        self.succeed(support.TOOL, "startapp", "recipes", settings={"CORM_PROJECT_DIR": self.path("shop")})
        self.assertIn("CORM_APPS(core, recipes)", self.read("shop/manage.c"))
        self.assertEqual(os.listdir(self.folder), ["shop"])


def main():
    global TEMPLATES, BUILD
    support.TOOL, TEMPLATES, BUILD = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]) + "/src/command/templates", os.path.abspath(sys.argv[3])
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
