"""What callers get to see of requests: contract messages made of stored rows, for one actor and in his language."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pupitre_bus import row_security
from pupitre_contracts import invoicing as invoices
from pupitre_contracts import requests as contract
from pupitre_espaces.lifecycle import BEFORE, DRAFT

from . import delays, queries, request_kinds, request_parties, request_queries, request_seeing
from .messages import Finding
from .request_kinds import Known
from .rights import WRITE, Rights


def summaries(
    db: Any, rows: Sequence[Mapping[str, Any]], allowed: Rights, *, with_form: bool = False
) -> list[contract.RequestSummary]:
    """Return requests as lists show them to the actor, who sees each of them."""
    statuses = _invoice_statuses(db, rows)
    forms = [{"form": row["form"]} if with_form else {} for row in rows]
    return [
        contract.RequestSummary(**_summary(row, request_seeing.roles(allowed, row), statuses), **form)
        for row, form in zip(rows, forms, strict=True)
    ]


def request(db: Any, row: Mapping[str, Any], seen: Mapping[str, str], language: str, scope: Any) -> contract.Request:
    """Return the whole request as an actor sees it in ``seen`` (role: his profile there)."""
    known = request_kinds.of(scope, row)
    lines = [invoices.HistoryEntry(**_fields(each, invoices.HistoryEntry)) for each in queries.history_lines(db, row["request_id"])]
    happened = delays.events_of(db, row["request_id"])
    sees_lines = request_seeing.sees_lines(row, seen)
    return contract.Request(
        form=row["form"],
        lines=row["lines"] if sees_lines else [],
        lines_hidden=not sees_lines,
        documents=[document(each) for each in request_queries.documents(db, row["request_id"]) if sees_lines or each["line"] is None],
        findings=[Finding(**each).shown(language) for each in row["findings"]],
        moves=list(_moves(known, row, seen)) if known is not None else [],
        next_cadres=list(_next_cadres(known, row, seen)) if known is not None else [],
        history=lines,
        delay=[invoices.DelayEvent(**{name: getattr(each, name) for name in each.__dataclass_fields__}) for each in happened],
        previous_id=row["previous_id"],
        can_edit=known is not None and row["status"] == DRAFT and seen.get(row["maker_role"]) == WRITE,
        plugin_away=known is None,
        unknown_parties=[_unknown(each) for each in row["parties"] if each["structure_id"] is None],
        # Last: it has the reading see what the invoice's parties see.
        **_summary(row, seen, _invoice_statuses(db, [row])),
    )


def document(row: Mapping[str, Any]) -> contract.RequestDocument:
    """Return a file of a request."""
    return contract.RequestDocument(**_fields(row, contract.RequestDocument))


def _summary(row: Mapping[str, Any], seen: Mapping[str, str], statuses: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    acting = {each["role"] for each in row["parties"] if each["acts"]}
    return {
        **{name: row[name] for name in contract.RequestSummary.declared if name in row and name not in ("parties", "form")},
        "parties": [_party(each) for each in row["parties"] if each["structure_id"] is not None],
        "roles": list(seen),
        "acts": bool(acting & set(seen)),
        "invoice_status": statuses.get(row["invoice_id"]),
    }


def _party(each: request_parties.Kept) -> contract.RequestParty:
    names = ("role", "identifier", "name", "code_service", "espace", "acts", "sees")
    return contract.RequestParty(
        **{name: each[name] for name in names},
        role_label_fr=each["label_fr"],
        role_label_en=each["label_en"],
        structure_id=uuid.UUID(each["structure_id"]),
        type=each["type"],
    )


def _unknown(each: request_parties.Kept) -> contract.NamedParty:
    service = {"code_service": each["code_service"]} if each.get("code_service") else {}
    return contract.NamedParty(role=each["role"], identifier=each["identifier"], **service)


def _invoice_statuses(db: Any, rows: Iterable[Mapping[str, Any]]) -> dict[uuid.UUID, str]:
    """Return the statuses of the invoices that requests have become. Whoever sees the request may know that, and no more of it."""
    became = [row for row in rows if row["invoice_id"] is not None]
    if became:
        row_security.show(db, *sorted(set().union(*(request_parties.structures(row["parties"]) for row in became))))
    return request_queries.invoice_statuses(db, [row["invoice_id"] for row in became])


def _moves(known: Known, row: Mapping[str, Any], seen: Mapping[str, str]) -> Iterable[contract.RequestMove]:
    writable = [role for role, profile in seen.items() if profile == WRITE]
    for each in known.table.allowed(row["status"], writable, "move", row["cadre"]):
        target = each.target if each.target != BEFORE else row["status_before"] or row["status"]
        label = each.label or known.label(target)
        motives = [_coded(motive) for motive in each.motives]
        statement = {"statement_fr": each.statement.fr, "statement_en": each.statement.en} if each.statement else {}
        yield contract.RequestMove(
            to=each.target,
            role=each.who,
            label_fr=label.fr,
            label_en=label.en,
            motive_required=each.motive == "required",
            documents=each.documents,
            corrects=sorted(each.corrects),
            motives=motives,
            **statement,
        )


def _coded(motive: Any) -> invoices.CodedMotive:
    return invoices.CodedMotive(code=motive.code, label_fr=motive.label.fr, label_en=motive.label.en)


def _next_cadres(known: Known, row: Mapping[str, Any], seen: Mapping[str, str]) -> Iterable[contract.NextCadre]:
    writable = [role for role, profile in seen.items() if profile == WRITE]
    follow = known.table.followed_by(row["status"], row["cadre"])
    named = {each["role"]: each["parameters"] for each in row["parties"] if each["structure_id"] is not None}
    for each in known.kind.offered_to(writable, row["cadre"], named):
        if each.code in follow:
            yield contract.NextCadre(code=each.code, label_fr=each.label.fr, label_en=each.label.en)


def _fields(row: Mapping[str, Any], message: Any) -> dict[str, Any]:
    return {name: row[name] for name in message.declared if name in row}
