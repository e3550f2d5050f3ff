"""Whom the operator trusts to say who somebody is: certificates of authorities, in a file or a folder that a setting names.

There are none unless he says so: whom a public body may trust is his decision, not ours. Each counts while it is valid.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from pupitre_espaces import dated

SETTING = "PUPITRE_ESPACE_SIGNATURE_ANCHORS"
ENDINGS = frozenset({".pem", ".crt", ".cer", ".der"})
MOST = 500


@dataclass(frozen=True)
class Anchor:
    """One certificate of an authority."""

    name: str
    valid_from: datetime
    valid_until: datetime
    fingerprint: str
    der: bytes

    def holds(self, moment: datetime) -> bool:
        """Tell whether it counts at a moment."""
        return self.valid_from <= moment <= self.valid_until


def read(place: Path) -> tuple[Anchor, ...]:
    """Return the certificates of a file, or of the files of a folder that end in .pem, .crt, .cer or .der. Raises `dated.WrongData`."""
    try:
        files = (
            sorted(each for each in place.iterdir() if each.suffix.lower() in ENDINGS) if place.is_dir() else [place]
        )
        found = {each.fingerprint: each for file in files for each in _of(file)}
    except OSError as error:
        raise dated.WrongData(f"{place}: {error.strerror or error}") from error
    if not found:
        raise dated.WrongData(f"{place}: no certificate is there")
    if len(found) > MOST:
        raise dated.WrongData(f"{place}: {len(found)} certificates, {MOST} at most")
    return tuple(found.values())


@cache
def load() -> tuple[Anchor, ...]:
    """Return the anchors in force, read once in a process; none where the setting is empty. Raises `dated.WrongData`."""
    given = os.environ.get(SETTING, "").strip()
    if not given:
        return ()
    try:
        return read(Path(given))
    except dated.WrongData as error:
        raise dated.WrongData(f"{SETTING}: {error}") from error


def _of(file: Path) -> Iterator[Anchor]:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    content = file.read_bytes()
    try:
        read = (
            x509.load_pem_x509_certificates(content)
            if b"-----BEGIN" in content
            else [x509.load_der_x509_certificate(content)]
        )
        for each in read:
            yield Anchor(
                each.subject.rfc4514_string(),
                each.not_valid_before_utc,
                each.not_valid_after_utc,
                each.fingerprint(SHA256()).hex(),
                each.public_bytes(Encoding.DER),
            )
    except ValueError as error:
        raise dated.WrongData(f"{file}: no certificate in PEM or DER ({error})") from error
