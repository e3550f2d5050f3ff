"""Codes of an authenticator (RFC 6238 with HMAC-SHA-1, six digits, 30 seconds) and recovery codes. Plain Python.

SHA-1 is what authenticators know; as a keyed hash it is not weakened by collisions.
"""

import base64
import datetime
import hashlib
import hmac
import re
import secrets
import urllib.parse

STEP_SECONDS, DIGITS = 30, 6
#: Codes of the intervals before and after the present one are taken too: clocks differ, and people type.
AROUND = 1
#: 160 bits, as RFC 4226 recommends.
KEY_OCTETS = 20
RECOVERY_CODES = 10
#: 80 bits each: they need no slow hash.
_RECOVERY_OCTETS = 10
ISSUER = "Pupitre"


def code_at(key: bytes, step: int) -> str:
    """Return the code of the interval ``step``."""
    mac = hmac.digest(key, step.to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(now: datetime.datetime) -> int:
    """Return the number of the interval that ``now`` lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(key: bytes, code: str, now: datetime.datetime, after: int) -> int | None:
    """Return the interval near ``now`` and later than ``after`` whose code was given, or None."""
    typed = re.sub(r"\s+", "", code)
    if not (len(typed) == DIGITS and typed.isascii() and typed.isdecimal()):
        return None
    middle, found = step_of(now), None
    for step in range(middle - AROUND, middle + AROUND + 1):
        if hmac.compare_digest(code_at(key, step), typed) and step > after:
            found = step
    return found


def text_of(key: bytes) -> str:
    """Return the key as people type it into an authenticator."""
    return base64.b32encode(key).decode().rstrip("=")


def uri_of(key: bytes, account: str) -> str:
    """Return the address that authenticators read from a QR code."""
    label = urllib.parse.quote(f"{ISSUER}:{account}", safe="")
    return f"otpauth://totp/{label}?secret={text_of(key)}&issuer={ISSUER}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"


def new_recovery_codes() -> list[str]:
    """Return codes for who has lost his authenticator, each good for once."""
    codes = (base64.b32encode(secrets.token_bytes(_RECOVERY_OCTETS)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def recovery_key(code: str) -> str | None:
    """Return what a recovery code is kept by, however it was typed; None when it cannot be one."""
    typed = re.sub(r"[^a-z2-7]", "", code.lower())
    return typed if len(typed) == 16 else None
