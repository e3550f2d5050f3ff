"""What an operator may set for identity."""

from pupitre_bus.settings import Setting, boolean

from .model import REACTIVATION_DAYS
from .oidc import checked_issuer
from .secret_life import read_lives


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("expected a whole number of at least 1")
    return number


def _types(text: str) -> frozenset[str]:
    types = frozenset(word.strip() for word in text.split(",") if word.strip())
    if not types <= {"PUBLIC", "PRIVATE"}:
        raise ValueError("expected PUBLIC, PRIVATE, both separated by a comma, or nothing")
    return types


def _after_reactivation(text: str) -> int:
    days = int(text)
    if days < REACTIVATION_DAYS:
        raise ValueError(f"expected at least the {REACTIVATION_DAYS} days for which an account can be reactivated")
    return days


SETTINGS = (
    Setting(
        "PUPITRE_ARGON2_MEMORY_KIB",
        "65536",
        "Memory of one password hash, in KiB. Hashes made with other parameters are renewed at the next sign-in.",
        parse=_positive,
    ),
    Setting("PUPITRE_ARGON2_PASSES", "3", "Passes of argon2id over its memory for one password hash.", parse=_positive),
    Setting(
        "PUPITRE_TECHNICAL_SECRET_DAYS",
        "424",
        "Days for which the password and the client secret of a technical account are good (R236). A later rule is added with its first "
        "day: 424, 2027-01-01=365; secrets that exist keep the end that they were given.",
        parse=read_lives,
    ),
    Setting(
        "PUPITRE_OIDC_ISSUER",
        "",
        "Issuer of the identity provider (OpenID Connect) that people may sign in through, as its metadata name it; empty: none.",
        parse=checked_issuer,
    ),
    Setting("PUPITRE_OIDC_CLIENT_ID", "", "What the identity provider knows this portal as."),
    Setting("PUPITRE_OIDC_CLIENT_SECRET", "", "The secret that the identity provider gave this portal.", secret=True),
    Setting("PUPITRE_OIDC_SCOPES", "openid profile email", "What is asked of the identity provider; openid and email are needed."),
    Setting(
        "PUPITRE_OIDC_STRUCTURE_CLAIM",
        "siret",
        "Claim of the identity provider that holds the identifier of a person's structure: a rattachement to it is proposed.",
    ),
    Setting(
        "PUPITRE_LOCAL_SIGN_IN_CLOSED",
        "",
        "Types of structure (PUBLIC, PRIVATE) whose users sign in through the identity provider alone, and not by password.",
        parse=_types,
    ),
    Setting(
        "PUPITRE_RECOVERY_QUESTION",
        "0",
        "1: a secret question is asked, beside the link in a mail, of who forgot his password or reactivates his account.",
        parse=boolean,
    ),
    Setting(
        "PUPITRE_ERASURE_DAYS",
        "90",
        "Days after its deactivation that an account's personal data are erased; from 60 on, and until then, an operator can reopen it.",
        parse=_after_reactivation,
    ),
)
