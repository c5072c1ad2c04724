"""Servers that lie: each answer of a conversation is a right one, but for what a line of a table changes. The client gives the right values or an error; it never
hangs, never crashes, and takes no answer for another."""

import os
import socket
import struct
import subprocess
import threading
import unittest

from . import support
from .support import FaultCase

# Prints "I VALUE" for what was read, "I error STATUS" for what was not.
PROGRAM = r"""
#include <corm/corm.h>
#include <stdio.h>
#include <string.h>
CORM_MODEL(Small, Smalls, "smalls", identity(id), integer(n), varchar(name, 100, .null = true));
static int failed(corm_db *db, int i) { return printf("%d error %d %s\n", i, corm_error(db)->status, corm_error(db)->message); }
int main(int argc, char **argv) {
    corm_db *db = corm_open(NULL);
    (void)argc;
    if (corm_failed(db)) return failed(db, 0), 1;
    for (int i = 1; i <= 5; i++) {
        if (strcmp(argv[1], "count") == 0) {
            int64_t n = corm_count(db, Smalls);
            if (corm_failed(db)) failed(db, i);
            else printf("%d %lld\n", i, (long long)n);
        } else if (strcmp(argv[1], "exec") == 0) {
            if (corm_begin(db) || corm_commit(db)) failed(db, i), corm_rollback(db);
            else printf("%d done\n", i);
        } else {
            int rows = 0;
            corm_each (row, db, Smalls) {
                printf("%d %lld %d %s\n", i, (long long)row->id, row->n, row->name ? row->name : "-");
                if (rows++ == 0) corm_count(db, Smalls);
            }
            if (corm_failed(db)) failed(db, i);
            else printf("%d rows %d\n", i, rows);
        }
    }
    corm_close(db);
    return 0;
}
"""

ROWS = [(1, 10, b"one"), (2, 20, b"two"), (3, 30, None)]
LIE_AT = 3     # the answer that is changed, among those with rows


class Liar:
    """A server at a port of its own. lie(parts) changes one answer, a list of messages; None ends the connection."""

    def __init__(self, lie):
        self.lie, self.answers, self.counts = lie, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.talk(connection, connection.makefile("rb"))
            except (OSError, EOFError, struct.error):
                pass

    def send(self, connection, parts, lies=True):
        self.answers += lies
        if lies and self.answers == LIE_AT:
            parts = self.lie(list(parts))
        for part in parts:
            if part is None:
                raise EOFError
            connection.sendall(part)

    def stop(self):
        self.listener.close()


def need(stream, n):
    data = stream.read(n)
    if len(data) < n:
        raise EOFError
    return data


# --- PostgreSQL ---

def m(kind, body=b""):
    return kind + struct.pack(">i", len(body) + 4) + body


def row(*values):
    return m(b"D", struct.pack(">H", len(values)) + b"".join(struct.pack(">i", -1) if v is None else struct.pack(">i", len(v)) + v for v in values))


def description(*columns):
    return m(b"T", struct.pack(">H", len(columns)) + b"".join(name + b"\0" + struct.pack(">ihihih", 0, 0, kind, 8, -1, 1) for name, kind in columns))


SMALLS = description((b"id", 20), (b"n", 23), (b"name", 1043))
COUNT = description((b"count", 20))
IDLE = m(b"Z", b"I")
PID = row(struct.pack(">i", 1234))


