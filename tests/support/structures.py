"""Identifiers of structures that no other test uses."""

from stdnum import luhn


def siret_of(text: str) -> str:
    """Return a well-formed SIRET made of a text."""
    body = f"{int.from_bytes(text.encode()) % 100_000_000:08d}"
    siren = body + luhn.calc_check_digit(body)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")
