"""The rules of identity: addresses, sessions, tokens and the slow-down of wrong sign-ins. Plain Python."""

import datetime
import ipaddress
import re
import unicodedata
from dataclasses import dataclass

from pupitre_contracts.errors import Invalid

#: A session ends after this long without a request (contract of ResumeSession).
SESSION_IDLE = datetime.timedelta(minutes=30)
#: A session ends this long after the sign-in, used or not.
SESSION_LIFE = datetime.timedelta(hours=12)
#: The last use of a session is written down again only after this long: a page that loads ten parts is one write.
SESSION_TOUCH = datetime.timedelta(seconds=15)
ACCESS_TOKEN_LIFE = datetime.timedelta(hours=1)

#: Longest wait between two sign-ins of one account from one network.
SLOWEST = datetime.timedelta(seconds=60)
#: Wrong sign-ins are forgotten when none came for this long.
FORGOTTEN_AFTER = datetime.timedelta(minutes=15)

#: OAuth scopes that exist; what else a client asks is left out of the grant (RFC 6749, 3.3).
SCOPES = ("openid",)

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_EMAIL_CHARACTERS = 254
_NAME_CHARACTERS = 100


def checked_email(text: str) -> str:
    """Return a login address, trimmed; its letter case is kept for display. Raises Invalid."""
    email = unicodedata.normalize("NFC", text).strip()
    if len(email) > _EMAIL_CHARACTERS or not _EMAIL.fullmatch(email):
        raise Invalid(what="e-mail", fields={"email": ["not an e-mail address"]})
    return email


def email_key(text: str) -> str:
    """Return what two spellings of one login address have in common (R020)."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def checked_name(field: str, text: str) -> str:
    """Return a given or family name without blanks around it. Raises Invalid."""
    name = " ".join(text.split())
    if not name or len(name) > _NAME_CHARACTERS:
        raise Invalid(what="user", fields={field: [f"1 to {_NAME_CHARACTERS} characters"]})
    return name


def network_of(text: str) -> str:
    """Return the network that a caller's address stands for: an IPv4 address, or the /64 of an IPv6 one.

    A subscriber owns a whole /64 of IPv6: counting single addresses would let him start afresh at each try.
    """
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return text.strip()[:64]
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


@dataclass(frozen=True)
class WrongSignIns:
    """How often signing in to one account from one network went wrong, and when last.

    They are counted by account and network together: nobody can lock somebody else out, and unknown addresses are
    counted like known ones.
    """

    count: int = 0
    last_at: datetime.datetime | None = None

    def slow_down(self) -> datetime.timedelta:
        """Return the wait after the last wrong one: 1, 2, 4 … 60 seconds."""
        if self.count == 0:
            return datetime.timedelta()
        return min(datetime.timedelta(seconds=2 ** min(self.count - 1, 10)), SLOWEST)

    def forgotten(self, now: datetime.datetime) -> bool:
        return self.last_at is None or now - self.last_at >= FORGOTTEN_AFTER

    def slowed(self, now: datetime.datetime) -> bool:
        """Tell whether the next try comes too early to be looked at."""
        return not self.forgotten(now) and now < self.last_at + self.slow_down()

    def one_more(self, now: datetime.datetime) -> "WrongSignIns":
        return WrongSignIns(1 if self.forgotten(now) else self.count + 1, now)


@dataclass(frozen=True)
class Session:
    """A signed-in browser. ``previous_sign_in_at`` is the sign-in before the one that opened it (R009)."""

    created_at: datetime.datetime
    seen_at: datetime.datetime
    ended_at: datetime.datetime | None = None
    previous_sign_in_at: datetime.datetime | None = None

    def open(self, now: datetime.datetime) -> bool:
        return self.ended_at is None and now - self.seen_at < SESSION_IDLE and now - self.created_at < SESSION_LIFE

    def due_for_touch(self, now: datetime.datetime) -> bool:
        return now - self.seen_at >= SESSION_TOUCH


def granted_scope(asked: str) -> str:
    """Return the scopes granted: those asked that exist, ``openid`` when none does."""
    granted = [scope for scope in SCOPES if scope in asked.split()]
    return " ".join(granted or SCOPES)


def technical_login(portal_number: int) -> str:
    """Return a technical account's login, shaped as existing clients expect it; ``.invalid`` is never a mailbox."""
    return f"TECH_1_{portal_number:08d}@pupitre.invalid"
