"""usage: test_completion.py CORM SHOP

Completion in the shells themselves: a line is typed on a terminal and the tabulator pressed. A shell that is not installed is skipped."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

CORM, SHOP = (os.path.abspath(path) for path in sys.argv[1:3])


def typed(shell, setup, line, expected, seconds=200):
    """What the terminal shows after setup, line and a tabulator, as soon as it matches expected."""
    with tempfile.TemporaryDirectory() as home:
        path = f"{home}/bin:/usr/bin:/bin"
        os.mkdir(f"{home}/bin")
        os.symlink(CORM, f"{home}/bin/corm")
        os.symlink(SHOP, f"{home}/bin/shop")
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(home)
            os.execvpe(shell[0], shell, {"PATH": path, "HOME": home, "TERM": "vt100", "PS1": "$ ", "LC_ALL": "C.UTF-8", "HISTFILE": ""})
        shown, sent, end = "", False, time.monotonic() + seconds
        os.write(terminal, f"{setup}\necho rea''dy\n".encode())
        try:
            while time.monotonic() < end:
                if not select.select([terminal], [], [], 0.1)[0]:
                    continue
                shown += re.sub("\x1b\\[[?0-9;]*[a-zA-Z]|\0|.\b", "", os.read(terminal, 65536).decode(errors="replace"))
                if not sent and "ready\r" in shown:
                    sent, shown = True, ""
                    os.write(terminal, f"{line}\t".encode())
                if sent and re.search(expected, shown):
                    return shown
        except OSError:
            pass
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(terminal)
        raise AssertionError(f"{line}: no {expected!r} in {shown!r}")


class Completion(unittest.TestCase):
    def shells(self):
        yield "bash", ["bash", "--norc", "--noprofile"], "source <(PROGRAM completion bash)"
        yield "zsh", ["zsh", "-f"], "autoload -U compinit; compinit -D; source <(PROGRAM completion zsh)"

    def test_tabulator(self):
        tried = 0
        for name, shell, setup in self.shells():
            if not shutil.which(name):
                continue
            tried += 1
            for program, line, expected in (
                ("corm", "corm wait", r"corm wait_for_db "),
                ("corm", "corm wait_for_db --time", r"--timeout="),
                ("corm", "corm wait_for_db --missing-db=c", r"--missing-db=create"),
                ("shop", "shop makemi", r"shop makemigrations "),
                ("shop", "shop makemigrations --dry", r"--dry-run"),
            ):
                with self.subTest(shell=name, line=line):
                    typed(shell, setup.replace("PROGRAM", program), line, expected)
        self.assertGreater(tried, 0)

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        with tempfile.TemporaryDirectory() as home:
            os.symlink(CORM, f"{home}/corm")
            for line, expected in (("corm wait", "wait_for_db\t"), ("corm wait_for_db --time", "--timeout\t"), ("corm wait_for_db --missing-db=c", "--missing-db=create")):
                done = subprocess.run(["fish", "-c", f"corm completion fish | source; complete -C '{line}'"], capture_output=True, text=True,
                                      env={"PATH": f"{home}:/usr/bin:/bin", "HOME": home})
                self.assertIn(expected, done.stdout, done.stderr)

    def test_unknown_shell(self):
        done = subprocess.run([CORM, "completion", "tcsh"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("bash, zsh or fish", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