class PostgreSQL(Liar):
    def talk(self, connection, stream):
        while True:
            body = need(stream, struct.unpack(">i", need(stream, 4))[0] - 4)
            if struct.unpack(">i", body[:4])[0] not in (80877103, 80877104):
                break
            connection.sendall(b"N")
        connection.sendall(m(b"R", bytes(4)) + b"".join(m(b"S", name + b"\0" + value + b"\0") for name, value in
                           ((b"server_version", b"15.3"), (b"client_encoding", b"UTF8"), (b"TimeZone", b"UTC"), (b"standard_conforming_strings", b"on"))) +
                           m(b"K", struct.pack(">ii", 1234, 5)) + IDLE)
        state, names, sql, parts = b"I", {}, b"", []
        while True:
            kind = need(stream, 1)
            body = need(stream, struct.unpack(">i", need(stream, 4))[0] - 4)
            if kind == b"X":
                return
            if kind == b"P":
                name, text = body.split(b"\0")[:2]
                names[name] = text
                parts.append(m(b"1"))
            elif kind == b"B":
                sql = names[body.split(b"\0")[1]]
                parts.append(m(b"2"))
            elif kind == b"C":
                parts.append(m(b"3"))
            elif kind == b"D":
                what = names[body[1:-1]] if body[:1] == b"S" else sql
                parts += [m(b"t", bytes(2))] if body[:1] == b"S" else []
                parts.append(COUNT if b"count(" in what.lower() else SMALLS)
            elif kind == b"E":
                parts += self.rows(sql)
            elif kind == b"Q":
                word = body.split()[0].rstrip(b";\0")
                state = {b"BEGIN": b"T", b"COMMIT": b"I", b"ROLLBACK": b"I"}.get(word, state)
                self.send(connection, [m(b"C", word + b"\0"), m(b"Z", state)], lies=word != b"CLOSE")
            if kind == b"S":
                rows = [part for part in parts if part[:1] == b"D" and part != PID]
                self.send(connection, parts + [m(b"Z", state)], lies=bool(rows))
                parts = []

    def rows(self, sql):
        if b"pg_backend_pid" in sql:
            return [PID, m(b"C", b"SELECT 1\0")]
        if b"count(" in sql.lower():
            self.counts += 1
            return [row(struct.pack(">q", 100 + self.counts)), m(b"C", b"SELECT 1\0")]
        if b"DECLARE" in sql:
            return [m(b"C", b"DECLARE CURSOR\0")]
        if b"CLOSE" in sql:
            return [m(b"C", b"CLOSE CURSOR\0")]
        return [row(struct.pack(">q", i), struct.pack(">i", n), name) for i, n, name in ROWS] + [m(b"C", b"FETCH 3\0")]


def before(kind, *more):
    """more, in front of the first message of a kind."""
    def lie(parts):
        at = next((i for i, part in enumerate(parts) if part[:1] == kind), 0)
        return parts[:at] + list(more) + parts[at:]
    return lie


def instead(kind, change):
    """The first message of a kind becomes what change makes of it."""
    def lie(parts):
        at = next((i for i, part in enumerate(parts) if part[:1] == kind), None)
        return parts if at is None else parts[:at] + change(parts[at]) + parts[at + 1:]
    return lie


