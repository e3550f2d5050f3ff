"""/api/v1/espaces/{espace}/kinds: the kinds of request that are worked on in an espace, with the schemas of what is typed."""

from collections.abc import Iterable
from typing import Any

import flask_smorest
import marshmallow
from flask import current_app
from marshmallow import fields
from pupitre_contracts import errors
from pupitre_espaces import Label, Lifecycle, RequestKind, Transition, forms
from pupitre_espaces.lifecycle import in_force

from .. import formats, kinds
from . import callers
from .problems import problem

blueprint = flask_smorest.Blueprint(
    "api_request_kinds", __name__, url_prefix="/api/v1/espaces/<espace>", description="What the requests of an espace are made of"
)
ESPACE = {"name": "espace", "in": "path", "required": True, "schema": {"type": "string"}, "description": "Key of the espace"}


class _Labelled(marshmallow.Schema):
    label_fr = fields.String(required=True, allow_none=True)
    label_en = fields.String(required=True, allow_none=True)


class KindRoleSchema(_Labelled):
    key = fields.String(required=True)
    espace = fields.String(required=True, metadata={"description": "Where this role works: the {espace} of its addresses"})
    structure_types = fields.List(fields.String(), required=True)
    has_service = fields.Boolean(required=True, metadata={"description": "Whether it names a code service"})
    always = fields.String(required=True, allow_none=True, metadata={"description": "SIRET of the structure that always has it"})
    most = fields.Integer(required=True, metadata={"description": "How many structures may have it in one request"})
    sees_lines = fields.Boolean(required=True, metadata={"description": "Whether it sees `lines` and their files"})


class KindCadreSchema(_Labelled):
    code = fields.String(required=True)
    maker = fields.String(required=True, metadata={"description": "Key of the role that deposits"})
    also = fields.List(fields.String(), required=True, metadata={"description": "Roles that may deposit too, from a piece that names them"})
    needs = fields.List(fields.String(), required=True, metadata={"description": "Roles to be named before it is sent"})
    may_name = fields.List(fields.String(), required=True)
    after = fields.List(fields.String(), required=True, metadata={"description": "Cadres of the pieces from which it is deposited"})
    begins = fields.Boolean(required=True, metadata={"description": "Whether it may be the first of its dossier"})
    offered = fields.Boolean(required=True, metadata={"description": "false: it is read, and not taken any more"})


class KindStatusSchema(_Labelled):
    code = fields.String(required=True)
    final = fields.Boolean(required=True, metadata={"description": "Nothing leaves it"})


class KindMotiveSchema(_Labelled):
    code = fields.String(required=True)
    blocked_fr = fields.String(required=True, allow_none=True, metadata={"description": "Why it is refused, and what to do instead"})
    blocked_en = fields.String(required=True, allow_none=True)


class KindMoveSchema(_Labelled):
    source = fields.String(required=True)
    target = fields.String(required=True, metadata={"description": "`@before`: the status before the source"})
    who = fields.String(required=True, metadata={"description": "Key of a role, or `system`"})
    call = fields.String(required=True, metadata={"description": "send, move, or when the platform makes it by itself"})
    cadres = fields.List(fields.String(), required=True, metadata={"description": "For these alone; none: for all"})
    by = fields.List(fields.String(), required=True, metadata={"description": "Cadres of the pieces that bring it about"})
    days = fields.Integer(required=True, metadata={"description": "Whole days without an answer, for `after`"})
    motive = fields.String(required=True, metadata={"enum": ["required", "optional", "none"]})
    motives = fields.List(fields.Nested(KindMotiveSchema), required=True)
    statement_fr = fields.String(required=True, allow_none=True, metadata={"description": "What the actor states"})
    statement_en = fields.String(required=True, allow_none=True)
    corrects = fields.List(fields.String(), required=True, metadata={"description": "Roles that the actor names anew"})
    documents = fields.Boolean(required=True, metadata={"description": "Whether files may come with it"})
    awaited = fields.Boolean(required=True, metadata={"description": "Whether the request waits for it"})


