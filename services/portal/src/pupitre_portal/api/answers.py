"""The envelope of the compatible routes: ``codeRetour`` and ``libelle``, paging, dates, and errors as real clients read them."""

import datetime
import functools
import logging
import math
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import simplejson
from flask import Response, g, request
from pupitre_contracts import errors
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from . import words
from .criteria import PARIS, Unreadable

log = logging.getLogger(__name__)

FOUND, DONE = "TRA_MSG_00.000", "GCU_MSG_01_000"
NOTHING_FOUND = "TRA_MSG_00.015"
TOO_LARGE = "GDP_MSG_11.022"

# Return codes of refusals. The real ones are numbered per operation; here one meaning has one number.
MISUNDERSTOOD, LACKING_RIGHT, REFUSED = 20000, 20001, 20002
TOO_LARGE_CODE = 20001
NOT_FOUND = 20000

_PREFIX = "/cpro/"
_OUTSIDE = {
    404: ("Ce portail n'offre pas cette opération : vérifiez l'adresse", "This portal does not offer this operation: check the address"),
    405: ("Cette opération s'appelle par une autre méthode HTTP", "This operation is called with another HTTP method"),
}
_CENT = Decimal("0.01")


def json_response(body: Mapping[str, Any], status: int = 200) -> Response:
    """Answer JSON; amounts are JSON numbers, written from exact decimals."""
    return Response(simplejson.dumps(body, use_decimal=True, ensure_ascii=False), status, mimetype="application/json")


def success(libelle: str = FOUND, **fields: Any) -> Response:
    """Answer with return code 0; fields that are None are left out, as clients expect."""
    return json_response({"codeRetour": 0, "libelle": libelle, **present(**fields)})


def failure(code: int, libelle: str, status: int = 200) -> Response:
    """Answer a business error: served with 200, told by its return code."""
    return json_response({"codeRetour": code, "libelle": libelle}, status)


def present(**fields: Any) -> dict[str, Any]:
    """The fields that have a value: a member that is null makes some clients fail, an absent one none."""
    return {name: value for name, value in fields.items() if value is not None}


def paging(page: int, size: int, total: int) -> dict[str, int]:
    return {"pageCourante": page, "pages": math.ceil(total / size), "nbResultatsParPage": size, "total": total}


def amount(value: Decimal | None) -> Decimal | None:
    """An amount as it is written: at least cents, more decimals only where they say something, never an exponent."""
    if value is None:
        return None
    shortest = value.normalize()
    return shortest if shortest.as_tuple().exponent < -2 else value.quantize(_CENT)


def day(value: datetime.datetime | datetime.date | None) -> str | None:
    """A date as ``YYYY-MM-DD``; of a moment, the date in France."""
    if isinstance(value, datetime.datetime):
        value = value.astimezone(PARIS).date()
    return value.isoformat() if value else None


def moment(value: datetime.datetime | None) -> str | None:
    """A moment as ISO 8601 with milliseconds and the offset of France."""
    return value.astimezone(PARIS).isoformat(timespec="milliseconds") if value else None


def compatible(view: Callable) -> Callable:
    """Turn every error of a route into the answer that clients of the real API understand; no error's own text leaks."""

    @functools.wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        try:
            return view(*args, **kwargs)
        except errors.PupitreError as error:
            return _refusal(error)
        except Unreadable as error:
            return failure(MISUNDERSTOOD, words.either(error.french, error.english), 400)
        except RequestEntityTooLarge:
            return failure(TOO_LARGE_CODE, TOO_LARGE, 413)
        except HTTPException as error:
            return failure(MISUNDERSTOOD, error.name, error.code or 400)
        except Exception:
            incident = g.get("correlation_id") or uuid.uuid4()
            log.exception("request failed, incident %s", incident)
            return failure(500, words.of(errors.Internal(incident=incident)), 500)

    return answered


def _refusal(error: errors.PupitreError) -> Response:
    if isinstance(error, errors.AccountRefused):
        return _unauthorized(words.of(error), "login or password incorrects")
    if isinstance(error, errors.SecretExpired):
        return _unauthorized(words.of(error), "password expired")
    if isinstance(error, errors.SessionEnded | errors.ActorMissing | errors.ActorInvalid):
        libelle = words.either(
            "Jeton d'accès absent, inconnu ou expiré : demandez-en un nouveau à /api/oauth/token",
            "Access token missing, unknown or expired: ask /api/oauth/token for a new one",
        )
        return _unauthorized(libelle, "access token missing, unknown or expired")
    if isinstance(error, errors.Forbidden | errors.EspaceClosed):
        return failure(LACKING_RIGHT, words.of(error), 403)
    if isinstance(error, errors.NotFound):
        return failure(NOT_FOUND, NOTHING_FOUND)
    if isinstance(error, errors.IdempotencyMismatch | errors.IdempotencyInProgress):
        # The key is Pupitre's own: only clients that know it get these, and they read the status.
        return failure(REFUSED, words.of(error), error.status)
    if error.status >= 500:
        return failure(error.status, words.of(error), error.status)
    return failure(REFUSED, words.of(error))


def _unauthorized(libelle: str, description: str) -> Response:
    response = failure(401, libelle, 401)
    response.headers["WWW-Authenticate"] = f'Bearer realm="PISTE",error="Unauthorized",error_description="{description}"'
    return response


def enveloped(response: Response) -> Response:
    """Give what was refused before any route was reached (unknown address, wrong method) the envelope that clients read."""
    if not request.path.startswith(_PREFIX) or response.mimetype != "application/problem+json":
        return response
    status = response.status_code
    texts = _OUTSIDE.get(status)
    libelle = words.either(*texts) if texts else simplejson.loads(response.get_data())["detail"]
    response.set_data(simplejson.dumps({"codeRetour": status, "libelle": libelle}, ensure_ascii=False))
    response.mimetype = "application/json"
    return response