NOTICE = m(b"N", b"SNOTICE\0C00000\0Mhello\0\0")
HARMLESS = {
    "a thousand notices": before(b"D", *[NOTICE] * 1000),
    "settings everywhere": lambda parts: [piece for part in parts for piece in (m(b"S", b"x\0y\0"), part)],
    "a notification behind the end": lambda parts: parts + [m(b"A", struct.pack(">i", 1) + b"channel\0payload\0")],
    "half a notification behind the end": lambda parts: parts + [m(b"A", struct.pack(">i", 1) + b"channel\0payload\0")[:9], m(b"A", struct.pack(">i", 1) + b"channel\0payload\0")[9:]],
    "bytes one by one": lambda parts: [bytes([byte]) for part in parts for byte in part],
}
LIES = {
    "one end more": lambda parts: parts + [IDLE],
    "one end more, later": lambda parts: parts[:-1] + [IDLE, IDLE],
    # At once: what comes later, whole and right in itself, is the answer to what was asked in the meantime.
    "twice": lambda parts: [b"".join(parts + parts)],
    "no bind": lambda parts: [part for part in parts if part[:1] != b"2"],
    "no row": lambda parts: [part for part in parts if part[:1] != b"D"],
    "no row and no count of rows": lambda parts: [part for part in parts if part[:1] not in (b"D", b"C")],
    "a row at the front": lambda parts: [row(struct.pack(">q", 7))] + parts,
    "a row behind the count of rows": lambda parts: parts[:-1] + [row(struct.pack(">q", 7))] + parts[-1:],
    "type NUL": before(b"C", m(b"\0")),
    "unknown type": before(b"D", m(b"x", b"12345")),
    "another description": before(b"C", description((b"a", 25), (b"b", 25))),
    "another description in front": before(b"D", description((b"a", 25))),
    "one column more": instead(b"D", lambda part: [m(b"D", struct.pack(">H", struct.unpack(">H", part[5:7])[0] + 1) + part[7:] + struct.pack(">i", -1))]),
    "one column less": instead(b"D", lambda part: [m(b"D", struct.pack(">H", 0))]),
    "an empty row": instead(b"D", lambda part: [m(b"D")]),
    "a value that is too long": instead(b"D", lambda part: [m(b"D", part[5:7] + struct.pack(">i", 1000) + part[11:])]),
    "a value of length -5": instead(b"D", lambda part: [m(b"D", part[5:7] + struct.pack(">i", -5) + part[11:])]),
    "a value of another length": instead(b"D", lambda part: [m(b"D", part[5:7] + struct.pack(">i", 3) + b"abc" + part[19:])]),
    "a row that is cut": instead(b"D", lambda part: [m(b"D", part[5:-3])]),
    "a gigabyte announced": instead(b"D", lambda part: [b"D" + struct.pack(">i", 0x3fffffff) + part[5:], None]),
    "more than is possible": instead(b"D", lambda part: [b"D" + struct.pack(">i", 0x7fffffff) + part[5:], None]),
    "a length of 3": instead(b"D", lambda part: [b"D" + struct.pack(">i", 3) + part[5:]]),
    "a negative length": instead(b"D", lambda part: [b"D" + struct.pack(">i", -1) + part[5:]]),
    "a state that is none": instead(b"Z", lambda part: [m(b"Z", b"X")]),
    "an end without a state": instead(b"Z", lambda part: [m(b"Z")]),
    "copy in": before(b"D", m(b"G", b"\0\0\0")),
    "copy out": before(b"D", m(b"H", b"\0\0\0"), m(b"d", b"abc"), m(b"c")),
    "copy both": before(b"D", m(b"W", b"\0\0\0")),
    "an error without fields": before(b"D", m(b"E")),
    "an error that is cut": before(b"D", m(b"E", b"SERROR\0C42P01\0Mno such")),
    "half of it": lambda parts: [b"".join(parts)[:-9], None],
    "nothing": lambda parts: [None],
}
LIES_ABOUT_ALL_ROWS = {
    "a count of rows that is too long": instead(b"C", lambda part: [m(b"C", b"SELECT 99999999999999999999999999\0")]),
    "another count of rows": instead(b"C", lambda part: [m(b"C", b"SELECT 2\0")]),
}


class Lies(FaultCase):
    def setUp(self):
        super().setUp()
        self.write("client.c", PROGRAM)
        command = ["cc", "-std=gnu11", "-O0", *support.FLAGS, f"-I{support.SOURCE}/include", f"-I{support.BUILD}/include", "client.c",
                   "-o", "client", f"-L{support.BUILD}/src", "-lcorm", f"-Wl,-rpath,{support.BUILD}/src"]
        subprocess.run(command, cwd=self.folder, check=True)

    def converse(self, kind, lie, action, url, more, harmless=False):
        server = kind(lie)
        self.addCleanup(server.stop)
        result = self.run_program(self.path("client"), action, settings={"DATABASE_URL": url.format(server.port), **more})
        self.assertEqual(result.status, 0, f"{result.out}{result.err}")
        self.assertGreaterEqual(server.answers, LIE_AT, "the lie was never told")
        lines = [line.split(" ", 2) for line in result.out.splitlines()]
        errors = [line for line in lines if line[1] == "error"]
        self.assertEqual([line[0] for line in lines if line[0] == "0"], [])
        for number, value, *rest in lines:
            if value == "error":
                continue
            if action == "count":
                self.assertEqual(int(value), 100 + int(number), f"the answer of another query: {result.out}")
            elif action == "each" and value == "rows":
                self.assertEqual(rest, ["3"], result.out)
            elif action == "each":
                self.assertIn((int(value), *rest), [(i, f"{n} {name.decode() if name else '-'}") for i, n, name in ROWS], result.out)
        if harmless:
            self.assertEqual(errors, [], result.out)
        else:
            self.assertNotEqual(errors, [], f"no word of it: {result.out}")
        return result.out

    def converse_all(self, kind, lies, actions, url, ways, harmless):
        for way in ways:
            for name, lie in lies.items():
                for action in actions:
                    with self.subTest(name, action=action, **way):
                        self.converse(kind, lie, action, url, way, harmless)


