"""/api/v1/espaces/{key}/…: the operations that plugins bring, each plugin under a tag of its own in the OpenAPI document.

Organisation says whether the account's structure has the espace open and what it may do there; the ports ask the services in the
account's name. The plugin is behind the same walls as its pages are.
"""

import re
from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import current_app, g, request
from pupitre_contracts import errors
from pupitre_espaces import EspaceContext, Operation, OperationRequest, PortRefused, Structure
from pupitre_espaces.host import EspaceSilent, Host
from pupitre_espaces.operations import InputRefused

from .. import errors as error_pages
from .. import espace_ports, navigation
from ..languages import current, gettext
from . import callers, reading
from .problems import problem

PREFIX = "api_espace_"
READ, WRITE = "CONSULTATION", "MODIFICATION"
#: How an answer ends that a port or the plugin refused; what else it says is a conflict with what is there.
_STATUS_OF = {each.code: each.status for each in (errors.Forbidden, errors.NotFound, errors.Invalid, errors.Unavailable, errors.TimedOut)}


def blueprints(host: Host) -> list[flask_smorest.Blueprint]:
    """Return the routes of each espace that brings operations."""
    labels = {each.key: each.manifest for each in host.catalogue()}
    return [_blueprint(key, labels[key], operations) for key, operations in host.operations().items()]


def _blueprint(key: str, manifest: Any, operations: tuple[Operation, ...]) -> flask_smorest.Blueprint:
    text = f"{manifest.description.en} / {manifest.description.fr}"
    made = flask_smorest.Blueprint(f"{PREFIX}{key}", __name__, url_prefix=f"/api/v1/espaces/{key}", description=text)
    for each in operations:
        view = _view(key, each)
        for status, said in (
            (401, "A bearer token of a technical account is needed"),
            (403, "The account's structure has not this espace, or may only look"),
            (404, "What the path names is not there for the account's structure"),
            (413, f"What was sent is larger than {each.largest // 1_000_000} MB"),
            (422, "What was sent is not what the schema takes"),
            (503, "The plugin of the espace, or a service, does not answer: try again"),
        ):
            view = problem(made, status, said)(view)
        view = made.response(200, each.gives)(view)
        view = made.doc(
            operationId=f"{key}-{each.key}",
            summary=each.summary.en,
            description=f"{each.summary.fr} / {each.summary.en}",
            security=[{"client": []}],
            parameters=[_parameter(name) for name in each.parameters],
            **_taken(each),
        )(view)
        # What `files` reads before the body is.
        view.upload_limit = each.largest
        path = re.sub(r"\{(\w+)\}", r"<\1>", each.path)
        made.add_url_rule(f"/{path}", endpoint=each.key, view_func=view, methods=[each.method.upper()])
    return made


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _taken(operation: Operation) -> dict[str, Any]:
    if operation.takes is None:
        return {}
    if operation.writes:
        return {"requestBody": {"required": True, "content": {"application/json": {"schema": operation.takes}}}}
    return {}


def _view(key: str, operation: Operation) -> Callable:
    def view(**path: str) -> Any:
        callers.resume_client()
        structure = _structure(key, WRITE if operation.writes else READ)
        asked = OperationRequest(_context(key, structure), path)
        host = current_app.extensions["pupitre"].espaces
        try:
            return host.operate(key, operation, asked, _raw(operation))
        except EspaceSilent as error:
            raise errors.EspaceSilent(espace=key) from error
        except InputRefused as refused:
            raise errors.Invalid(what="json", fields=dict(refused.fields)) from refused
        except PortRefused as refused:
            status = _STATUS_OF.get(refused.code, 409)
            return error_pages.problem(status, refused.code, gettext("Refusé"), str(refused))

    view.__name__ = operation.key.replace("-", "_")
    view.__doc__ = operation.summary.en
    return view


def _raw(operation: Operation) -> Any:
    if operation.takes is None:
        return {}
    if operation.writes:
        return reading.given()
    return {name: text.strip() for name, text in request.args.items() if text.strip()}


def _structure(key: str, profile: str) -> Any:
    """Return the account's structure where the espace is open to it. Errors: forbidden."""
    for each in navigation.structures_with(key):
        right = next(right for right in each.espaces if right.espace == key)
        if each.structure_id == g.account.structure_id and (profile == READ or right.profile == WRITE):
            return each
    raise errors.Forbidden(needed=f"{key}, {profile}")


def _context(key: str, structure: Any) -> EspaceContext:
    return EspaceContext(
        structure=Structure(str(structure.structure_id), structure.identifier, structure.name, structure.type.lower()),
        user=None,
        language=current(),
        clock=current_app.extensions["pupitre"].clock,
        ports=espace_ports.lent(key, structure),
    )
