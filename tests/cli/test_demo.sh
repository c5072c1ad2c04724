#!/bin/sh
# usage: test_demo.sh MANAGE
# The example's whole way on SQLite and on PostgreSQL: migrate twice (the second finds nothing), load twice, the same answers.
set -eu
manage=$(realpath "$1")
: "${CORM_TEST_POSTGRESQL:?run the tests by make test, or under scripts/with-postgresql}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "FAIL: $1" >&2
    exit 1
}

for engine in sqlite postgresql; do
    if [ $engine = sqlite ]; then
        DATABASE_URL=sqlite:///demo.sqlite3
    else
        name=demo_$$
        DATABASE_URL=$CORM_TEST_POSTGRESQL "$manage" dbshell -- -qc "CREATE DATABASE $name"
        DATABASE_URL=$(echo "$CORM_TEST_POSTGRESQL" | sed "s|///[^?]*|///$name|")
    fi
    export DATABASE_URL
    "$manage" wait_for_db > /dev/null
    "$manage" migrate > first
    grep -q "Applying atlas.0001_initial... OK" first || fail "$engine: the first migrate applied nothing"
    "$manage" migrate > second
    [ "$(cat second)" = "No migrations to apply." ] || fail "$engine: the second migrate did something: $(cat second)"
    "$manage" load > loaded
    grep -q "^Loaded 4[0-9][0-9][0-9][0-9] rows" loaded || fail "$engine: $(cat loaded)"
    "$manage" load | grep -q "^Already loaded" || fail "$engine: loaded twice"
    "$manage" load --again > again
    cmp -s loaded again || fail "$engine: loading again gave $(cat again)"
    "$manage" questions > $engine.txt
    "$manage" makemigrations --check > /dev/null || fail "$engine: models and migrations differ"
done
DATABASE_URL=$CORM_TEST_POSTGRESQL "$manage" dbshell -- -qc "DROP DATABASE $name"
cmp sqlite.txt postgresql.txt || fail "the answers differ: $(diff sqlite.txt postgresql.txt)"
[ "$(grep -c '' sqlite.txt)" -gt 40 ] || fail "too few answers"