class PostgreSQLLies(Lies):
    URL = "postgresql://corm@127.0.0.1:{}/corm?sslmode=disable&gssencmode=disable"
    WIRE, LIBPQ = {}, {"CORM_POSTGRESQL_WIRE": "off"}

    def test_what_harms_nobody(self):
        self.converse_all(PostgreSQL, HARMLESS, ("count", "each"), self.URL, (self.WIRE, self.LIBPQ), harmless=True)

    def test_lies(self):
        self.converse_all(PostgreSQL, LIES, ("count", "each"), self.URL, (self.WIRE,), harmless=False)

    def test_lengths_that_no_message_has(self):
        """They are refused as they are read: nothing is waited for, and nothing read behind the message."""
        for name in ("more than is possible", "a length of 3", "a negative length"):
            for action in ("count", "each"):
                with self.subTest(name, action=action):
                    said = self.converse(PostgreSQL, LIES[name], action, self.URL, self.WIRE)
                    self.assertIn("sent a message that makes no sense here (type 68)", said)

    def test_lies_about_all_rows(self):
        self.converse_all(PostgreSQL, LIES_ABOUT_ALL_ROWS, ("each",), self.URL, (self.WIRE,), harmless=False)

    def test_lies_about_transactions(self):
        names = ("one end more", "no row and no count of rows", "unknown type", "a state that is none", "an end without a state", "type NUL", "half of it", "nothing")
        self.converse_all(PostgreSQL, {name: LIES[name] for name in names}, ("exec",), self.URL, (self.WIRE,), harmless=False)


# --- MariaDB ---

def length(n):
    return bytes([n]) if n < 251 else b"\xfc" + struct.pack("<H", n)


def text(value):
    return length(len(value)) + value


def field(name, kind, charset=33):
    return b"".join(text(part) for part in (b"def", b"corm", b"smalls", b"smalls", name, name)) + b"\x0c" + struct.pack("<HIBHBxx", charset, 20 if charset == 63 else 300, kind, 0, 0)


MARIADB_FIELDS = [field(b"id", 8, 63), field(b"n", 3, 63), field(b"name", 253)]
MARIADB_COUNT = [field(b"count", 8, 63)]
EOF = b"\xfe\0\0\x02\0"
OK, OK_MORE = b"\0\0\0\x02\0\0\0", b"\0\0\0\x0a\0\0\0"


def binary_row(i, n, name):
    return b"\0" + bytes([0 if name else 16]) + struct.pack("<qi", i, n) + (text(name) if name else b"")


