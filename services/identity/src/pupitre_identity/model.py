"""The rules of identity: addresses, sessions, tokens and the slow-down of wrong sign-ins. Plain Python."""

import datetime
import ipaddress
import math
import re
import unicodedata
import zoneinfo
from dataclasses import dataclass

from pupitre_contracts.errors import Invalid

#: A session ends after this long without a request (contract of ResumeSession).
SESSION_IDLE = datetime.timedelta(minutes=30)
#: A session ends this long after the sign-in, used or not.
SESSION_LIFE = datetime.timedelta(hours=12)
#: The last use of a session is written down again only after this long: a page that loads ten parts is one write.
SESSION_TOUCH = datetime.timedelta(seconds=15)
ACCESS_TOKEN_LIFE = datetime.timedelta(hours=1)

#: Longest wait between two tries at one account from one network, before the pause.
SLOWEST = datetime.timedelta(seconds=60)
#: From this many wrong tries on, the network waits until they are forgotten.
PAUSE_FROM = 10
#: Wrong tries are forgotten when none came for this long.
FORGOTTEN_AFTER = datetime.timedelta(minutes=15)
#: How many requests of one kind a network may send within HOUR: what makes accounts or sends mails, and wrong tries at any account.
MOST_REQUESTS, MOST_WRONG = 20, 100
HOUR = datetime.timedelta(hours=1)

#: How long a link can be followed, by what it is for (RS-51).
LINK_LIVES = {
    "activation": datetime.timedelta(hours=72),
    "reset": datetime.timedelta(minutes=30),
    "reactivation": datetime.timedelta(hours=24),
    "reopening": datetime.timedelta(hours=72),
}
#: A link asked for again within this time is not sent again: nobody's mailbox is filled by somebody else.
LINK_AGAIN = datetime.timedelta(minutes=1)

#: For so many days after the deactivation, the day of France it happened on not counted, an account can be reactivated (R054).
REACTIVATION_DAYS = 60
FRANCE = zoneinfo.ZoneInfo("Europe/Paris")
#: Answers to a secret question that are looked at within ANSWERS_FORGOTTEN (RS-56).
MOST_ANSWERS, ANSWERS_FORGOTTEN = 5, datetime.timedelta(hours=24)
#: How long the second step of a sign-in may take, and how many wrong codes it may have.
CHALLENGE_LIFE, MOST_CODES = datetime.timedelta(minutes=5), 5
FEWEST_SEARCHED = 3
MESSAGE_CHARACTERS = 5000
QUESTION_CHARACTERS = 200

#: OAuth scopes that exist; what else a client asks is left out of the grant (RFC 6749, 3.3).
SCOPES = ("openid",)

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_EMAIL_CHARACTERS = 254
_NAME_CHARACTERS = 100
_LINE_CHARACTERS = 200
_PHONE = re.compile(r"\+?[0-9][0-9 .()/-]{3,28}[0-9]")
_LINES = ("street", "city", "postal_code", "region", "country")


def checked_email(text: str) -> str:
    """Return a login address, trimmed; its letter case is kept for display. Raises Invalid."""
    email = unicodedata.normalize("NFC", text).strip()
    if len(email) > _EMAIL_CHARACTERS or not _EMAIL.fullmatch(email):
        raise Invalid(what="e-mail", fields={"email": ["not an e-mail address"]})
    return email


