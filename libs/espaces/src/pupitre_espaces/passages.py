"""What the platform does with a request, as rules without a database: what keeps it from being sent, and what a passage brings along.

Invoicing keeps what these functions say; the test kit's desk plays them in memory. An espace's tests and the running platform so agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from . import forms, parties, vat
from .lifecycle import BEFORE, IN_DOSSIER, SENT_FROM, SYSTEM, Delay, Lifecycle, Motive, Transition
from .requests import Cadre, Completed, RequestDraft, RequestKind
from .values import Finding, Label


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage that is made: `row` is the table's, with the statuses that it really leads from and to."""

    source: str
    target: str
    row: Transition

    @property
    def by_platform(self) -> bool:
        """Whether nobody asked for it."""
        return self.row.who == SYSTEM


def follow(
    table: Lifecycle, status: str, before: str | None, row: Transition, cadre: str, named: Collection[str] = ()
) -> tuple[Passage, ...]:
    """Return the passages that `row` brings: itself, then what the platform makes at once.

    `before` is the status from which the request came to `status`, `named` the keys of the roles in which somebody is named.
    """
    target = row.target if row.target != BEFORE else (before or status)
    made = [Passage(status, target, row)]
    made += [Passage(each.source, each.target, each) for each in table.at_once(target, cadre, named)]
    return tuple(made)


def reactions(
    table: Lifecycle,
    status: str,
    before: str | None,
    cadre: str,
    sent: str,
    *,
    is_previous: bool,
    named: Collection[str] = (),
) -> tuple[Passage, ...]:
    """Return what befalls a request of a dossier when one with the cadre `sent` is sent, from it (`is_previous`) or beside it."""
    row = table.reaction(status, cadre, SENT_FROM, sent) if is_previous else None
    row = row or table.reaction(status, cadre, IN_DOSSIER, sent)
    return follow(table, status, before, row, cadre, named) if row is not None else ()


def effect_on_delay(so_far: Iterable[Delay], what: Delay) -> Delay:
    """Return what a passage really does to the délai global de paiement after what was done `so_far`; "" for nothing.

    The délai is that of the claim: of the dossier where the kind has dossiers, else of the request. It starts once, and again only
    after it ended (a wrong recipient was never the debtor); it is interrupted once, whoever asks again (R. 2192-27); only what was
    interrupted resumes.
    """
    state, interrupted = "", False
    for each in so_far:
        state = each or state
        interrupted = each != "start" and (interrupted or each == "interrupt")
    possible = {
        "start": state in ("", "end"),
        "interrupt": state in ("start", "resume") and not interrupted,
        "resume": state == "interrupt",
        "end": state not in ("", "end"),
    }
    return what if possible.get(what, False) else ""


def check_typed(
    kind: RequestKind, draft: RequestDraft, form_findings: Iterable[Finding], completed: Completed
) -> tuple[Finding, ...]:
    """Return everything that is wrong with a draft: what could not be read, what the platform demands, what the espace says."""
    cadre = kind.cadre(draft.cadre)
    worked_out = set(completed.form) | {
        f"{index}.{name}" for index, line in enumerate(completed.lines, 1) for name in line
    }
    missing = [each for each in form_findings if each.rule != forms.RULE_REQUIRED or each.term not in worked_out]
    parts = kind.payment.parts(completed.form, completed.lines) if kind.payment is not None else ()
    uneven = vat.check(parts, completed.amounts)
    return (*missing, *_demands(kind, cadre, draft, completed), *uneven, *completed.findings)


def check_motive(row: Transition, code: str | None, text: str | None) -> Motive | None:
    """Return the coded motive given, None for a free one. Raises WrongMotive."""
    given = (text or "").strip()
    if row.motives:
        known = {each.code: each for each in row.motives}
        if not code and row.motive != "required" and not given:
            return None
        motive = known.get(code or "")
        if motive is None:
            raise WrongMotive(Label("Choisissez un motif de la liste.", "Choose a motive from the list."))
        if motive.blocked is not None:
            raise WrongMotive(motive.blocked)
        if motive.code == "AUTRE" and not given:
            raise WrongMotive(Label("Écrivez le motif.", "Write the motive."))
        return motive
    if row.motive == "required" and not given:
        raise WrongMotive(Label("Un motif est obligatoire.", "A motive is required."))
    return None


