#!/usr/bin/env python3
"""usage: in_locales.py PRELOADED PROGRAM…

Runs each program ("PROGRAM ARGUMENT" with arguments) as if it had set its locale, under one whose numbers have a comma and one in which I is not i's capital. The locales are made in a
temporary folder. PRELOADED calls setlocale before main. Exit status 77 (skipped) where there is no localedef."""

import os
import shutil
import subprocess
import sys
import tempfile

LOCALES = {"de_DE": "UTF-8", "tr_TR": "ISO-8859-9"}


def main():
    preloaded, programs = os.path.abspath(sys.argv[1]), sys.argv[2:]
    if not shutil.which("localedef") or not all(os.path.exists("/usr/share/i18n/locales/" + name) for name in LOCALES):
        print("no localedef, or no sources of locales (Debian: locales)")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory(prefix="corm-locales-") as folder:
        for name, charset in LOCALES.items():
            subprocess.run(["localedef", "--no-archive", "-i", name, "-f", charset, f"{folder}/{name}"], stderr=subprocess.DEVNULL)
            environment = {**os.environ, "LOCPATH": folder, "LC_ALL": name, "LD_PRELOAD": preloaded}
            point = subprocess.run([sys.executable, "-c", "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv()['decimal_point'])"],
                                   env={**environment, "LD_PRELOAD": ""}, stdout=subprocess.PIPE, text=True).stdout
            if point != ",\n":
                print(f"{name} was not made: its decimal point is {point!r}")
                return 1
            for program in programs:
                done = subprocess.run(program.split(), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
                if done.returncode:
                    failed += 1
                    print(f"--- {program} under {name}: exit status {done.returncode}\n{done.stdout[-3000:]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
