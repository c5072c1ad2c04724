#!/usr/bin/env python3
"""usage: test_memory.py ENGINE SOURCE BUILD FAILING [COMPILER FLAGS] [--tries N] [--all] [--only WORD]

Every command with one allocation failing: each in turn (--all), or N of them (12), evenly. FAILING is the library that is
preloaded for it (memory/failing.c). A command ends in one of two ways: it could do without that memory, and then all that it
says, writes and does is as ever; or it fails with an error of one line and exit status 71, no file is written by half, and the
database goes on from there. A library that dies of its own failed allocation, before it comes back to corm, is counted and left."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import test_inspectdb as others

HANGS = 60
TAG = 'CORM_MODEL(Tag, Tags, "tags", identity(id), varchar(name, 50, .unique = true));\n'
FIRST = TAG + """CORM_MODEL(Item, Items, "items", identity(id), varchar(title, 80, .index = true), integer(stock),
    foreign_key(tag, Tag, .on_delete = CORM_CASCADE));
#define SHOP CORM_MODELS(Tags, Items)
"""
SECOND = TAG + """CORM_ENUM(Mood, label(GOOD, "good"), label(BAD, "it's bad"));
CORM_MODEL(Item, Items, "items", identity(id), varchar(title, 120, .index = true), bigint(stock, .default_value = DEFAULT(5)),
    decimal(price, 10, 2, .default_value = DEFAULT("1.50")), enumeration(mood, Mood, .default_value = DEFAULT(GOOD)),
    optional_timestamp(made), json(extra, .null = true), foreign_key(tag, Tag, .on_delete = CORM_CASCADE),
    many_to_many(tags, Tag), index(items_price, price, descending(stock)), unique(items_title_tag, title, tag),
    check(items_stock, "stock >= 0"));
CORM_MODEL(Note, Notes, "notes", identity(id), optional_uuid(token), text(body), optional_foreign_key(item, Item, .on_delete = CORM_SET_NULL));
#define SHOP CORM_MODELS(Tags, Items, Notes)
"""
APP = '#include "../models.h"\nCORM_DECLARE_MIGRATIONS(shop);\nCORM_APP(shop, .models = SHOP, .migrations = shop_migrations);\n'
MAIN = "#include <corm/manage.h>\nint main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(shop)); }\n"
EMPTY = "#include <corm/migration.h>\nCORM_MIGRATIONS(shop);\n"


class Options:
    engine = source = build = failing = only = None
    flags, tries, each = [], 12, False


class Wrong(Exception):
    pass


def files_below(folder):
    """Each file with what is in it, and its mode."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if not re.search(r"\.sqlite3|\.o$|manage$", name):
                found[os.path.relpath(path, folder)] = (pathlib.Path(path).read_bytes(), os.stat(path).st_mode)
    return found


def put_back(folder, files):
    for path in files_below(folder).keys() - files.keys():
        os.unlink(f"{folder}/{path}")
    for path, (text, mode) in files.items():
        pathlib.Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(folder, path).write_bytes(text)
        os.chmod(f"{folder}/{path}", mode)
    for place, _, _ in os.walk(folder, topdown=False):
        if place != folder and not os.listdir(place):
            os.rmdir(place)


def same_each_time(text):
    return re.sub(rb"[0-9.]+ m?s\b|\"(ms|pid|seconds|elapsed)\":[0-9.]+", b"T", text)