class KindSchema(_Labelled):
    key = fields.String(required=True)
    espace = fields.String(required=True, metadata={"description": "The espace that brings it"})
    numbering = fields.String(required=True, metadata={"enum": ["typed", "given"], "description": "Who gives a request its number"})
    once_per = fields.String(required=True, allow_none=True, metadata={"description": "Field of which one request is sent per value"})
    has_dossier = fields.Boolean(required=True)
    files_needed = fields.Integer(required=True)
    roles = fields.List(fields.Nested(KindRoleSchema), required=True)
    cadres = fields.List(fields.Nested(KindCadreSchema), required=True)
    statuses = fields.List(fields.Nested(KindStatusSchema), required=True)
    moves = fields.List(fields.Nested(KindMoveSchema), required=True, metadata={"description": "The lifecycle of new requests"})
    form = fields.Dict(required=True, metadata={"description": "JSON schema of `form`"})
    line = fields.Dict(required=True, allow_none=True, metadata={"description": "JSON schema of one of `lines`; null: it has none"})


class KindsSchema(marshmallow.Schema):
    kinds = fields.List(fields.Nested(KindSchema), required=True)


def _problem(status: int, description: str) -> Any:
    return problem(blueprint, status, description)


@blueprint.get("/kinds")
@blueprint.doc(operationId="listRequestKinds", security=[{"client": []}], parameters=[ESPACE])
@blueprint.response(200, KindsSchema)
@_problem(401, "A bearer token of a technical account is needed")
@_problem(404, "No requests are worked on in an espace of this key")
@_problem(503, "The plugin of the espace does not answer: try again")
def listing(espace: str) -> dict[str, Any]:
    """List the kinds of request that an espace brings, and those of others of which a role works in it."""
    callers.resume_client()
    return {"kinds": [_kind(of, kind) for of, kind in worked_on(espace)]}


def worked_on(espace: str) -> list[kinds.Brought]:
    """Return the kinds that are worked on in an espace. Errors: espaces.silent while its plugin is ill, not-found where there are none."""
    found = kinds.working_in(espace)
    if not found:
        standing = current_app.extensions["pupitre"].espaces.standing()
        if any(key == espace and not well for key, well, _ in standing):
            raise errors.EspaceSilent(espace=espace)
        raise errors.NotFound(what=f"espace {espace}")
    return found


def _kind(of: str, kind: RequestKind) -> dict[str, Any]:
    table = in_force(kind.lifecycles[0].kind, formats.today(), kind.lifecycles)
    return {
        **_labels(kind.label),
        **{name: getattr(kind, name) for name in ("key", "numbering", "once_per", "has_dossier", "files_needed")},
        "espace": of,
        "roles": [_role(of, each) for each in kind.roles],
        "cadres": [_cadre(each) for each in kind.cadres],
        "statuses": list(_statuses(of, kind, table)),
        "moves": [_move(table, each) for each in table.transitions],
        "form": forms.json_schema(kind.form),
        "line": forms.json_schema(kind.line) if kind.line is not None else None,
    }


def _role(of: str, role: Any) -> dict[str, Any]:
    names = ("key", "has_service", "always", "most", "sees_lines")
    of_role = {name: getattr(role, name) for name in names}
    return {**_labels(role.label), **of_role, "espace": kinds.place(of, role), "structure_types": sorted(role.structure_types)}


def _cadre(cadre: Any) -> dict[str, Any]:
    names = ("code", "maker", "also", "needs", "may_name", "offered")
    of_cadre = {name: getattr(cadre, name) for name in names}
    return {**_labels(cadre.label), **of_cadre, "after": sorted(cadre.after), "begins": cadre.may_begin}


def _statuses(of: str, kind: RequestKind, table: Lifecycle) -> Iterable[dict[str, Any]]:
    for code, label in kinds.statuses([(of, kind)]).items():
        yield {"code": code, **_labels(label), "final": code in table.final}


def _move(table: Lifecycle, row: Transition) -> dict[str, Any]:
    names = ("source", "target", "who", "call", "days", "motive", "documents", "awaited")
    motives = [
        {"code": each.code, **_labels(each.label), **_labels(each.blocked, "blocked")} for each in row.motives
    ]
    return {
        **{name: getattr(row, name) for name in names},
        **{name: sorted(getattr(row, name)) for name in ("cadres", "by", "corrects")},
        **_labels(row.label or table.label(row.target)),
        **_labels(row.statement, "statement"),
        "motives": motives,
    }


def _labels(label: Label | None, name: str = "label") -> dict[str, Any]:
    return {f"{name}_fr": label.fr if label else None, f"{name}_en": label.en if label else None}
