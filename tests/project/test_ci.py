"""What .ci/run runs, the workflow on GitHub runs too, in the same order."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Ci(unittest.TestCase):
    def test_the_workflow_runs_what_ci_runs(self):
        ci = re.findall(r"^count (.+)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
        workflow = re.findall(r"^\s+run: (make .+)$", (ROOT / ".github/workflows/checks.yml").read_text(), re.MULTILINE)
        self.assertEqual(workflow, ci)
        targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
        self.assertLessEqual({command.split()[1] for command in ci}, set(targets))

    def test_ci_counts_all_and_fails_when_one_fails(self):
        """With a `make` that only says what the tests would say."""
        for says, status, counted in (("22 passed, 0 failed", 0, "284 passed, 0 failed, 1 skipped"), ("21 passed, 1 failed", 2, "282 passed, 2 failed, 1 skipped"),
                                      ("SKIPPED: no engine\n0 passed, 0 failed, 1 skipped", 2, "240 passed, 0 failed, 3 skipped"), ("Traceback", 1, "240 passed, 2 failed, 1 skipped")):
            with self.subTest(says=says), tempfile.TemporaryDirectory() as folder:
                make = pathlib.Path(folder) / "make"
                make.write_text(f'#!/bin/sh\nif [ "$1" = test ]; then echo "240 passed, 0 failed, 1 skipped"; exit 0; fi\necho "{says}"\nexit {status}\n')
                make.chmod(0o755)
                done = subprocess.run(["bash", ROOT / ".ci/run"], env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, stdout=subprocess.PIPE, text=True)
                self.assertEqual(done.stdout.splitlines()[-1], counted)
                self.assertEqual(done.returncode != 0, " 0 failed" not in counted)

    def test_containers_say_what_they_take_before_they_build(self):
        """Without a Docker engine, and at once."""
        run = ROOT / "tests/containers/run"
        for argument, status, said in (("--help", 0, "usage: tests/containers/run"),
                                       ("nothing", 64, "no test nothing"),
                                       ("test_tool.Nothing", 64, "no test test_tool.Nothing"),
                                       ("--nothing", 64, "no option --nothing")):
            with self.subTest(argument=argument):
                done = subprocess.run([run, argument], stdout=subprocess.PIPE, timeout=600,
                                      stderr=subprocess.STDOUT, text=True)
                self.assertEqual(done.returncode, status, done.stdout)
                self.assertIn(said, done.stdout)
                self.assertNotIn("Traceback", done.stdout)


if __name__ == "__main__":
    unittest.main()
