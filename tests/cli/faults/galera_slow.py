"""Three MariaDB nodes in a Galera cluster (scripts/with-galera), eight migrators spread over them, one node killed on the way."""

import os
import random
import signal
import subprocess
import time
import unittest
import urllib.parse

from . import support
from .support import FaultCase, wait_until

MIGRATORS = 8
NODES = os.environ.get("CORM_TEST_GALERA", "").split()
PIDS = [int(pid) for pid in os.environ.get("CORM_TEST_GALERA_PIDS", "").split()]


@unittest.skipUnless(len(NODES) == 3, "needs scripts/with-galera")
class Galera(FaultCase):
    def ask(self, node, sql):
        folder = urllib.parse.unquote(NODES[node].split("host=")[1].split("&")[0])
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={folder}/mysqld.sock", "--user=corm", "-N", "-B", "-e", sql, "corm"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.stdout.strip() if done.returncode == 0 else ""

    def launch(self, node, *arguments):
        return self.start(support.EXAMPLE, "migrate", *arguments, settings={"DATABASE_URL": NODES[node]})

    def holder(self, node):
        owner = self.ask(node, "SELECT owner FROM corm_migrations_lock WHERE expires > unix_timestamp(now(6))")
        return int(owner.split()[1]) if owner else None

    def whole(self, nodes):
        for node in nodes:
            self.assertEqual(self.ask(node, "SELECT concat(app, '.', name, ifnull(journal, '')) FROM corm_migrations ORDER BY id").split(),
                             ["core.0001_initial", "atlas.0001_initial"])
            result = self.finish(self.launch(node))
            self.assertEqual((result.status, result.out), (0, "No migrations to apply.\n"), result.err)
            self.succeed(support.EXAMPLE, "checkdb", settings={"DATABASE_URL": NODES[node]})

    def test_a_node_is_killed(self):
        # all alive: each migration once
        processes = [self.launch(i % 3) for i in range(MIGRATORS)]
        results = [self.finish(process, 120) for process in processes]
        self.assertEqual([result.status for result in results], [0] * MIGRATORS, [result.err for result in results])
        self.assertEqual(sum(result.out.count("Applying atlas.0001_initial... OK") for result in results), 1)
        self.whole(range(3))
        self.assertEqual(self.finish(self.launch(1, "atlas", "zero")).status, 0)
        self.assertEqual(self.finish(self.launch(2, "core", "zero")).status, 0)
        # the node of the one that has the lease dies in the middle
        processes = [self.launch(i % 3) for i in range(MIGRATORS)]
        of_node = {process.pid: i % 3 for i, process in enumerate(processes)}
        wait_until(lambda: self.ask(0, "SHOW TABLES LIKE 'atlas_countries'") or self.ask(1, "SHOW TABLES LIKE 'atlas_countries'"), 60)
        victim = of_node[next(filter(None, (self.holder(node) for node in range(3))))]
        time.sleep(random.random() * 0.05)
        os.kill(PIDS[victim], signal.SIGKILL)
        results = [self.finish(process, 180) for process in processes]
        said = [(of_node[process.pid], result.status, result.out[-300:], result.err) for process, result in zip(processes, results)]
        for node, status, _, _ in said:
            self.assertIn(status, (0, 69, 75) if node == victim else (0,), said)
        self.assertLessEqual(sum(result.out.count("Applying atlas.0001_initial... OK") for result in results), 1)
        self.assertTrue(any("was begun and not finished" in result.err for result in results) or
                        any(status == 0 and "atlas.0001_initial... OK" in out for _, status, out, _ in said), said)
        self.whole([node for node in range(3) if node != victim])
