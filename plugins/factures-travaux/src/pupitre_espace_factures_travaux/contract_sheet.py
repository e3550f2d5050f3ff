"""The fiche d'identité du marché (R186): who takes part, who deposits what, in which order. It is sent to all who are named on it.

It is one document with the amounts of the acte d'engagement (CCP R. 2142-20, R292): one for each member of a groupement conjoint, the
total of a groupement solidaire. Members see each other's amounts, sub-contractors see the total alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import marshmallow
from pupitre_espaces import (
    Amounts,
    Cadre,
    Completed,
    Label,
    Lifecycle,
    RequestDraft,
    RequestKind,
    Role,
    Transition,
    forms,
)
from pupitre_espaces.lifecycle import DRAFT, SENT_FROM, SYSTEM

from . import member_amounts
from .actors import EACH, FIRST, HOLDER, JOINT, MOA, MOE, MOST, NAMES, PAYER, ROLES, SUBCONTRACTOR
from .choosing import FINAL, GENERAL, MONTHLY, ONLY, TACIT, WITH, WITHOUT, Answers, choose
from .piece_forms import GROUPS

KIND, CADRE = "fiche-marche", "FICHE"
AUTHOR, IN_FORCE, REPLACED = "redacteur", "MISE_A_DISPOSITION", "REMPLACEE"
MOA_MODES = {
    WITH: Label("Avec MOA dans le portail", "With a MOA in the portal"),
    WITHOUT: Label("Sans MOA dans le portail", "Without MOA in the portal"),
    ONLY: Label("Exclusivement MOA : une autre structure paie", "Nothing but MOA: another structure pays"),
}
OUTSIDE = "hors-portail"
MOE_MODES = {
    "portail": Label("Dans le portail", "In the portal"),
    OUTSIDE: Label(
        "Hors du portail : elle signe l'état d'acompte ailleurs",
        "Outside the portal: it signs the état d'acompte elsewhere",
    ),
}
#: Who deposits what, in the order of the contract.
_STEPS = ((HOLDER, MONTHLY), (SUBCONTRACTOR, MONTHLY), (JOINT, MONTHLY), (MOE, MONTHLY), (MOA, MONTHLY))
_LAST_STEPS = ((HOLDER, FINAL), (JOINT, FINAL), (MOE, FINAL), (MOA, FINAL), (HOLDER, GENERAL), (HOLDER, TACIT))


_TOTAL = Label(
    "Groupement solidaire : obligatoire. Groupement conjoint : calculé d'après les montants des membres.",
    "Groupement solidaire: required. Groupement conjoint: added up from the amounts of the members.",
)


class Sheet(marshmallow.Schema):
    """What the actors agree on before the first document is deposited."""

    marche = forms.text(Label("Numéro du marché", "Number of the contract"), needed=True, longest=50)
    lot = forms.text(Label("Lot", "Lot"), longest=50)
    objet = forms.text(Label("Objet du marché", "Subject of the contract"), needed=True)
    groupement = forms.choice(Label("Groupement", "Group"), GROUPS, needed=True)
    total_ht = forms.money(Label("Montant du marché (HT)", "Amount of the contract (net)"), help=_TOTAL)
    total_ttc = forms.money(Label("Montant du marché (TTC)", "Amount of the contract (gross)"), help=_TOTAL)
    engagement = forms.text(Label("Numéro d'engagement", "Engagement number"), longest=50)
    moe_mode = forms.choice(Label("Maîtrise d'œuvre", "Maîtrise d'œuvre"), MOE_MODES, needed=True)
    moa_mode = forms.choice(Label("Maîtrise d'ouvrage", "Maîtrise d'ouvrage"), MOA_MODES, needed=True)
    comptes = forms.text(
        Label("Comptes de paiement", "Accounts of payment"),
        rows=2,
        help=Label(
            "Compte unique du groupement, ou compte de chacun.", "One account of the group, or everybody's own."
        ),
    )
    en_cours = forms.text(
        Label("Circuit en cours de marché", "Circuit during the contract"),
        longest=2000,
        rows=6,
        help=Label("Proposé d'après les réponses ; à compléter.", "Proposed from the answers; complete it."),
    )
    en_fin = forms.text(
        Label("Circuit en fin de marché", "Circuit at the end of the contract"),
        longest=2000,
        rows=6,
        help=Label("Proposé d'après les réponses ; à compléter.", "Proposed from the answers; complete it."),
    )


def steps(form: dict, named: set[str], *, final: bool) -> list[tuple[str, str]]:
    """Return who deposits what, as (role, cadre), for those who are named on the fiche."""
    found = []
    for who, stage in _LAST_STEPS if final else _STEPS:
        answers = Answers(who, stage, moe_in_portal=form.get("moe_mode") != OUTSIDE, moa=form.get("moa_mode") or WITH)
        code = choose(answers).code
        outside = who == MOE and form.get("moe_mode") == OUTSIDE
        by_mandataire = who == JOINT and form.get("groupement") == "solidaire"
        if code and who in named and not outside and not by_mandataire and (who, code) not in found:
            found.append((who, code))
    return found


def circuit(form: dict, named: Sequence[str], language: str, *, final: bool) -> str:
    """Return the circuit in words, one step a line; `named` has a role as often as somebody is named in it."""
    names = {who: EACH[who] if who in EACH and named.count(who) > 1 else NAMES[who] for who in NAMES}
    return "\n".join(
        f"{index}. {names[who].text(language)} : {code}"
        for index, (who, code) in enumerate(steps(form, set(named), final=final), 1)
    )


def complete(draft: RequestDraft) -> Completed:
    """Take over the fiche that this one replaces, add the amounts of the members up, and propose the circuits."""
    before = draft.previous.form if draft.previous is not None else {}
    texts = {name: value if isinstance(value, str | bool) else str(value) for name, value in before.items()}
    form = {**forms.read(Sheet, texts)[0], **draft.form}
    lines = member_amounts.lines(draft, form.get("groupement"))
    if form.get("groupement") == member_amounts.CONJOINT:
        form |= member_amounts.total(lines)
    named = [party.role for party in draft.parties]
    for name, final in (("en_cours", False), ("en_fin", True)):
        if (
            not form.get(name)
            and form.get("moa_mode")
            and (proposed := circuit(form, named, draft.language, final=final))
        ):
            form[name] = proposed
    findings = member_amounts.check(draft, form, lines)
    return Completed(form, lines, _amounts(form), findings=findings, number=_number(draft, form))


def _amounts(form: Mapping) -> Amounts | None:
    net, gross = form.get("total_ht"), form.get("total_ttc")
    return Amounts(net, gross - net, gross) if net is not None and gross is not None and gross >= net else None


def _number(draft: RequestDraft, form: dict) -> str:
    return f"{form['marche']}-V{len(draft.dossier) + 1}" if form.get("marche") else ""


#: The same actors as of the documents; all see the fiche as soon as it is sent, in this espace or in the one where they work.
_ACTORS = tuple(
    Role(
        role.key,
        role.label,
        structure_types=role.structure_types,
        has_service=role.has_service,
        most=MOST.get(role.key, 1),
        # What the members are to be paid is between them and who buys.
        sees_lines=role.key != SUBCONTRACTOR,
    )
    for role in ROLES
    if role.key in (HOLDER, JOINT, SUBCONTRACTOR, FIRST, MOE, MOA, PAYER)
)

KIND_OF_SHEET = RequestKind(
    key=KIND,
    label=Label("Fiche d'identité du marché", "Identity sheet of the contract"),
    roles=(Role(AUTHOR, Label("Rédacteur", "Author")), *_ACTORS),
    cadres=(
        Cadre(
            CADRE,
            Label("Fiche d'identité du marché", "Identity sheet of the contract"),
            AUTHOR,
            needs=(HOLDER,),
            may_name=tuple(role.key for role in _ACTORS if role.key != HOLDER),
            after={CADRE},
            begins=True,
        ),
    ),
    lifecycles=(
        Lifecycle(
            "fiche-marche",
            [
                Transition(DRAFT, IN_FORCE, AUTHOR, call="send"),
                Transition(IN_FORCE, REPLACED, SYSTEM, call=SENT_FROM, by={CADRE}, awaited=False),
                Transition(IN_FORCE, "ABANDONNEE", AUTHOR, "required", awaited=False),
            ],
            labels={
                IN_FORCE: Label("En vigueur", "In force"),
                REPLACED: Label("Remplacée par une nouvelle version", "Replaced by a new version"),
            },
        ),
    ),
    form=Sheet,
    line=member_amounts.Line,
    lines_after_form=True,
    complete=complete,
    numbering="typed",
    has_dossier=True,
    help=Label(
        "À remplir avant la première pièce : elle préremplit les dépôts de tous les acteurs désignés.",
        "To be filled in before the first document: it fills in the deposits of all actors who are named.",
    ),
)
