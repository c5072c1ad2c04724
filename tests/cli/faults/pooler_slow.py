"""A pooler, and what lasts until a lease expires, 10 s."""

import os
import signal
import time

from . import support
from .pooler import MIGRATORS, PooledCase
from .support import wait_until


class PooledSlow(PooledCase):
    def test_the_one_with_the_lease_is_killed(self):
        self.succeed(support.EXAMPLE, "migrate", "core", settings=self.settings)
        session = self.block()
        processes = [self.start(support.EXAMPLE, "migrate", settings=self.settings) for _ in range(MIGRATORS)]
        wait_until(self.holder)
        owner = self.holder()
        killed = next(process for process in processes if process.pid == owner)
        time.sleep(1)
        killed.kill()
        self.assertEqual(self.finish(killed).status, -signal.SIGKILL)
        wait_until(lambda: self.holder() not in (None, owner))
        self.release(session)
        results = [self.finish(process, 90) for process in processes if process is not killed]
        self.assertEqual([result.status for result in results], [0] * (MIGRATORS - 1), [result.err for result in results])
        self.assertEqual(sum(result.out.count("Applying atlas.0001_initial... OK") for result in results), 1)
        self.assertTrue(any(f"pid {owner} on " in result.err for result in results), "nobody said who had the lock")
        self.whole()

    def test_the_one_with_the_lease_stands_still(self):
        """It believes that it has the lease still; what it would commit is refused."""
        self.succeed(support.EXAMPLE, "migrate", "core", settings=self.settings)
        session = self.block()
        first = self.start(support.EXAMPLE, "migrate", settings=self.settings)
        wait_until(self.holder)
        os.kill(first.pid, signal.SIGSTOP)
        second = self.start(support.EXAMPLE, "migrate", settings=self.settings)
        wait_until(lambda: self.holder() == second.pid)
        self.release(session)
        result = self.finish(second)
        self.assertEqual(result.status, 0, result.err)
        os.kill(first.pid, signal.SIGCONT)
        result = self.finish(first)
        self.assertIn(result.status, (65, 75), result.err)  # its record is there already, or the lease is another's
        self.assertNotIn("OK", result.out)
        self.whole()
