"""One account per service, on the broker and on the database: its name, its password, and an address that holds both.

An account is named ``<prefix>_<who>``, where ``who`` is a service, ``admin`` (the migration command) or ``operator``
(the other commands). Without a prefix there are no such accounts, and addresses stay as they are given.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ADMIN = "admin"
OPERATOR = "operator"


class AccountWrong(Exception):
    """An account cannot be used; the text says which and what to do."""


@dataclass(frozen=True)
class Accounts:
    """The accounts of one installation, whose passwords are files of ``folder``, one per account."""

    prefix: str
    folder: Path

    def name_of(self, who: str) -> str | None:
        """The name of the account of ``who``; None where accounts are not told apart."""
        return f"{self.prefix}_{who}" if self.prefix else None

    def file_of(self, who: str) -> Path:
        """The file that holds the password of ``who``."""
        return self.folder / f"{who}.password"

    def password_of(self, who: str) -> str:
        """Read a password. Raises :class:`AccountWrong`."""
        try:
            password = self.file_of(who).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise AccountWrong(
                f"no password of the account {self.name_of(who)} in {self.file_of(who)} ({reason}):"
                " `pupitre provision` makes it"
            ) from error
        if not re.fullmatch(r"[!-~]{16,}", password):
            raise AccountWrong(
                f"{self.file_of(who)}: expected at least 16 letters, digits and signs without accents or spaces:"
                " delete it, then run `pupitre provision`"
            )
        return password

    def has(self, who: str) -> bool:
        """Whether this process was given the password of ``who``."""
        return self.file_of(who).is_file()

    def address(self, uri: str, who: str) -> str:
        """Return ``uri`` with the account of ``who`` in it. Raises :class:`AccountWrong`."""
        if not self.prefix or not is_of_a_server(uri):
            return uri
        scheme, rest = uri.split("://", 1)
        return f"{scheme}://{self.name_of(who)}:{quote(self.password_of(who), safe='')}@{rest}"


def prefix(text: str) -> str:
    """Read the prefix of account names, as PostgreSQL and RabbitMQ both take them unquoted."""
    if text and not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", text):
        raise ValueError("expected up to 31 small letters, digits and _, a letter first")
    return text


def is_of_a_server(uri: str) -> bool:
    """Whether an address leads to a broker or a database server, where accounts exist."""
    return uri.startswith(("amqp", "postgres"))


def names_a_user(uri: str) -> bool:
    """Whether an address holds an account already."""
    return is_of_a_server(uri) and re.match(r"[^/]+://[^/?#]*@", uri) is not None
