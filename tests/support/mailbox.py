"""The local mailbox of an installation: the Maildir of its state folder."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path


def mails(state: Path) -> list[EmailMessage]:
    """Every mail handed over so far."""
    found = []
    for folder in ("new", "cur"):
        for path in sorted((state / "mail" / folder).glob("*")):
            found.append(email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
    return found


def about(state: Path, number: str, to: str | None = None) -> list[EmailMessage]:
    """The mails that name an invoice or a flux in their subject, to one address or to all."""
    return [mail for mail in mails(state) if number in mail["Subject"] and to in (None, mail["To"])]
