#!/usr/bin/env python3
"""usage: test_install_dependencies.py SCRIPT

scripts/install-dependencies while another apt-get holds its locks: it waits, for the lists too, which DPkg::Lock::Timeout is not about.
apt-get is a stand-in that is locked as often as the test says."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = None
TOOLS = "sh cat chmod env grep id mkdir mktemp rm sed sort tail tee tr".split()
APT = """#!/bin/sh
case $* in *update*) what=update ;; *) what=install ;; esac
echo "$what" >> "$CALLS"
case $* in *DPkg::Lock::Timeout=*) ;; *) echo "no time-out" >&2; exit 100 ;; esac
if [ "$(grep -c $what "$CALLS")" -le "$LOCKED" ]; then
    echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)" >&2
    exit 100
fi
if [ $what = "$BROKEN" ]; then echo "E: Unable to locate package" >&2; exit 100; fi
"""
# A second that is waited is a minute of the clock.
CLOCK = """#!/bin/sh
now=$(cat "$CALLS.time")
case $1 in 1) echo $((now + 60)) > "$CALLS.time" ;; *) echo "$now" ;; esac
"""


class Locks(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="corm-apt-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "bin").mkdir()
        for tool in TOOLS:
            os.symlink(shutil.which(tool), self.folder / "bin" / tool)
        for name, text in (("apt-get", APT), ("sleep", CLOCK), ("date", CLOCK), ("sudo", '#!/bin/sh\nexec "$@"\n')):
            (self.folder / "bin" / name).write_text(text)
            (self.folder / "bin" / name).chmod(0o755)

    def run_script(self, locked, broken=""):
        calls = self.folder / "calls"
        calls.write_text("")
        pathlib.Path(f"{calls}.time").write_text("1000")
        done = subprocess.run([shutil.which("sh"), SCRIPT, "build"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600,
                              env={"PATH": str(self.folder / "bin"), "CALLS": str(calls), "LOCKED": str(locked), "BROKEN": broken})
        return done, calls.read_text().split()

    def test_waits_for_both(self):
        done, calls = self.run_script(3)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(calls, ["update"] * 4 + ["install"] * 4)
        self.assertEqual(done.stderr, "install-dependencies: waiting for another apt-get\n" * 2)

    def test_not_for_ever(self):
        done, calls = self.run_script(100000)
        self.assertEqual(done.returncode, 69, done.stdout + done.stderr)
        self.assertIn("Could not get lock", done.stderr)
        self.assertEqual(calls, ["update"] * 6 + ["install"] * 6)

    def test_what_is_no_lock_is_not_tried_again(self):
        done, calls = self.run_script(0, "install")
        self.assertEqual(done.returncode, 69, done.stdout + done.stderr)
        self.assertEqual(calls, ["update", "install"])


if __name__ == "__main__":
    SCRIPT = sys.argv.pop(1)
    unittest.main()
