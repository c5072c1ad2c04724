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

# What is odd in real data, one of each: loaded all the same, counted and named.
mkdir -p dirty/names/xx/LC_MESSAGES
echo "no catalogue" > dirty/names/xx/LC_MESSAGES/iso_3166-1.mo
put() {
    printf '{ "%s": [ %s ] }' "$1" "$2" > "dirty/iso_$1.json"
}
country() {
    printf '{ "alpha_2": "%s", "alpha_3": "%s", "numeric": "1", "name": "%s", "flag": "%s" }' "$@"
}
place() {
    printf '{ "code": "%s", "name": "N", "type": "T", "parent": %s }' "$@"
}
put 3166-1 "$(country AA AAA First f), $(country AA AAB Again f), $(country BB AAA Again f),
    $(country CC CCC "" f), $(country DDD DDD Long f), { }, 7, $(country EE EEE Last f)"
put 3166-2 "$(place AA-4 '"AA-3"'), $(place AA-3 '"2"'), $(place AA-2 '"AA-1"'), $(place AA-1 null),
    $(place EE-1 '"none"'), $(place EE-2 '"EE-3"'), $(place EE-3 '"EE-2"'), $(place EE-4 '"EE-4"'),
    $(place ZZ-1 null), $(place A null)"
put 15924 '{ "alpha_4": "Latn", "numeric": "215", "name": "Latin" }'
put 4217 ''
put 639-3 '{ "alpha_3": "aaa", "name": "A", "scope": "I", "type": "L" },
    { "alpha_3": "bbb", "name": "B", "scope": "I", "type": "X" }'
cat > dirty/expected <<'END'
Loaded 12 rows.
Odd: 3 lack a text that a row needs; left out: CC, an entry without a name, an entry without a name
Odd: 1 have a text longer than its column; left out: DDD
Odd: 2 are there twice; the first one is loaded: AA, AAA
Odd: 1 have a scope or a type that is not known; left out: bbb
Odd: 2 are of a country that is not in the list; left out: ZZ-1, A
Odd: 1 have a parent that is not in the list; loaded without it: EE-1
Odd: 2 are parts of themselves; loaded without a parent: EE-2, EE-4
Odd: 1 are no gettext catalogues; left out: xx
Odd: 1 have no catalogue of iso-codes (some images leave translations out): dirty/names
END

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
    "$manage" load --json-folder=dirty --locale-folder=dirty/names > odd
    cmp dirty/expected odd || fail "$engine: dirty data gave $(cat odd)"
    "$manage" questions AA-4 | grep -q "part of AA-3" || fail "$engine: a part of a part is lost"
    "$manage" questions > odd || fail "$engine: no answers to dirty data"
    "$manage" load --again > loaded
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
