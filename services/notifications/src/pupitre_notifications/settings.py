"""The settings of notifications."""

from pupitre_bus.settings import Setting


def hour(text: str) -> int:
    """Read an hour of the day."""
    if not (text.isascii() and text.isdecimal() and int(text) < 24):
        raise ValueError("expected an hour from 0 to 23")
    return int(text)


SETTINGS = (
    Setting(
        "PUPITRE_SMTP",
        "",
        "host:port of the SMTP server; empty: mails are kept in a Maildir of the state folder and shown on a page.",
    ),
    Setting("PUPITRE_SMTP_USER", "", "User of the SMTP server, where it asks for one."),
    Setting("PUPITRE_SMTP_PASSWORD", "", "Password of the SMTP server.", secret=True),
    Setting("PUPITRE_SMTP_TLS", "", "starttls or tls; empty: none, for a server on the same private network."),
    Setting("PUPITRE_MAIL_FROM", "Pupitre <ne-pas-repondre@pupitre.invalid>", "Sender of every mail."),
    Setting(
        "PUPITRE_SUPPORT_ADDRESS", "support@pupitre.invalid", "Mailbox of the support, which sollicitations are sent to."
    ),
    Setting("PUPITRE_PUBLIC_URL", "http://127.0.0.1:8000", "Address of the portal, for links in mails."),
    Setting("PUPITRE_DIGEST_HOUR", "7", "Hour in Paris at which daily digests are sent, and weekly recaps on Mondays.", parse=hour),
)
