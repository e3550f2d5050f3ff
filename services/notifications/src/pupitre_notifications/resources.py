"""What notifications holds once per process: the mailer and the espaces that bring messages."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pupitre_bus.deadline import give_way, green_deadline
from pupitre_espaces import Host
from pupitre_espaces.trace import FILE, TraceFile

from .mailer import MaildirMailer, Mailer, SmtpMailer
from .readers import Readers


@dataclass
class Resources:
    mailer: Mailer
    espaces: Host
    sender: str
    public_url: str
    support_address: str = ""
    digest_hour: int = 7
    readers: Readers = field(default_factory=Readers)

    def close(self) -> None:
        """Nothing is kept open between two mails."""


def build(settings: Any) -> Resources:
    """Choose the mailer from the settings and load the espaces."""
    if settings.smtp:
        mailer: Mailer = SmtpMailer(
            settings.smtp,
            user=settings.smtp_user,
            password=settings.smtp_password,
            tls=settings.smtp_tls,
        )
    else:
        mailer = MaildirMailer(Path(settings.state) / "mail")
    return Resources(
        mailer=mailer,
        espaces=Host("notifications", guard=green_deadline, pause=give_way, tracer=TraceFile(Path(settings.state) / FILE)),
        sender=settings.mail_from,
        public_url=settings.public_url.rstrip("/"),
        support_address=settings.support_address,
        digest_hour=settings.digest_hour,
    )
