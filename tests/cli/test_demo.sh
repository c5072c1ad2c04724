#!/bin/sh
# usage: test_demo.sh MANAGE ENGINE…
# The example's whole way on SQLite and on each server: migrate twice (the second finds nothing), load twice, the same answers.
set -eu
manage=$(realpath "$1")
shift
server_url() {
    case $1 in
    postgresql) echo "${CORM_TEST_POSTGRESQL:?run the tests by make test, or under scripts/with-postgresql}" ;;
    mariadb) echo "${CORM_TEST_MARIADB:?run the tests by make test, or under scripts/with-mariadb}" ;;
    esac
}
# Runs SQL on the server's own database.
run_sql() {
    case $1 in
    postgresql) DATABASE_URL=$(server_url "$1") "$manage" dbshell -- -qc "$2" ;;
    mariadb) DATABASE_URL=$(server_url "$1") "$manage" dbshell -- -e "$2" ;;
    esac
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "FAIL: $1" >&2
    exit 1
}

name=demo_$$
for engine in sqlite "$@"; do
    if [ "$engine" = sqlite ]; then
        DATABASE_URL=sqlite:///demo.sqlite3
    else
        run_sql "$engine" "CREATE DATABASE $name"
        DATABASE_URL=$(server_url "$engine" | sed "s|///[^?]*|///$name|")
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
    "$manage" questions > "$engine.txt"
    "$manage" makemigrations --check > /dev/null || fail "$engine: models and migrations differ"
done
for engine in "$@"; do
    run_sql "$engine" "DROP DATABASE $name"
    cmp sqlite.txt "$engine.txt" || fail "the answers differ: $(diff sqlite.txt "$engine.txt")"
done
[ "$(grep -c '' sqlite.txt)" -gt 40 ] || fail "too few answers"
