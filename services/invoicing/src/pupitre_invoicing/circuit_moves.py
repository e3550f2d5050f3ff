"""What the supplier and those who validate an invoice do with it before its recipient has it (R171, R173)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pupitre_bus import row_security
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_espaces import passages
from pupitre_espaces.invoice_cadres import SUPPLIER
from pupitre_espaces.lifecycle import NoPassage, Transition

from . import circuits, deposit, lifecycle, messages, motives, parties, party_queries, validating
from .circuits import Circuit
from .rights import ISSUED, WRITE, Rights
from .use_cases import refused


@dataclass(frozen=True, slots=True)
class Judged:
    """A passage that an actor may make: ``transition`` is the row, ``named`` are those whom he names anew."""

    to: str
    who: str
    transition: Transition
    motive: str | None
    comment: str | None
    circuit: Circuit
    named: tuple[parties.Party, ...] = ()
    outcome: str = "done"


def judge(scope: Any, row: Mapping[str, Any], allowed: Rights, request: Any, comment: str | None) -> Judged:
    """Say which passage a request asks for. Raises TransitionForbidden, Forbidden, MotiveMissing, MotiveRefused, Invalid, EspaceSilent,
    or InvoiceRefused for those who are named anew and cannot be."""
    circuit = circuits.required(scope.resources.espaces, row)
    transition = _row(circuit, row, allowed.sides(row), request.to)
    motive = _motive(transition, request)
    comment = motives.stated(transition, request.values.get("stated"), comment, "MoveInvoice")
    named = _named_anew(scope, row, circuit, transition, request)
    return Judged(request.to, transition.who, transition, motive, comment, circuit, named)


def _row(circuit: Circuit, row: Mapping[str, Any], sides: Mapping[str, str], to: str) -> Transition:
    def find(roles: list[str]) -> Transition:
        return circuit.table.find(row["status"], to, roles, circuit.cadre.code)

    try:
        return find([side for side, profile in sides.items() if profile == WRITE])
    except NoPassage as none:
        try:
            reader = find(list(sides))
        except NoPassage:
            lifecycle.forbid(row["status"], to, none.allowed)
        espace = ISSUED if reader.who == SUPPLIER else circuit.espace_of(circuit.cadre.role(reader.who))
        raise errors.Forbidden(needed=f"{espace}, {WRITE}") from none


def _motive(transition: Transition, request: Any) -> str | None:
    """Return the motive to be kept, its code before it."""
    text = (request.motive or "").strip() or None
    try:
        coded = passages.check_motive(transition, request.motive_code, text)
    except passages.WrongMotive as wrong:
        if not transition.motives:
            raise errors.MotiveMissing(status_to=transition.target) from wrong
        label = wrong.label.en if request.values.get("language") == "en" else wrong.label.fr
        raise errors.MotiveRefused(reason=label) from wrong
    if coded is None:
        return text
    return f"[{coded.code}] {coded.label.fr}" + (f" : {text}" if text else "")


def _named_anew(
    scope: Any, row: Mapping[str, Any], circuit: Circuit, transition: Transition, request: Any
) -> tuple[parties.Party, ...]:
    given = parties.given(request.values.get("parties"))
    if set(given) - transition.corrects or (transition.corrects and not given):
        fault = messages.TEXTS["parties-corrected"].format(roles=", ".join(sorted(transition.corrects)) or "-")
        raise errors.Invalid(what="MoveInvoice", fields={"parties": [fault]})
    if not given:
        return ()
    named, found = deposit.who_validates(scope, circuit, row["cadre"], given, row["supplier_structure_id"])
    faults = [each for each in found if each.location in {f"parties-{role}" for role in given}]
    if any(each.severity == "error" for each in faults):
        raise refused(faults, request.values.get("language") or "fr")
    return named


def carry_out(
    tx: Any, scope: Any, row: Mapping[str, Any], judged: Judged, documents: Sequence[contract.NewDocument] = ()
) -> Mapping[str, Any]:
    """Make the passage, and what follows from it by itself, in the open transaction; return the invoice after it."""
    actor = scope.actor.origin
    # Everybody who validates it is written anew, and one of them sees by himself only his own part.
    row_security.show(tx, row["supplier_structure_id"])
    now_named = party_queries.of_invoices(tx, [row["invoice_id"]]).get(row["invoice_id"], [])
    name = next((each["name"] for each in now_named if each["role"] == judged.who), row["supplier_name"])
    act = validating.Act(judged.who, actor.reference, "move", actor.name, name, judged.motive, judged.comment)
    named = _with(now_named, row, judged)
    before = party_queries.status_before(tx, row)
    going = validating.way(judged.circuit, row["status"], before, judged.transition, [each["role"] for each in named])
    return validating.carry_out(tx, scope, row, going, act, named, documents=documents)


def _with(rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any], judged: Judged) -> list[Mapping[str, Any]]:
    """Return the rows of those who validate an invoice, with those who are named anew in place of who had their roles."""
    anew = {each["role"]: each for each in parties.rows(row, judged.named)}
    places = {role.key: position for position, role in enumerate(judged.circuit.roles)}
    found = {each["role"]: each for each in rows} | anew
    return sorted(({**each, "position": places[role]} for role, each in found.items()), key=lambda each: each["position"])
