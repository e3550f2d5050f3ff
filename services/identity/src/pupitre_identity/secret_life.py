"""How long the secrets of technical accounts live, and when their end is announced (R236). Plain Python."""

import datetime
from collections.abc import Sequence

from pupitre_contracts.errors import SecretExpired

#: Days before the end of a secret at which it is announced; at 0 it has come.
WARNINGS = (30, 15, 7, 1, 0)

_NAMES = {"password": ("Le mot de passe", "password"), "client_secret": ("Le secret d'application", "client secret")}


def read_lives(text: str) -> tuple[tuple[datetime.date, int], ...]:
    """Read lives in days with the date from which each holds, oldest first: ``424`` or ``424, 2027-01-01=365``. Raises ValueError."""
    lives = []
    for part in text.split(","):
        start, divider, days = part.strip().rpartition("=")
        since = datetime.date.fromisoformat(start.strip()) if divider else datetime.date.min
        life = int(days)
        if not 1 <= life <= 3660:
            raise ValueError("expected from 1 to 3660 days")
        lives.append((since, life))
    if lives != sorted(lives, key=lambda each: each[0]) or lives[0][0] != datetime.date.min:
        raise ValueError("expected days, then YYYY-MM-DD=days in the order of the dates")
    return tuple(lives)


def expiry(lives: Sequence[tuple[datetime.date, int]], issued_at: datetime.datetime) -> datetime.datetime:
    """Return when a secret issued now expires, by the life that holds on that day."""
    days = next(life for since, life in reversed(lives) if since <= issued_at.date())
    return issued_at + datetime.timedelta(days=days)


def next_warning(expires_at: datetime.datetime, after: datetime.datetime) -> datetime.datetime | None:
    """Return the first moment later than ``after`` at which the expiry is announced, None when all of them have passed."""
    moments = (expires_at - datetime.timedelta(days=days) for days in WARNINGS)
    return min((moment for moment in moments if moment > after), default=None)


def days_announced(expires_at: datetime.datetime, now: datetime.datetime) -> int:
    """Return which announcement is due: after a long stop, the most pressing one alone."""
    return min(days for days in WARNINGS if expires_at - datetime.timedelta(days=days) <= now)


def end_of(expires_at: datetime.datetime, ends_at: datetime.datetime | None) -> datetime.datetime:
    """Return when a secret stops being good: it expires, or its overlap with the next one is over."""
    return expires_at if ends_at is None else min(expires_at, ends_at)


def expired(kind: str, login: str, expires_at: datetime.datetime) -> SecretExpired:
    """Return the error that says which secret expired, and when."""
    what_fr, what_en = _NAMES[kind]
    return SecretExpired(what_fr=what_fr, what_en=what_en, login=login, since=expires_at.date().isoformat(), kind=kind)