class MariaDB(Liar):
    """Rows are the parts that begin with NUL, between the second EOF and the third."""

    def packets(self, connection, parts, sequence=1, lies=False):
        self.answers += lies
        if lies and self.answers == LIE_AT:
            parts = self.lie(list(parts))
        for part in parts:
            if part is None:
                raise EOFError
            connection.sendall(struct.pack("<I", len(part))[:3] + bytes([sequence % 256]) + part if isinstance(part, bytes) else part[0])
            sequence += 1

    def talk(self, connection, stream):
        capabilities = 0x001ff7df & ~0x0800    # all but TLS
        self.packets(connection, [b"\x0a5.5.5-10.11.6-MariaDB\0" + struct.pack("<I", 7) + b"12345678\0" + struct.pack("<HBHHB6xI", capabilities & 0xffff, 33, 2, capabilities >> 16, 21, 0) +
                                  b"123456789012\0mysql_native_password\0"], 0)
        self.read(stream)
        self.packets(connection, [OK], 2)
        statements = {}
        while True:
            body = self.read(stream)
            kind, body = body[:1], body[1:]
            if kind == b"\x01":
                return
            if kind == b"\x03":
                self.packets(connection, [OK_MORE, OK] if b";" in body else [OK])
            elif kind == b"\x16":
                counts = b"count(" in body.lower()
                number = len(statements) + 1
                statements[number] = counts
                fields = MARIADB_COUNT if counts else MARIADB_FIELDS
                self.packets(connection, [b"\0" + struct.pack("<IHHxH", number, len(fields), 0, 0), *fields, EOF])
            elif kind == b"\x17":
                counts = statements[struct.unpack("<I", body[:4])[0]]
                fields = MARIADB_COUNT if counts else MARIADB_FIELDS
                if counts:
                    self.counts += 1
                    rows = [b"\0\0" + struct.pack("<q", 100 + self.counts)]
                else:
                    rows = [binary_row(*values) for values in ROWS]
                cursor = body[4] == 1
                self.rows = rows
                end = b"\xfe\0\0\x42\0" if cursor else EOF
                self.packets(connection, [length(len(fields)), *fields, end] + ([] if cursor else [*rows, EOF]), lies=not cursor)
            elif kind == b"\x1c":
                self.packets(connection, [*self.rows, b"\xfe\0\0\x82\0"], lies=True)
            elif kind != b"\x19":
                self.packets(connection, [OK])

    @staticmethod
    def read(stream):
        size = struct.unpack("<I", need(stream, 4)[:3] + b"\0")[0]
        return need(stream, size)


def first_row(change):
    def lie(parts):
        at = next(i for i, part in enumerate(parts) if part[:1] == b"\0")
        return parts[:at] + change(parts[at]) + parts[at + 1:]
    return lie


MARIADB_HARMLESS = {"nothing": lambda parts: parts}
MARIADB_LIES = {
    "a row that is cut": first_row(lambda part: [part[:-1]]),
    "a row that is cut short": first_row(lambda part: [part[:5]]),
    "a row of two bytes": first_row(lambda part: [part[:2]]),
    "an error without a text": first_row(lambda part: [b"\xff\x28\x04"]),
    "the end in the midst": first_row(lambda part: [part, None]),
    "nothing": lambda parts: [None],
}
MARIADB_TEXT_LIES = {
    "a length beyond the row": first_row(lambda part: [part[:-4] + b"\x60one"]),
    "a length of two bytes": first_row(lambda part: [part[:-4] + b"\xfc\xff\xff" + b"one"]),
    "a length of three bytes": first_row(lambda part: [part[:-4] + b"\xfd\xff\xff\xff" + b"one"]),
    "a length of eight bytes": first_row(lambda part: [part[:-4] + b"\xfe" + b"\xff" * 8 + b"one"]),
    "a length that is cut": first_row(lambda part: [part[:-4] + b"\xfe\xff\xff"]),
    "a length that is none": first_row(lambda part: [part[:-4] + b"\xff"]),
}


class MariaDBLies(Lies):
    URL = "mariadb://corm:x@127.0.0.1:{}/corm?sslmode=disable"

    def setUp(self):
        super().setUp()
        if not os.path.exists(support.BUILD + "/src/corm-mariadb.so"):
            self.skipTest("built without MariaDB")

    def test_what_harms_nobody(self):
        self.converse_all(MariaDB, MARIADB_HARMLESS, ("count", "each"), self.URL, ({},), harmless=True)

    def test_lies(self):
        self.converse_all(MariaDB, MARIADB_LIES, ("count", "each"), self.URL, ({},), harmless=False)
        self.converse_all(MariaDB, MARIADB_TEXT_LIES, ("each",), self.URL, ({},), harmless=False)
