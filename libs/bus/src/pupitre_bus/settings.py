"""Configuration: environment variables declared as data, read once when a process starts, never elsewhere."""

import importlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import accounts
from .accounts import Accounts
from .antivirus import Antivirus

PREFIX = "PUPITRE_"
HIDDEN = "********"

#: How the variables begin that espaces read: PUPITRE_ESPACE_<KEY>_….
_OF_ESPACES = "PUPITRE_ESPACE_"


@dataclass(frozen=True)
class Setting:
    """One variable. ``default`` may name other variables in braces; ``parse`` turns its text into a value or raises
    ValueError.

    The value of a ``secret`` is never shown.
    """

    name: str
    default: str = ""
    help: str = ""
    secret: bool = False
    parse: Callable[[str], Any] = str

    def __post_init__(self) -> None:
        if not re.fullmatch(PREFIX + r"[A-Z][A-Z0-9_]*", self.name):
            raise ValueError(f"not the name of a setting: {self.name!r}")

    @property
    def attribute(self) -> str:
        """The name under which :class:`Settings` gives the value: ``PUPITRE_AMQP_URI`` is ``amqp_uri``."""
        return self.name.removeprefix(PREFIX).lower()


@dataclass(frozen=True)
class Shown:
    """One line of ``pupitre config show``."""

    name: str
    value: str
    given: bool
    help: str


class WrongSetting(Exception):
    """A variable holds what its setting cannot be."""


def boolean(text: str) -> bool:
    """Read 1, true, yes, on or 0, false, no, off, nothing."""
    word = text.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("", "0", "false", "no", "off"):
        return False
    raise ValueError("expected 1 or 0")


def patience(text: str) -> float:
    """Read a number that is at least 1."""
    number = float(text)
    if not 1 <= number <= 100:
        raise ValueError("expected a number from 1 to 100")
    return number


def log_level(text: str) -> str:
    """Read a level of Python's logging."""
    level = text.strip().upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("expected DEBUG, INFO, WARNING or ERROR")
    return level


SETTINGS = (
    Setting("PUPITRE_STATE", "var", "Folder that holds what must survive: databases, files, keys, mail.", parse=Path),
    Setting("PUPITRE_AMQP_URI", "", "RabbitMQ, amqp://user:password@host/vhost; empty for the bus in the process."),
    Setting(
        "PUPITRE_DATABASE_URI",
        "",
        "PostgreSQL database shared by all services, each in its own schema; empty for one SQLite file per service in"
        " the state folder. PUPITRE_<SERVICE>_DATABASE_URI, for one service, comes before it.",
    ),
    Setting(
        "PUPITRE_ACCOUNTS",
        "",
        "Prefix of accounts, one per service, on RabbitMQ and PostgreSQL: pupitre gives pupitre_identity and so on, and"
        " the two addresses then name no user; empty: the user in the addresses serves everything.",
        parse=accounts.prefix,
    ),
    Setting(
        "PUPITRE_PASSWORDS",
        "{PUPITRE_STATE}/passwords",
        "Folder of the passwords of these accounts, one file each; a process needs its own only.",
        parse=Path,
    ),
    Setting("PUPITRE_KEYS", "{PUPITRE_STATE}/keys", "Folder of the keys that sign actor tokens.", parse=Path),
    Setting("PUPITRE_BLOBS", "{PUPITRE_STATE}/blobs", "Where files are kept: a folder, or s3://bucket/prefix."),
    Setting(
        "PUPITRE_ANTIVIRUS",
        "",
        "clamd that scans deposited files: tcp://host:port or unix:/path; empty: none.",
        parse=Antivirus.from_uri,
    ),
    Setting(
        "PUPITRE_ANCHORS",
        "{PUPITRE_STATE}/anchors",
        "Where the hourly anchors of the histories are copied: a folder, best on another machine, or s3://bucket/prefix,"
        " best with object lock.",
    ),
    Setting(
        "PUPITRE_DEMO",
        "0",
        "1 for a demonstration: its accounts are offered, its mail stays on the machine.",
        parse=boolean,
    ),
    Setting(
        "PUPITRE_CLOCK_FILE",
        "",
        "File with the number of days by which the clock of the services runs ahead, read anew whenever it is written; empty: none."
        " For tests and the sandbox: refused outside the embedded demonstration.",
    ),
    Setting(
        "PUPITRE_CALL_PATIENCE",
        "1",
        "How many times longer than foreseen a call to another service waits for its answer: more than 1 where the machine is"
        " slow.",
        parse=patience,
    ),
    Setting("PUPITRE_LOG_LEVEL", "INFO", "What is logged: DEBUG, INFO, WARNING or ERROR.", parse=log_level),
)


