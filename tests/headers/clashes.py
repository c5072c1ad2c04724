"""Headers whose macros have the words of corm's, in each order: what is written means what it says, or
the compiler says why not, in one clear line. A macro of the program's own is never replaced in silence.

usage: clashes.py COMPILER INCLUDE-FOLDER..."""
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
MODELS = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.h")).read()
ADD = "int add(corm_db *db) { return corm_update(db, Recipes, .set = SET(TO(Recipes.minutes, ADD(Recipes.minutes, 1))), .all = true); }\n"
SET_SERVINGS = "Recipe *set(corm_db *db) { return corm_all(db, Recipes, .where = IS_NOT_NULL(Recipes.servings)); }\n"
OPCODE = "int opcode(void) { return ADD == ns_uop_add; }\n"
failures, tried = [], 0
file = tempfile.NamedTemporaryFile(suffix=".c")


def expect(what, source, message=None):
    """The source compiles without a word; or its errors have the message."""
    global tried
    tried += 1
    with open(file.name, "w") as out:
        out.write(source)
    done = subprocess.run([compiler, *[f"-I{folder}" for folder in folders], "-Wall", "-Wextra", "-Wpedantic", "-Wno-missing-prototypes", "-fsyntax-only", file.name],
                          text=True, capture_output=True, env={**os.environ, "LC_ALL": "C"})
    if (done.stderr.strip() if message is None else done.returncode == 0 or not re.search(message, done.stderr)):
        failures.append(f"{what}: wanted {message or 'no word'}, got status {done.returncode}:\n{done.stderr[:2000]}")


def there(header):
    return subprocess.run([compiler, "-E", "-xc", "-"], input=f"#include <{header}>\n", text=True, capture_output=True).returncode == 0


expect("neither", MODELS + ADD + SET_SERVINGS)
expect("the resolver's ADD before", "#include <arpa/nameser.h>\n" + MODELS + ADD + OPCODE)
expect("the resolver's ADD after", MODELS + "#include <arpa/nameser.h>\n" + ADD + OPCODE)
if there("mariadb/mysql.h"):
    expect("mysql.h before", "#include <mariadb/mysql.h>\n" + MODELS + SET_SERVINGS)
    expect("mysql.h after, unused", MODELS + "#include <mariadb/mysql.h>\n" + ADD)
    expect("mysql.h after", MODELS + "#include <mariadb/mysql.h>\n" + SET_SERVINGS, "IS_NOT_NULL")
else:
    print("left out: no mariadb/mysql.h")
if there("term.h"):
    expect("term.h before", "#include <term.h>\n" + MODELS, "corm: <term.h> makes a macro of the word columns: include it after")
else:
    print("left out: no term.h")

# A program's own, in each form a macro can have.
for name, rest in (("AND", " &&"), ("AND", "(a, b) ((a) & (b))"), ("NOT", "(x) (!(x))"), ("IN", ""), ("SET", "(...) 0"), ("EQ", "() 1"), ("ADD", "(a, b) ((a) + (b))"), ("ADD", " 1"),
                   ("IS_NOT_NULL", "(p) ((p) != 0)"), ("TEXT", "(x) x"), ("BIGINT", " long long"), ("DEFAULT", " 3"), ("DEFAULT_SQL", "(x) x"), ("HAS", " 1")):
    define = f"#define {name}{rest}\n"
    expect(define, define + MODELS, f"corm: the program has a macro {name}: ")
    expect(define + " and CORM_NO_SHORT_NAMES", "#define CORM_NO_SHORT_NAMES\n" + define + "#include <corm/corm.h>\n" + "extern int not_empty;\n")

for failure in failures:
    print(failure)
print(f"{compiler}: {tried} tried, {len(failures)} failures")
sys.exit(1 if failures or tried < 30 else 0)
