"""The amounts of the members of a groupement, as the acte d'engagement has them (CCP R. 2142-20, R292).

A groupement is conjoint where each member is bound to the part that is his: the fiche has one amount for each. It is solidaire where each
is bound to the whole: the fiche has the total, and no other amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import marshmallow
from pupitre_espaces import Finding, Label, Party, RequestDraft, forms

from .actors import HOLDER, JOINT
from .findings import say

NO_GROUP, CONJOINT, SOLIDARY = "aucun", "conjoint", "solidaire"


class Line(marshmallow.Schema):
    """What one member of a groupement conjoint is to be paid."""

    membre = forms.text(
        Label("Membre (SIRET)", "Member (SIRET)"),
        needed=True,
        longest=40,
        help=Label("Le titulaire ou un cotraitant de la fiche.", "The holder or a joint contractor of the fiche."),
    )
    nom = forms.text(Label("Structure", "Structure"), worked_out=True)
    ht = forms.money(Label("Montant (HT)", "Amount (net)"), needed=True)
    ttc = forms.money(Label("Montant (TTC)", "Amount (gross)"), needed=True)


def members(draft: RequestDraft) -> tuple[Party, ...]:
    """Return the members of the groupement: the mandataire, then the joint contractors."""
    return (*draft.holders(HOLDER), *draft.holders(JOINT))


def lines(draft: RequestDraft, group: str | None) -> tuple[dict[str, Any], ...]:
    """Return the lines as they are kept: those typed, or of the fiche before, with the names of the members; one without amounts is there
    for each member of a groupement conjoint who has none, and for nobody else."""
    known = {party.structure.siret: party.structure.name for party in members(draft)}
    before = draft.previous.lines if draft.previous is not None and group == CONJOINT else ()
    kept = [_named(each, known) for each in draft.lines or before]
    kept = [each for each in kept if _has_amount(each) or (group == CONJOINT and each.get("membre") in known)]
    there = {each.get("membre") for each in kept}
    missing = [siret for siret in known if siret not in there] if group == CONJOINT and len(known) > 1 else []
    return (*kept, *(_named({"membre": siret}, known) for siret in missing))


def total(of: Sequence[Mapping[str, Any]]) -> dict[str, Decimal | None]:
    """Return the amounts of the contract, added up; None as long as a member has none."""
    return {
        f"total_{name}": sum((each[name] for each in of), Decimal("0.00")) if of and all(name in each for each in of) else None
        for name in ("ht", "ttc")
    }


def check(draft: RequestDraft, form: Mapping[str, Any], of: Sequence[Mapping[str, Any]]) -> Iterable[Finding]:
    """Give what is wrong with the members and their amounts, of a form and lines as they are kept."""
    group, named = form.get("groupement"), members(draft)
    yield from _membership(draft, group)
    if group == CONJOINT:
        yield from _of_each(named, of)
    elif group is not None and of:
        yield from _none(group)
    if group == SOLIDARY:
        for name in ("total_ht", "total_ttc"):
            if form.get(name) is None:
                yield say(
                    "montant-total-absent",
                    "error",
                    (
                        "Groupement solidaire : le montant total du marché est à indiquer.",
                        "Groupement solidaire: the total amount of the contract is to be given.",
                    ),
                    ("Indiquez-le hors taxes et toutes taxes comprises.", "Give it net and gross."),
                    name,
                )
    if form.get("total_ht") is not None and form.get("total_ttc") is not None and form["total_ttc"] < form["total_ht"]:
        yield _less("total_ttc")


def _named(line: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    member = "".join(str(line.get("membre") or "").split())
    named = {"membre": member, "nom": known[member]} if member in known else {"membre": member} if member else {}
    return {name: value for name, value in line.items() if name not in ("membre", "nom")} | named


def _has_amount(line: Mapping[str, Any]) -> bool:
    return line.get("ht") is not None or line.get("ttc") is not None


def _membership(draft: RequestDraft, group: str | None) -> Iterable[Finding]:
    joint, holder = draft.holders(JOINT), draft.party(HOLDER)
    if group == NO_GROUP and joint:
        yield say(
            "cotraitant-sans-groupement",
            "error",
            (
                "Un cotraitant est désigné, et le marché n'a pas de groupement.",
                "A joint contractor is named, and the contract has no group.",
            ),
            (
                "Dites si le groupement est conjoint ou solidaire, ou retirez-le.",
                "Say whether the group is conjoint or solidaire, or take him away.",
            ),
            joint[0].term,
        )
    if group in (CONJOINT, SOLIDARY) and not joint:
        yield say(
            "groupement-sans-cotraitant",
            "warning",
            ("Le groupement n'a pas de cotraitant désigné.", "No joint contractor of the group is named."),
            ("Désignez chaque membre.", "Name each member."),
            f"party.{JOINT}",
        )
    for each in joint:
        if holder is not None and each.structure.siret == holder.structure.siret:
            yield say(
                "membre-deux-fois",
                "error",
                (f"{each.structure.name} est déjà le mandataire.", f"{each.structure.name} is the mandataire already."),
                ("Retirez-le des cotraitants.", "Take him away from the joint contractors."),
                each.term,
            )


def _of_each(named: Sequence[Party], of: Sequence[Mapping[str, Any]]) -> Iterable[Finding]:
    known, seen = {party.structure.siret for party in named}, set[str]()
    for number, line in enumerate(of, 1):
        member = line.get("membre", "")
        if member and member not in known:
            yield _stranger(member, number)
        elif member in seen:
            yield say(
                "montant-en-double",
                "error",
                (f"Ligne {number} : le membre {member} a déjà un montant.", f"Line {number}: the member {member} has an amount already."),
                ("Gardez un seul montant par membre.", "Keep one amount for each member."),
                f"{number}.membre",
            )
        seen |= {member} if member else set()
        if line.get("ht") is not None and line.get("ttc") is not None and line["ttc"] < line["ht"]:
            yield _less(f"{number}.ttc")
    paid = {line.get("membre") for line in of if _has_amount(line)}
    for party in named:
        if party.structure.siret not in paid:
            name = party.structure.name
            yield say(
                "montant-du-membre-absent",
                "error",
                (f"Groupement conjoint : {name} n'a pas de montant.", f"Groupement conjoint: {name} has no amount."),
                ("Indiquez-le sur la ligne de son SIRET.", "Give it on the line of its SIRET."),
                party.term,
            )


def _stranger(member: str, number: int) -> Finding:
    return say(
        "montant-hors-groupement",
        "error",
        (
            f"Ligne {number} : {member} n'est ni le titulaire ni un cotraitant de la fiche.",
            f"Line {number}: {member} is neither the holder nor a joint contractor of the fiche.",
        ),
        (
            "Seuls les membres du groupement ont un montant : désignez-le comme cotraitant, ou retirez la ligne.",
            "Only members of the group have an amount: name it as a joint contractor, or take the line away.",
        ),
        f"{number}.membre",
    )


def _none(group: str) -> Iterable[Finding]:
    if group == SOLIDARY:
        why = (
            "Groupement solidaire : chaque membre est engagé pour la totalité du marché, qui n'a qu'un montant (CCP R. 2142-20).",
            "Groupement solidaire: each member is bound to the whole contract, which has one amount alone (CCP R. 2142-20).",
        )
    else:
        why = ("Sans groupement, aucun membre n'a de montant.", "Without a group no member has an amount.")
    yield say(
        "montants-par-membre-refuses",
        "error",
        why,
        ("Retirez les lignes, et indiquez le montant du marché.", "Take the lines away, and give the amount of the contract."),
        "1.membre",
    )


def _less(term: str) -> Finding:
    return say(
        "ttc-inferieur",
        "error",
        ("Le montant TTC est inférieur au montant HT.", "The gross amount is less than the net one."),
        ("Vérifiez les deux montants.", "Check both amounts."),
        term,
    )

