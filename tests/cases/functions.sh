# What the scripts of the tables may call. DATABASE_URL is an empty database of ENGINE; the folder
# is a copy of the case's.
set -u
trap 'kill $(jobs -p) 2>/dev/null' EXIT

# compile FILE… : ./program of C files, with the libraries; FLAGS before, LIBS behind; without
# warnings, but where WARNINGS is set
compile() {
    # shellcheck disable=SC2046,SC2086
    if ! cc ${WARNINGS--w} -g ${FLAGS-} "$@" $(pkg-config --cflags --libs corm-manage corm) ${LIBS-} -lpthread \
        -o program 2>compiler.out; then
        echo "THE COMPILER REFUSES:"
        grep -E 'error|undefined' compiler.out | head -5
        return 1
    fi
}

# harness FILE : ./program of a case of checks, which looks into corm itself
harness() {
    # shellcheck disable=SC2046
    cc -w -g -O1 -std=gnu17 $(pkg-config --cflags corm) -I"$SOURCE/src" -I"$SOURCE/include" "$1" lib.c \
        "$PREFIX"/lib/libcorm.a $(pkg-config --libs --static corm) -rdynamic -o program
}

# sql TEXT : a statement on the database of this run, by the client of its engine
sql() {
    case $ENGINE in
    sqlite) sqlite3 -cmd 'PRAGMA foreign_keys=ON' "${DATABASE_URL#sqlite:///}" "$1" ;;
    postgresql) psql -X -qAt -h "$HOST" -U corm "$DATABASE" -c "$1" ;;
    mariadb)
        mariadb --no-defaults --socket="$HOST/mysqld.sock" -ucorm -N "$DATABASE" \
            -e "SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'; $1"
        ;;
    esac 2>&1
}

# project FILE : a folder of its own for a program whose models are FILE, version by version
project() {
    mkdir -p project/migrations
    cp -- *.h project 2>/dev/null
    cp "$1" project/m.c
    cd project || exit 1
    printf '#include <corm/migration.h>\nCORM_MIGRATIONS(t);\n' >migrations/migrations.c
}

# version V : ./program of it; release V [OPTION…] : its migrations are written and run
version() { FLAGS="-DV=$1" compile m.c migrations/migrations.c; }
release() {
    local v=$1
    shift
    version "$v" && ./program makemigrations --noinput "$@" && version "$v" && ./program migrate
    echo "release $v: exit status $?"
}

# newcomer FILE [ARGUMENT…] : runs a program over issues/models.h, on a database that newcomer.c
# filled: two projects with the issues 1 to 150 each; ada, bob and cher; ada reported the issues of
# even numbers, and is the assignee of number 3 of project 1
newcomer() {
    local file=$1
    shift
    mkdir -p issues data/migrations
    cp models.h issues/
    (
        cd data || exit 1
        cp "$CASES_HERE/newcomer.c" m.c
        printf '#include <corm/migration.h>\nCORM_MIGRATIONS(t);\n' >migrations/migrations.c
        export FLAGS=-I..
        compile m.c migrations/migrations.c && ./program makemigrations --noinput >/dev/null &&
            compile m.c migrations/migrations.c && ./program migrate >/dev/null && ./program fill
    ) || exit 99
    FLAGS="${FLAGS-} -I." compile "$file" && ./program "$@"
}

# waits PORT : until something listens there
waits() {
    local tries=0
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
}

# loads FILE : the statements of a file on the database of this run
loads() {
    case $ENGINE in
    sqlite) sqlite3 "${DATABASE_URL#sqlite:///}" <"$1" ;;
    postgresql) psql -X -q -h "$HOST" -U corm "$DATABASE" -f "$1" ;;
    mariadb) mariadb --no-defaults --socket="$HOST/mysqld.sock" -ucorm "$DATABASE" <"$1" ;;
    esac
}

# adopt FILE : loads it, and takes its models into a project, in whose folder it goes on
adopt() {
    loads "$1" && mkdir -p adopted/migrations && cp -- *.c adopted/ && cd adopted || exit 1
    corm inspectdb --app t --output models.h || exit 1
    printf '#include <corm/migration.h>\nCORM_MIGRATIONS(t);\n' >migrations/migrations.c
    cat >manage.c <<'C'
#include "models.h"
#include <corm/manage.h>
CORM_DECLARE_MIGRATIONS(t);
CORM_APP(t, .models = t_models, .migrations = t_migrations);
int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(t)); }
C
    evolves --fake-initial
}

# evolves [OPTION] : the changed models of an adopted database are migrated
evolves() {
    compile manage.c migrations/migrations.c && mv program manage && ./manage makemigrations --noinput &&
        compile manage.c migrations/migrations.c && mv program manage && ./manage migrate "$@"
    echo "migrate: exit status $?"
}

# written FILE [ARGUMENT…] : a case that writes, builds and runs projects in a folder w
written() {
    sed -i "s,ROOT='./w',ROOT='$PWD/w'," fw.py
    python3 "$@"
}