class WrongMotive(Exception):
    """The motive is missing, unknown, or one that is blocked; `label` says what to do."""

    def __init__(self, label: Label) -> None:
        super().__init__(label.en)
        self.label = label


def _demands(kind: RequestKind, cadre: Cadre, draft: RequestDraft, completed: Completed) -> Iterable[Finding]:
    named = {party.role for party in draft.parties}
    for key in cadre.needs:
        # Who always has a role is named by the platform, which says itself when it cannot.
        if key not in named and not kind.role(key).always:
            role = kind.role(key).label
            yield _error(
                "role-missing",
                Label(f"{role.fr} : cet acteur n'est pas désigné.", f"{role.en}: this actor is not named."),
                Label("Indiquez son SIRET.", "Give its SIRET."),
                f"party.{key}",
            )
    for party in draft.parties:
        role = kind.role(party.role)
        if party.structure.type not in role.structure_types:
            yield _error(
                "role-type",
                Label(
                    f"{role.label.fr} : {party.structure.name} n'est pas d'un type admis dans ce rôle.",
                    f"{role.label.en}: {party.structure.name} is not of a type that may have this role.",
                ),
                Label("Désignez une autre structure.", "Name another structure."),
                party.term,
            )
    yield from _twice(kind, draft)
    if kind.numbering == "typed":
        number = draft.number.strip() or completed.number
        if not number:
            yield _error(
                "number-missing",
                Label("Le numéro est obligatoire.", "The number is required."),
                Label("Renseignez-le.", "Fill it in."),
                "number",
            )
        elif number in draft.taken_numbers:
            yield _error(
                "number-taken",
                Label(f"Le numéro {number} est déjà pris.", f"The number {number} is taken."),
                Label("Choisissez un numéro nouveau.", "Choose a new number."),
                "number",
            )
    if kind.once_per is not None and str(completed.form.get(kind.once_per)) in draft.taken_values:
        label = forms.describe(kind.form)
        name = next(each.label for each in label if each.name == kind.once_per)
        value = completed.form.get(kind.once_per)
        yield _error(
            "once-only",
            Label(
                f"Une demande a déjà été envoyée pour {name.fr} = {value}.",
                f"A request has been sent before for {name.en} = {value}.",
            ),
            Label("Complétez celle qui a été envoyée.", "Complete the one that was sent."),
            kind.once_per,
        )
    if draft.previous is None and not cadre.may_begin:
        yield _error(
            "cadre-needs-previous",
            Label(
                f"Le cadre {cadre.code} se dépose depuis une pièce : {', '.join(sorted(cadre.after))}.",
                f"The cadre {cadre.code} is deposited from a piece: {', '.join(sorted(cadre.after))}.",
            ),
            Label(
                "Ouvrez cette pièce et déposez la suivante de là.", "Open that piece and deposit the next from there."
            ),
            "cadre",
        )
    if draft.previous is not None and draft.previous.cadre not in cadre.after:
        yield _error(
            "cadre-not-after",
            Label(
                f"Le cadre {cadre.code} ne suit pas une pièce {draft.previous.cadre}.",
                f"The cadre {cadre.code} does not follow a piece {draft.previous.cadre}.",
            ),
            Label("Choisissez le cadre qui suit cette pièce.", "Choose the cadre that follows this piece."),
            "cadre",
        )
    if len(draft.attachments) + len(completed.files) < kind.files_needed:
        yield _error(
            "files-missing",
            Label(f"Pièces jointes : {kind.files_needed} au moins.", f"Attachments: at least {kind.files_needed}."),
            Label("Ajoutez les pièces justificatives.", "Add the supporting documents."),
            "files",
        )


def _twice(kind: RequestKind, draft: RequestDraft) -> Iterable[Finding]:
    for role in kind.roles:
        found = draft.holders(role.key)
        for place in parties.twice([each.structure.siret for each in found]):
            party, label = found[place - 1], role.label
            yield _error(
                "party-twice",
                Label(
                    f"{label.fr} : {party.structure.name} ({party.structure.siret}) est désignée deux fois.",
                    f"{label.en}: {party.structure.name} ({party.structure.siret}) is named twice.",
                ),
                Label("Retirez-la une fois.", "Take one of the two away."),
                party.term,
            )


def _error(rule: str, message: Label, remedy: Label, term: str) -> Finding:
    return Finding(rule, "error", message, remedy, term=term)
