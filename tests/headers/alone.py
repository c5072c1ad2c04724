"""Each public header compiles alone, in each form that a program may include it in, and defines no name that it should not.

usage: alone.py COMPILER INCLUDE-FOLDER..."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

compiler, folders = sys.argv[1], sys.argv[2:]
if not shutil.which(compiler):
    print(f"{compiler} is not installed")
    sys.exit(77)

headers = sorted(name for folder in folders for name in os.listdir(os.path.join(folder, "corm")) if name.endswith(".h"))
standards = ["c11", "gnu11", "gnu17"]
failures = []

# Names that a program without CORM_NO_SHORT_NAMES gets, besides those that begin with corm.
SHORT = set("""TEXT BIGINT DEFAULT DEFAULT_SQL EQ NE LT LTE GT GTE CONTAINS ICONTAINS STARTS_WITH ISTARTS_WITH ENDS_WITH IENDS_WITH IEXACT LIKE ILIKE REGEX IREGEX
IN ONE_OF BETWEEN CONFLICT NULLS_FIRST NULLS_LAST MEMBERS AFTER IS_NULL IS_NOT_NULL AND OR HAS NOT COL ADD SUB MUL DIV MOD COUNT COUNT_OF COUNT_DISTINCT SUM AVG MIN_OF MAX_OF LOWER UPPER LENGTH COALESCE CONCAT VALUE
EXISTS IN_QUERY SUBQUERY ASC DESC BY TO TO_NULL TO_DEFAULT NAMED SET WITH COLUMNS AS""".split())
# Functions of one row.
SHORT |= set("""CASE WHEN ELSE NULLIF GREATEST LEAST IS_DISTINCT XOR CAST_TEXT CAST_INTEGER CAST_DOUBLE CAST_DECIMAL BIT_AND BIT_OR BIT_XOR BIT_NOT SHIFT_LEFT SHIFT_RIGHT
SUBSTR LEFT_OF RIGHT_OF REPEAT TRIM LTRIM RTRIM REVERSE REPLACE POSITION LPAD RPAD CHR ORD ABS_OF CEIL FLOOR SIGN_OF ROUND SQRT EXP LN LOG10 SIN COS TAN ASIN ACOS ATAN DEGREES RADIANS POWER ATAN2
NOW DATE_OF TIME_OF EXTRACT TRUNCATE ADD_INTERVAL SUB_INTERVAL ADD_DAYS ADD_MONTHS DIFFERENCE DAYS_BETWEEN""".split())
# Relations.
SHORT |= {"WITH_ROWS", "WITH_COUNT", "DESCENDANTS", "ANCESTORS"}
# What <arpa/nameser.h> makes of ADD; see query.h.
BESIDE = {"ns_uop_add"}


# The headers as a compiler sees those of the program: it warns of what is in them, too.
own = tempfile.TemporaryDirectory()
for folder in folders:
    shutil.copytree(os.path.join(folder, "corm"), os.path.join(own.name, "corm"), dirs_exist_ok=True, ignore=lambda _, names: [n for n in names if not n.endswith(".h")])
for header in headers:
    path = os.path.join(own.name, "corm", header)
    text = open(path).read()
    if "#pragma GCC system_header\n" not in text and header != "c_only.h":
        failures.append(f"{header} is no system header")
    open(path, "w").write(text.replace("#pragma GCC system_header\n", ""))


def run(source, *options, language="c", where=None):
    command = [compiler, *[f"-I{folder}" for folder in where or folders], *options, "-x" + language, "-"]
    return subprocess.run(command, input=source, text=True, capture_output=True)


def compiles(what, source, *options, **how):
    result = run(source, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *options, **how)
    if result.returncode != 0:
        failures.append(f"{what} {' '.join(options)}\n{result.stderr}")


def macros(source, *options):
    result = run(source, "-std=c11", "-dM", "-E", *options)
    return {line.split()[1].split("(")[0] for line in result.stdout.splitlines()}


for header in headers:
    source = f"#include <corm/{header}>\n#include <corm/{header}>\n"
    for standard in standards:
        for options in ([], ["-DCORM_NO_SHORT_NAMES"]):
            compiles(header, source + "extern int not_empty;\n", f"-std={standard}", *options, where=[own.name])
            compiles(header, source + "extern int not_empty;\n", f"-std={standard}", "-Wpedantic", *options)
    text = open(next(os.path.join(f, "corm", header) for f in folders if os.path.exists(os.path.join(f, "corm", header)))).read()
    system = "".join(f"{line}\n" for line in re.findall(r"^#include <(?!corm/).*$", text, re.M)) + "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n"
    before = macros(system)
    for options, allowed in ((["-DCORM_NO_SHORT_NAMES"], set()), ([], SHORT | BESIDE)):
        leaked = {name for name in macros(system + source, *options) - before if not name.startswith(("CORM_", "corm_"))} - allowed
        if leaked:
            failures.append(f"{header} {' '.join(options)} defines {' '.join(sorted(leaked))}")

MODELS = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.h")).read()
# Every short name has its long form, and both work.
query_macros = macros("#include <corm/query.h>\n")
for name in sorted(SHORT - {"TEXT", "BIGINT", "DEFAULT_SQL"}):
    if f"CORM_{name}" not in query_macros:
        failures.append(f"{name} has no form CORM_{name}")
USE = """
void *use(corm_db *db, int64_t id);
void *use(corm_db *db, int64_t id) {
    corm_update(db, Recipes, .set = P(SET)(P(TO)(Recipes.minutes, P(ADD)(Recipes.minutes, 1)), P(TO_NULL)(Recipes.servings)), .where = P(EQ)(Recipes.id, id));
    corm_add(db, Recipes, tags, id, ((int64_t[]){ 3, 5 }), 2);
    corm_select(db, Total, Recipes, .columns = P(COLUMNS)(P(AS)(email, Recipes.user->email), P(AS)(recipes, P(COUNT)()), P(AS)(spent, P(SUM)(Recipes.price))));
    return corm_all(db, Recipes,
        .where = P(AND)(P(OR)(P(GT)(Recipes.minutes, P(COL)(Recipes.servings)), P(NOT)(P(IN)(Recipes.title, "a", "b"))), P(BETWEEN)(Recipes.minutes, 1, 9),
                        P(IS_NULL)(Recipes.servings), P(ICONTAINS)(Recipes.user->email, "x"), P(EXISTS)(Users, .where = P(EQ)(Users.id, P(COL)(Recipes.user_id))), P(IN_QUERY)(Recipes.minutes, Tags, P(SUM)(Tags.id)), P(EQ)(P(SUBQUERY)(Tags, Tags.name), "x"), P(EQ)(P(LOWER)(Recipes.title), "x"), P(GT)(P(COALESCE)(Recipes.servings, P(VALUE)(3)), 2)),
        .order_by = P(BY)(P(DESC)(Recipes.created), P(ASC)(Recipes.title), Recipes.id), .with = P(WITH)(Recipes.user, Recipes.tags), .limit = 5);
}
"""
for standard in standards:
    long_form = USE.replace("P(", "CORM_(")
    long_form = re.sub(r"CORM_\((\w+)\)", r"CORM_\1", long_form)
    short_form = re.sub(r"P\((\w+)\)", r"\1", USE)
    compiles("long names", "#define CORM_NO_SHORT_NAMES\n" + MODELS + long_form, f"-std={standard}", "-Wno-unused-value")
    compiles("short names", MODELS + short_form, f"-std={standard}", "-Wno-unused-value")

# A program that asks for every warning gets those of its own text.
for standard in standards:
    compiles("pedantic", MODELS + short_form, f"-std={standard}", "-Wpedantic", "-Wno-unused-value")

# C++ gets what it can read, with the names of C; of the rest one sentence.
C_ONLY = {"app.h", "c_only.h", "corm.h", "manage.h", "migration.h", "model.h", "query.h"}
if run("", "-c", "-o", os.devnull, language="c++").returncode == 0:
    for header in headers:
        source = f"#include <corm/{header}>\n#include <corm/{header}>\nextern int not_empty;\n"
        if header not in C_ONLY:
            for standard in ("c++11", "c++17", "c++20"):
                compiles(header, source, f"-std={standard}", "-Wpedantic", language="c++")
            continue
        said = re.findall(r"error: .*", run(source, "-c", "-o", os.devnull, language="c++").stderr)
        if len(said) != 1 or "corm: models, queries and migrations are C" not in said[0]:
            failures.append(f"{header} in C++ says: {said}")
    source = """#include <corm/db.h>
#include <corm/wait.h>
int use() { corm_db *db = corm_open(nullptr); int n = corm_exec(db, "SELECT 1") + corm_wait_for_db(nullptr, nullptr, nullptr); corm_close(db); return n; }
"""
    for text in (source, 'extern "C" {\n' + source.replace("int use", "}\nint use")):
        compiles("a connection in C++", text, "-std=c++11", "-Wpedantic", language="c++")
    symbols = run(source, "-S", "-o", "-", "-std=c++11", language="c++").stdout
    for name in ("corm_open", "corm_exec", "corm_wait_for_db", "corm_close"):
        if not re.search(rf"\b{name}\b", symbols):
            failures.append(f"{name} has no C linkage in C++")
else:
    print(f"{compiler} has no C++")

for failure in failures:
    print(failure)
print(f"{compiler}: {len(headers)} headers, {len(failures)} failures")
sys.exit(1 if failures or len(headers) < 10 else 0)
