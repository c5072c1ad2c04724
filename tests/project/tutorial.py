"""usage: tutorial.py DOCUMENT FOLDER [PART…]

Does in FOLDER what DOCUMENT says, in the order written: writes the files that it shows, runs the commands behind "$ " and compares what they print with what it shows ("…"
stands for anything). "$? N": the status of the command before; otherwise it is 0. A block below <!-- with: PART --> is left out unless PART is named."""

import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"(?:<!-- (\w+): (\S+) -->\n)?```(console|c|diff)\n(.*?)```\n", re.DOTALL)
# Compose as a plugin of docker, or as the program that it was before.
PRELUDE = """docker() {
    if [ "$1" = compose ] && ! command docker compose version >/dev/null 2>&1; then shift; command docker-compose "$@"; else command docker "$@"; fi
}
"""


class Shell:
    """One bash for all commands, so that cd and variables last."""

    def __init__(self, folder):
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.process.stdin.write(PRELUDE)

    def run(self, command):
        self.process.stdin.write(f"{{ {command}\n}} </dev/null; echo \"@done $? $PWD\"\n")
        self.process.stdin.flush()
        output = ""
        for line in self.process.stdout:
            done = re.search(r"@done (\d+) (.*)\n", line)
            if done:
                return output + line[:done.start()], int(done[1]), pathlib.Path(done[2])
            output += line
        raise SystemExit(f"the shell ended at: {command}\n{output}")


def fits(shown, printed):
    """Whether what is printed is what is shown, "…" being anything, at the end of a line also further lines."""
    pattern = re.escape(shown.strip()).replace("…", "(?s:.*)")
    return re.fullmatch(pattern, printed.strip()) is not None


def console(text):
    """[(command, what it prints, its status)]"""
    steps = []
    for line in text.splitlines():
        if line.startswith("$? "):
            steps[-1][2] = int(line[3:])
        elif line.startswith("$ "):
            steps.append([line[2:], "", 0])
        else:
            steps[-1][1] += line + "\n"
    return steps


def replace(path, diff):
    old = "".join(line[1:] + "\n" for line in diff.splitlines() if line.startswith("-"))
    new = "".join(line[1:] + "\n" for line in diff.splitlines() if line.startswith("+"))
    text = path.read_text()
    if text.count(old) != 1:
        raise SystemExit(f"{path}: {old!r} is there {text.count(old)} times")
    path.write_text(text.replace(old, new))


def main():
    document, folder, parts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
    shell, here, commands = Shell(folder), folder, 0
    for mark, value, kind, text in BLOCK.findall(document.read_text()):
        if mark == "write":
            (here / value).write_text(text)
        elif mark == "replace":
            replace(here / value, text)
        elif kind == "console" and (mark != "with" or value in parts):
            for command, shown, status in console(text):
                print(f"$ {command}", flush=True)
                printed, got, here = shell.run(command)
                commands += 1
                if got != status or not fits(shown, printed):
                    print(f"{document.name}: {command}\n--- shown ({status})\n{shown}--- printed ({got})\n{printed}", file=sys.stderr)
                    return 1
    print(f"{commands} commands")
    return 0 if commands else 1


if __name__ == "__main__":
    sys.exit(main())
