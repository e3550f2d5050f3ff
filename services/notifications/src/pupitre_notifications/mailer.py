"""Hands mails over: to an SMTP server, or to a Maildir where mail stays local."""

import binascii
import email.policy
import os
import smtplib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage, Message
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

_LONGEST_LINE = 78


class _Plain(email.policy.Compat32):
    """Writes a header of plain signs that fits one line as it is: the standard library would take it apart first. A line break is no
    plain sign: what it would make of such a value, and refuse, is for the library to say (RS-66)."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, str) and value.isascii() and value.isprintable() and len(name) + len(value) + 2 <= _LONGEST_LINE:
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


_PLAIN = _Plain(mangle_from_=False)


class Mailer(Protocol):
    """Takes a finished mail. ``local`` tells whether it stays on this machine, ``repeatable`` whether handing a mail over twice
    leaves one. Raises OSError or SMTPException when refused. ``settle`` makes what was handed over before it last."""

    local: bool
    repeatable: bool

    def send(self, mail_id: str, message: Message) -> None: ...

    def settle(self) -> None: ...


def compose(*, mail_id: str, sender: str, to: str, subject: str, body: str, at: str) -> Message:
    """Build the mail. The Message-ID is the mail's own, so that a repeated hand-over is recognised. ValueError on a bad header.

    The older class of the standard library is five times as fast as EmailMessage, which is left what needs care: addresses that
    are not plain ASCII.
    """
    headers = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": at,
        "Message-ID": f"<{mail_id}@pupitre>",
        "Auto-Submitted": "auto-generated",
    }
    broken = [name for name, value in headers.items() if "\n" in value or "\r" in value]
    if broken:
        raise ValueError(f"a line break in {', '.join(broken)}")
    if not (sender.isascii() and to.isascii()):
        careful = EmailMessage()
        for name, value in headers.items():
            careful[name] = value
        careful.set_content(body)
        return careful
    message = Message(_PLAIN)
    for name, value in headers.items():
        message[name] = value if value.isascii() else _encoded(name, value)
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = 'text/plain; charset="utf-8"'
    message["Content-Transfer-Encoding"] = "quoted-printable"
    message.set_payload(binascii.b2a_qp(body.encode(), istext=True).decode("ascii"))
    return message


@lru_cache(maxsize=256)
def _encoded(name: str, value: str) -> str:
    """A header in other signs than plain ones: what happens to an invoice is often told to several in the same words."""
    return Header(value, "utf-8", header_name=name).encode(maxlinelen=_LONGEST_LINE)


@dataclass(frozen=True)
class Failure:
    """Why a mail was not handed over; ``permanent`` when trying again cannot help."""

    reason: str
    permanent: bool


def hand_over(mailer: Mailer, sender: str, rows: Sequence[Any]) -> dict[uuid.UUID, Failure]:
    """Compose and hand over each mail of ``rows``, and return those that failed. A mail that cannot be composed fails for good."""
    failures = {}
    for row in rows:
        try:
            message = compose(
                mail_id=str(row.mail_id),
                sender=sender,
                to=row.to_address,
                subject=row.subject,
                body=row.body,
                at=format_datetime(row.created_at),
            )
            mailer.send(str(row.mail_id), message)
        except ValueError as error:
            failures[row.mail_id] = Failure(str(error), permanent=True)
        except (OSError, smtplib.SMTPException) as error:
            failures[row.mail_id] = Failure(repr(error), permanent=False)
    try:
        mailer.settle()
    except OSError as error:
        return {row.mail_id: Failure(repr(error), permanent=False) for row in rows} | failures
    return failures


class MaildirMailer:
    """Writes each mail as one file of a Maildir, named after the mail: handing it over twice leaves one file.

    Mails are written at once and synced together when they are settled, which costs the disk one effort for many; only then are
    they in ``new``, where readers look.
    """

    local = repeatable = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, int] = {}
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def send(self, mail_id: str, message: Message) -> None:
        content = bytes(message)
        file = os.open(self._draft(mail_id), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        if (former := self._written.pop(mail_id, None)) is not None:
            os.close(former)
        self._written[mail_id] = file
        while content:
            content = content[os.write(file, content) :]

    def settle(self) -> None:
        """Make what was written last, then its names: a file that was written is lost with its name when the machine stops."""
        written, self._written = self._written, {}
        try:
            for file in written.values():
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)  # begins to write them all
            for file in written.values():
                os.fsync(file)
        finally:
            for file in written.values():
                os.close(file)
        for mail_id in written:
            self._draft(mail_id).rename(self.folder / "new" / mail_id)
        folder = os.open(self.folder / "new", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _draft(self, mail_id: str) -> Path:
        return self.folder / "tmp" / mail_id


class SmtpMailer:
    """Speaks SMTP, one connection a mail, with a time-out."""

    local = repeatable = False

    def __init__(self, address: str, *, user: str = "", password: str = "", tls: str = "", timeout: float = 15) -> None:
        host, _, port = address.rpartition(":")
        self.host, self.port = host or address, int(port) if host else 25
        self.user, self.password, self.tls, self.timeout = user, password, tls, timeout

    def send(self, mail_id: str, message: Message) -> None:
        connect = smtplib.SMTP_SSL if self.tls == "tls" else smtplib.SMTP
        with connect(self.host, self.port, timeout=self.timeout) as server:
            if self.tls == "starttls":
                server.starttls()
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)

    def settle(self) -> None:
        """The server that took a mail answers for it."""
