"""What an operator may set for identity."""

from pupitre_bus.settings import Setting


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
)
