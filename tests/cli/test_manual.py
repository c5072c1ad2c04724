"""usage: test_manual.py CORM SHOP

The manual pages say what --help says, for each command, and are pages that man(7) knows no fault in. CORM: the tool; SHOP: a project's program."""

import re
import shutil
import subprocess
import sys
import unittest

CORM, SHOP = sys.argv[1:3]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def run(*command, status=0, **more):
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, **more)
    if done.returncode != status:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stderr}")
    return done.stdout


def words(text):
    return " ".join(text.split())


def plain(roff):
    for escape, character in (("\\-", "-"), ("\\e", "\\"), ("\\&", ""), ("\\(ti", "~"), ("\\(ha", "^"), ("\\(ga", "`"), ("\\(aq", "'")):
        roff = roff.replace(escape, character)
    return re.sub(r"\\f[A-Z]", "", roff)


def help_options(text):
    """[(letter, name, value, what it does)] of what --help prints."""
    options = []
    for line in text.split("\n\n")[0].splitlines()[1:]:
        head = re.match(r"  (?:-(\w), |    )--([a-z0-9-]+)(?:=(\S+))?(?: +(.*))?$", line)
        if head:
            options.append([head[1] or "", head[2], head[3] or "", head[4] or ""])
        else:
            options[-1][3] += " " + line
    return [(letter, name, value, words(what)) for letter, name, value, what in options]


def manual_options(page):
    section = page.split(".SH OPTIONS\n")[1].split(".SH ")[0]
    return [(letter or "", name, value or "", words(what)) for letter, name, value, what in
            re.findall(r"\.TP\n\.B (?:-(\w), )?--([a-z0-9-]+)(?:=(\S+))?\n(.*(?:\n(?!\.).*)*)", section)]


def commands(program):
    return re.findall(r"^  (\w+)  ", run(program, "help"), re.MULTILINE)


class Manual(unittest.TestCase):
    def test_options_are_those_of_help(self):
        names = commands(SHOP)
        self.assertIn("migrate", names)
        for name in names:
            with self.subTest(command=name):
                shown = run(SHOP, name, "--help")
                page = plain(run(SHOP, "help", "--man", name))
                self.assertEqual(manual_options(page), help_options(shown))
                self.assertGreater(len(manual_options(page)), 2)
                rest = words(shown.split("\n\n", 1)[1])
                summary = rest.split("  ")[0]
                self.assertIn(words(page.split(".SH DESCRIPTION\n")[1].split(".SH ")[0]).replace(".PP ", "").replace(".", "")[:60],
                              summary.replace(".", "") + rest.replace(".", ""))

    def test_tool_has_a_page_for_every_command_of_a_project(self):
        for name in ("check", "makemigrations", "migrate", "showmigrations", "sqlmigrate"):
            self.assertEqual(manual_options(plain(run(CORM, "help", "--man", name))), help_options(run(SHOP, name, "--help")))
        self.assertIn("unknown command", subprocess.run([CORM, "help", "--man", "nothing"], capture_output=True, text=True, env=ENVIRONMENT).stderr)

    def test_tool_says_where_a_command_of_a_project_is(self):
        for words in (["migrate"], ["help", "makemigrations"]):
            done = subprocess.run([CORM, *words], capture_output=True, text=True, env=ENVIRONMENT)
            self.assertEqual(done.returncode, 64)
            self.assertIn(f"{words[-1]} needs a project: run its program, ./manage {words[-1]}\n", done.stderr)

    def test_overview_names_every_command_and_setting(self):
        page = plain(run(CORM, "help", "--man"))
        for name in ("migrate", "wait_for_db", "DATABASE_URL", "DB_PASS, DB_PASSWORD", "DB_BUSY_TIMEOUT"):
            self.assertIn(name, page)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_pages_have_no_fault(self):
        for arguments in ([], *([name] for name in commands(CORM)), ["migrate"]):
            with self.subTest(arguments=arguments):
                page = run(CORM, "help", "--man", *arguments)
                found = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, text=True)
                faults = [line for line in found.stdout.splitlines() if "missing date" not in line]
                self.assertEqual(faults, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