class Project:
    """Its programs: first (models, no migration), second (changed models, a migration), third (both migrations)."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.tool = f"{Options.build}/src/cli/corm"
        os.makedirs(f"{folder}/shop/migrations")
        self.write("manage.c", MAIN)
        self.write("shop/app.c", APP)
        self.write("shop/migrations/migrations.c", EMPTY)
        self.states = {}
        for name, models in (("first", FIRST), ("second", SECOND), ("third", SECOND)):
            self.write("models.h", "#include <corm/corm.h>\n" + models)
            self.build(name)
            self.states[name] = files_below(folder)
            if name != "third":
                self.whole(name, "makemigrations", "--noinput", "--name", name)

    def write(self, name, text):
        pathlib.Path(self.folder, name).write_text(text)

    def build(self, name):
        o = Options
        subprocess.run(["cc", "-w", *o.flags, f"-I{o.source}/include", f"-I{o.build}/include", "manage.c", "shop/app.c", "shop/migrations/migrations.c",
                        "-o", name + ".manage", f"-L{o.build}/src", "-lcorm-manage", "-lcorm", f"-Wl,-rpath,{o.build}/src"], cwd=self.folder, check=True)

    def run(self, program, *words, url=None, **failing):
        settings = {"PATH": os.environ["PATH"], "DATABASE_URL": url or self.url, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "NO_COLOR": "1"}
        if failing:
            settings.update(LD_PRELOAD=Options.failing, FAIL_LOG=f"{self.folder}.log", **{k: str(v) for k, v in failing.items()})
        path = self.tool if program == "corm" else f"./{program}.manage"
        try:
            return subprocess.run([path, *words], cwd=self.folder, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANGS)
        except subprocess.TimeoutExpired:
            raise Wrong(f"does not end within {HANGS} s") from None

    def whole(self, program, *words, status=0):
        done = self.run(program, *words)
        if done.returncode != status:
            raise SystemExit(f"{program} {' '.join(words)}: {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}")
        return done.stdout


class Command:
    """A command of a program, what the database has before it, and whether it changes that."""

    def __init__(self, program, *words, before=None, changes=False, url=None):
        self.program, self.words, self.before, self.changes, self.url = program, words, before, changes, url

    def __str__(self):
        return f"{self.program}: {' '.join(self.words)}"


MIGRATED = ("migrate",)
COMMANDS = [
    Command("third", "check"),
    Command("third", "check", "--json"),
    Command("first", "makemigrations", "--noinput"),
    Command("second", "makemigrations", "--noinput"),
    Command("second", "makemigrations", "--noinput", "--dry-run", "--json"),
    Command("second", "makemigrations", "--check"),
    Command("second", "makemigrations", "--update", "--noinput"),
    Command("third", "makemigrations", "--empty", "shop", "--name", "more"),
    Command("third", "squashmigrations", "shop", "0002"),
    Command("third", "optimizemigration", "shop", "0002"),
    Command("third", "sqlmigrate", "shop", "0002"),
    Command("third", "sqlmigrate", "shop", "0002", "--backwards"),
    Command("third", "migrate", changes=True),
    Command("third", "migrate", "--json", changes=True),
    Command("third", "migrate", "shop", "zero", before=MIGRATED, changes=True),
    Command("third", "migrate", "--plan"),
    Command("third", "migrate", "--check"),
    Command("third", "migrate", "--lint", "--json"),
    Command("third", "showmigrations", before=MIGRATED),
    Command("third", "showmigrations", "--json", before=MIGRATED),
    Command("third", "showmigrations", "--plan", before=MIGRATED),
    Command("third", "showmigrations", "--graph", "--format", "mermaid", before=MIGRATED),
    Command("third", "checkdb", before=MIGRATED),
    Command("third", "checkdb", before=("migrate", "shop", "0001")),
    Command("third", "checkdb", "--all", "--json", before=("migrate", "shop", "0001")),
    Command("third", "checkdb", "--write", "mend", before=MIGRATED),
    Command("third", "sequencereset", "shop", before=MIGRATED),
    Command("third", "wait_for_db", "--require", "migrated", "--timeout", "2", before=MIGRATED),
    Command("third", "wait_for_db", "--json", "--timeout", "2"),
    Command("third", "dbshell", "--", "--version"),
    Command("corm", "inspectdb", before=MIGRATED),
    Command("corm", "inspectdb", "--output", "found.h", "--reverse", "--app", "shop", before=MIGRATED),
    Command("corm", "config"),
    Command("corm", "config", "--json"),
    Command("corm", "startproject", "cafe"),
    Command("third", "startapp", "tea"),
    Command("corm", "help"),
    Command("corm", "completion", "bash"),
    Command("corm", "version"),
]


def frames(trace):
    """The addresses of a trace, each with whether it is of corm: without those of the failing allocator and of the signal."""
    found = re.findall(r"^(\S+?)\(.*?\)\[(0x[0-9a-f]+)\]$", trace, re.MULTILINE)
    while found and "failing.so" in found[0][0]:
        found.pop(0)
    return [(address, bool(re.match(r"libcorm|corm-|corm$|.*\.manage$", os.path.basename(path)))) for path, address in found]


def died_in_library(trace):
    """Whether a library asked for the memory and died of not getting it in one and the same call of corm's: it never came back to say so. libmariadb connects
    on a stack of its own, on which nobody of corm stands; there it dies, too, of what mysql_init had no room for and does not tell."""
    failed, _, died = trace.partition("died:\n")
    asked, dead = frames(failed), frames(died)
    if not asked or not dead or asked[0][1] or any(own for _, own in dead[:2]):  # dead[0] is where signals come in
        return False
    caller = [address for address, own in dead if own][:1]
    return not caller or caller == [address for address, own in asked if own][:1]


class Failing:
    def __init__(self, project):
        self.project, self.left = project, 0

    def prepare(self, command):
        """The files and the database as the command expects them."""
        state = command.program if command.program in self.project.states else "third"
        put_back(self.project.folder, self.project.states[state])
        self.project.whole("third", "migrate", "shop", "zero")
        if command.before:
            self.project.whole("third", *command.before)

    def judge(self, command, done, good):
        """What is wrong with how it has ended, or None."""
        if done.returncode < 0:
            log = pathlib.Path(self.project.folder + ".log")
            if not log.exists() or not died_in_library(log.read_text()):
                return f"signal {-done.returncode}"
            self.left += 1
            return None
        if b"Sanitizer" in done.stderr:
            return "a sanitizer"
        said, files = done.stderr.decode("utf-8", "replace").splitlines(), files_below(self.project.folder)
        if done.returncode == good.returncode and not (done.returncode and b"memory" in done.stderr):
            if same_each_time(done.stdout) != same_each_time(good.stdout):
                return "exits as ever, and says something else"
            return None if files == good.files else "exits as ever, and other files are there: " + " ".join(self.differing(files, good.files))
        if done.returncode == 0:
            return "exits with 0"
        if not said and "wait_for_db" in command.words and done.stdout.startswith(b'{"state":"failed"'):
            said = done.stdout.decode().splitlines()[-1:]  # as JSON
        if not said or not re.match(r"(corm|\w+\.manage)\b.*: .|{", said[-1]):
            return f"exit status {done.returncode} without an error"
        if len([line for line in said if "warning: " not in line and ":" in line]) > 1:
            return f"an error of {len(said)} lines"
        if "success" in said[-1].lower():
            return "an error that says success"
        if done.returncode != 71 or "memory" not in said[-1].lower():
            return f"memory was out, and that is exit status {done.returncode}"
        return None if files in (command.files, good.files) else "fails, and has changed files: " + " ".join(self.differing(files, command.files))

    def differing(self, one, other):
        return [path for path in sorted({*one, *other}) if one.get(path) != other.get(path)]

    def goes_on(self, command, done):
        """After a change of the database, done or failed: it can be finished, and is what the models say."""
        again = self.project.run("third", *command.words)
        if again.returncode:
            return f"fails ever after: {again.stderr.decode().strip()}"
        end = self.project.run("third", "migrate")
        shown = self.project.run("third", "checkdb")
        if end.returncode or shown.returncode:
            return f"leaves a database that is not mended: {end.stderr.decode()}{shown.stdout.decode()}{shown.stderr.decode()}".strip()
        return None

    def one(self, command, number, good):
        done = self.project.run(command.program, *command.words, url=command.url, FAIL_AT=number)
        wrong = self.judge(command, done, good)
        if not wrong and command.changes:
            wrong = self.goes_on(command, done)
        if wrong:
            wrong += f"\n      said: {(done.stderr or done.stdout)[-300:].decode('utf-8', 'replace').strip()}"
        if command.changes or files_below(self.project.folder) != command.files:
            self.prepare(command)
        return wrong

    def each(self, command):
        """How many allocations there are, how many have failed, and what was wrong: {what: [number, ...]}."""
        self.prepare(command)
        command.files = files_below(self.project.folder)
        log = pathlib.Path(self.project.folder + ".log")
        good = self.project.run(command.program, *command.words, url=command.url, FAIL_AT=0)
        good.files = files_below(self.project.folder)
        count = int(log.read_text())
        self.prepare(command)
        step = 1 if Options.each else -(-count // Options.tries)
        found, tried, self.left = {}, 0, 0
        for number in range(1 + (step // 2), count + 1, step):
            tried += 1
            log.unlink(missing_ok=True)
            try:
                wrong = self.one(command, number, good)
            except Wrong as error:
                wrong = str(error)
                self.prepare(command)
            if wrong:
                found.setdefault(wrong, []).append(number)
                if os.environ.get("CORM_TEST_WHERE") and log.exists():
                    print(log.read_text(), flush=True)
        return count, tried, found


def database(folder):
    engine = {"sqlite": others.Sqlite, "postgresql": others.Postgresql, "mariadb": others.Mariadb}[Options.engine](folder)
    return engine, engine.create("memory")


def main():
    words = sys.argv[1:]
    if "--all" in words:
        words.remove("--all")
        Options.each = True
    for option, kind in (("tries", int), ("only", str)):
        if f"--{option}" in words:
            at = words.index(f"--{option}")
            setattr(Options, option, kind(words[at + 1]))
            del words[at:at + 2]
    Options.engine, Options.source, Options.build, Options.failing, *Options.flags = words
    Options.failing = os.path.abspath(Options.failing)
    Options.flags = [flag for flag in Options.flags if flag]
    others.ENGINE = Options.engine
    commands = [command for command in COMMANDS if not Options.only or Options.only in str(command)]
    broken = 0
    with tempfile.TemporaryDirectory(prefix="corm-memory-") as folder:
        engine, url = database(folder)
        try:
            failing = Failing(Project(f"{folder}/project", url))
            for command in commands:
                count, tried, found = failing.each(command)
                left = f", {failing.left} that a library dies of" if failing.left else ""
                print(f"{'FAIL' if found else 'ok':4} {command}: {tried} of {count} allocations{left}", flush=True)
                for what, numbers in found.items():
                    broken += 1
                    print(f"   {what}\n      at {' '.join(map(str, numbers[:8]))}{' …' if len(numbers) > 8 else ''}", flush=True)
        finally:
            if hasattr(engine, "remove"):
                engine.remove()
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