class Settings:
    """The values of declared settings, as attributes; an undeclared one is an AttributeError.

    Raises :class:`WrongSetting` at construction, naming the variable, if a value cannot be read.
    """

    def __init__(self, declared: Iterable[Setting] = SETTINGS, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        self._declared = {setting.name: setting for setting in declared}
        self._given = {name: text for name, text in environ.items() if name.startswith(PREFIX) and text != ""}
        self._read_files()
        self._values = {setting.attribute: self._parse(setting) for setting in self._declared.values()}
        self._refuse_users()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"no setting {PREFIX}{name.upper()} is declared") from None

    @property
    def embedded(self) -> bool:
        """Whether the bus is inside this process."""
        return not self.amqp_uri

    @property
    def service_accounts(self) -> Accounts:
        """The accounts of this installation; without a prefix there is one, which the addresses name."""
        return Accounts(self.accounts, Path(self.passwords))

    def broker_uri(self, who: str) -> str:
        """Return the broker's address with the account of ``who``: a service, ``admin`` or ``operator``.

        Raises :class:`accounts.AccountWrong` when its password is not here.
        """
        return self.service_accounts.address(self.amqp_uri, who)

    def database_uri(self, service: str, who: str | None = None) -> str:
        """Return the URI of a service's database: its own, the shared one, or its SQLite file in the state folder;
        with the account of ``who``, the service itself by default.

        Raises :class:`accounts.AccountWrong` when its password is not here.
        """
        return self.service_accounts.address(self.database_address(service), who or service)

    def database_address(self, service: str) -> str:
        """Return the URI of a service's database as it was given, without an account."""
        own = self._given.get(_own_database(service)) or self._values["database_uri"]
        return own or f"sqlite:///{Path(self.state).absolute() / (service + '.sqlite3')}"

    def describe(self, services: Iterable[str] = ()) -> list[Shown]:
        """Return every setting with its value, for people: secrets hidden, and the passwords inside addresses too."""
        shown = [self._shown(setting) for setting in self._declared.values()]
        for service in services:
            own = Setting(_own_database(service), "", f"Database of {service}, instead of PUPITRE_DATABASE_URI.")
            shown.append(self._shown(own))
        return shown

    def unknown(self, services: Iterable[str] = ()) -> list[str]:
        """Return the names of variables that look like settings and are none: usually misspelt. Those of espaces are theirs to judge."""
        known = set(self._declared) | {_own_database(service) for service in services}
        known |= {_in_file(setting.name) for setting in self._declared.values() if setting.secret}
        return sorted(name for name in set(self._given) - known if not name.startswith(_OF_ESPACES))

    def _read_files(self) -> None:
        """Take the secrets that are given as files: ``PUPITRE_X_FILE`` names the one that holds ``PUPITRE_X``."""
        for setting in self._declared.values():
            file = self._given.get(_in_file(setting.name)) if setting.secret else None
            if file is None:
                continue
            if setting.name in self._given:
                raise WrongSetting(f"{setting.name} and {_in_file(setting.name)} are both set: which one holds?")
            try:
                self._given[setting.name] = Path(file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not text"
                raise WrongSetting(f"{_in_file(setting.name)}: {file}: {reason}") from error

    def _refuse_users(self) -> None:
        """With accounts per service, an address that names a user would silently serve them all."""
        if not self._values.get("accounts"):
            return
        for name, text in self._given.items():
            if name.endswith(("AMQP_URI", "DATABASE_URI")) and accounts.names_a_user(text):
                raise WrongSetting(f"{name} names a user, and PUPITRE_ACCOUNTS gives one to each service: remove either")

    def _text(self, setting: Setting) -> str:
        if setting.name in self._given:
            return self._given[setting.name]
        return re.sub(r"\{(\w+)\}", lambda match: self._text(self._declared[match.group(1)]), setting.default)

    def _parse(self, setting: Setting) -> Any:
        try:
            return setting.parse(self._text(setting))
        except ValueError as error:
            raise WrongSetting(f"{setting.name}: {error}") from error

    def _shown(self, setting: Setting) -> Shown:
        text = self._text(setting)
        value = HIDDEN if setting.secret and text else _without_passwords(text)
        return Shown(setting.name, value, setting.name in self._given, setting.help)


def load(*packages: str, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the bus and of ``packages``, each of which declares its own as ``SETTINGS`` in
    ``settings.py``."""
    declared = list(SETTINGS)
    for package in packages:
        own = importlib.import_module(f"{package}.settings").SETTINGS
        declared += [setting for setting in own if setting not in declared]
    return Settings(declared, environ)


def _without_passwords(text: str) -> str:
    hidden = re.sub(r"(//[^/@:]*:)[^/@]*@", rf"\1{HIDDEN}@", text)
    return re.sub(r"([?&]password=)[^&]*", rf"\1{HIDDEN}", hidden)


def _own_database(service: str) -> str:
    return f"{PREFIX}{service.upper()}_DATABASE_URI"


def _in_file(name: str) -> str:
    return f"{name}_FILE"
