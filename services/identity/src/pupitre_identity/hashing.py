"""Hashing of the passwords that people choose: argon2id, off the event loop.

The only module of identity that knows eventlet and its threads.
"""

import unicodedata

import argon2
import eventlet.semaphore
import eventlet.tpool

#: At most this many at a time: each takes a core for a tenth of a second, and its memory.
CONCURRENT = 2


class PasswordHasher:
    """Makes and checks argon2id hashes. ``memory_kib`` and ``passes`` are argon2's m and t; one lane (p = 1)."""

    def __init__(self, memory_kib: int, passes: int) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=1, type=argon2.Type.ID
        )
        self._turns = eventlet.semaphore.Semaphore(CONCURRENT)
        #: Made beforehand: the first unknown address must not take longer than the next.
        self._dummy = self.hash("no account has this password")

    def hash(self, password: str) -> str:
        """Return the hash to be stored, with its parameters and salt."""
        return self._away(self._argon2.hash, _normalised(password))

    def verify(self, password: str, stored: str | None) -> bool:
        """Tell whether ``password`` made ``stored``; for None (no such account), take the same time and say no."""
        if stored is None:
            self._checked(password, self._dummy)
            return False
        return self._checked(password, stored)

    def outdated(self, stored: str) -> bool:
        """Tell whether ``stored`` was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)

    def _checked(self, password: str, stored: str) -> bool:
        try:
            return self._away(self._argon2.verify, stored, _normalised(password))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def _away(self, function, *arguments):
        with self._turns:
            return eventlet.tpool.execute(function, *arguments)


def _normalised(password: str) -> str:
    # One keyboard writes é in one code point, another in two.
    return unicodedata.normalize("NFKC", password)