def email_key(text: str) -> str:
    """Return what two spellings of one login address have in common (R020)."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def checked_personal_data(values: dict[str, str | None]) -> dict[str, str | None]:
    """Return personal data without blanks around them, None for what is left empty. Raises Invalid naming every faulty field (R027)."""
    found = {name: " ".join(value.split()) or None if isinstance(value, str) else value for name, value in values.items()}
    faults = {name: [fault] for name, value in found.items() if (fault := _fault(name, value))}
    if faults:
        raise Invalid(what="user", fields=faults)
    return found


def _fault(name: str, value: str | None) -> str | None:
    if name in ("given_name", "family_name"):
        if value is None:
            label_fr, label_en = {"given_name": ("Prénom", "Given name"), "family_name": ("Nom", "Family name")}[name]
            return f"{label_fr} : à renseigner / {label_en}: needed"
        return _TOO_LONG.format(_NAME_CHARACTERS) if len(value) > _NAME_CHARACTERS else None
    if value is None:
        return None
    if name in ("contact_email", "notification_email"):
        good = len(value) <= _EMAIL_CHARACTERS and _EMAIL.fullmatch(value)
        return None if good else f"« {value} » n'est pas une adresse électronique / “{value}” is not an e-mail address"
    if name in ("phone", "mobile"):
        return None if _PHONE.fullmatch(value) else f"« {value} » n'est pas un numéro de téléphone / “{value}” is not a phone number"
    return _TOO_LONG.format(_LINE_CHARACTERS) if name in _LINES and len(value) > _LINE_CHARACTERS else None


def search_key(text: str | None) -> str:
    """Return what searches compare: no letter case, no accents, single blanks."""
    decomposed = unicodedata.normalize("NFD", (text or "").casefold())
    return " ".join("".join(character for character in decomposed if not unicodedata.combining(character)).split())


def searched_words(criteria: dict[str, str | None]) -> dict[str, list[str]]:
    """Return the words that must occur, by criterion, without the criteria left empty. Raises Invalid when too little is asked."""
    found = {name: words for name, text in criteria.items() if (words := search_key(text).split())}
    if not any(sum(map(len, words)) >= FEWEST_SEARCHED for words in found.values()):
        fault = f"au moins {FEWEST_SEARCHED} caractères / at least {FEWEST_SEARCHED} characters"
        raise Invalid(what="user", fields={name: [fault] for name in found or criteria})
    return found


def reactivation_ends(deactivated_at: datetime.datetime) -> datetime.datetime:
    """Return the first instant at which a deactivated account can no longer be reactivated: the end of the 60th day in France."""
    day = deactivated_at.astimezone(FRANCE).date() + datetime.timedelta(days=REACTIVATION_DAYS + 1)
    return datetime.datetime.combine(day, datetime.time(), FRANCE).astimezone(datetime.UTC)


def last_day(deactivated_at: datetime.datetime) -> datetime.date:
    """Return the last day on which an account can be reactivated."""
    return deactivated_at.astimezone(FRANCE).date() + datetime.timedelta(days=REACTIVATION_DAYS)


def checked_text(what: str, field: str, text: str | None, most: int) -> str:
    """Return what somebody wrote, without blanks around it. Raises Invalid when there is nothing, or too much."""
    stripped = (text or "").strip()
    if not stripped:
        raise Invalid(what=what, fields={field: ["à renseigner / needed"]})
    if len(stripped) > most:
        raise Invalid(what=what, fields={field: [_TOO_LONG.format(most)]})
    return stripped


def answer_key(answer: str | None) -> str:
    """Return what two ways to write one answer have in common: letters and digits, without case, accents and blanks."""
    return "".join(character for character in search_key(answer) if character.isalnum())


_TOO_LONG = "plus de {0} caractères / more than {0} characters"


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

    They are counted by account and network together: nobody can lock somebody else out (RS-52), and unknown addresses
    are counted like known ones.
    """

    count: int = 0
    last_at: datetime.datetime | None = None

    def slow_down(self) -> datetime.timedelta:
        """Return the wait after the last wrong one: 1, 2, 4 … 60 seconds, then until all are forgotten."""
        if self.count == 0:
            return datetime.timedelta()
        if self.count >= PAUSE_FROM:
            return FORGOTTEN_AFTER
        return min(datetime.timedelta(seconds=2 ** min(self.count - 1, 10)), SLOWEST)

    def forgotten(self, now: datetime.datetime) -> bool:
        return self.last_at is None or now - self.last_at >= FORGOTTEN_AFTER

    def slowed(self, now: datetime.datetime) -> bool:
        """Tell whether the next try comes too early to be looked at."""
        return not self.forgotten(now) and now < self.last_at + self.slow_down()

    def wait(self, now: datetime.datetime) -> int:
        """Return the whole seconds until the next try is looked at, at least 1 while it comes too early."""
        return _seconds(self.last_at + self.slow_down() - now) if self.slowed(now) else 0

    def one_more(self, now: datetime.datetime) -> "WrongSignIns":
        return WrongSignIns(1 if self.forgotten(now) else self.count + 1, now)


@dataclass(frozen=True)
class Requests:
    """How many requests of one kind a network sent since ``since``; after an hour the count begins anew."""

    count: int = 0
    since: datetime.datetime | None = None

    def wait(self, now: datetime.datetime, most: int) -> int:
        """Return the whole seconds until another one may come, 0 when it may come now."""
        if self.since is None or now - self.since >= HOUR or self.count < most:
            return 0
        return _seconds(self.since + HOUR - now)

    def one_more(self, now: datetime.datetime) -> "Requests":
        if self.since is None or now - self.since >= HOUR:
            return Requests(1, now)
        return Requests(self.count + 1, self.since)


def _seconds(wait: datetime.timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))


@dataclass(frozen=True)
class Link:
    """A link sent to a sign-in address: for one purpose, one use, and one spelling of that address."""

    purpose: str
    email_key: str
    asked_at: datetime.datetime
    used_at: datetime.datetime | None = None
    replaced_at: datetime.datetime | None = None

    @property
    def expires_at(self) -> datetime.datetime:
        return self.asked_at + LINK_LIVES[self.purpose]

    def is_good(self, now: datetime.datetime) -> bool:
        return self.used_at is None and self.replaced_at is None and now < self.expires_at


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
