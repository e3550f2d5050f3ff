"""What an operator may set for identity."""

from pupitre_bus.settings import Setting

from .secret_life import read_lives


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("expected a whole number of at least 1")
    return number


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
)
