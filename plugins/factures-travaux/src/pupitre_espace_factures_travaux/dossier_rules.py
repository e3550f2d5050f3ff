"""What the other documents of the dossier allow: one answer of each actor, corrections with reasons, the time of the tacit procedure."""

from __future__ import annotations

from collections.abc import Iterable

from pupitre_espaces import Amounts, Finding, RequestDraft, RequestView
from pupitre_espaces.lifecycle import PARIS, due_at

from .cadres import CLAIMS, OF_MOA, OF_MOE
from .delays import Delays, holding
from .findings import say

#: Statuses of documents that do not count any more.
GONE = frozenset({"ABANDONNEE", "DUPLIQUE_APRES_REFUS", "REMPLACEE_PAR_A22"})
REFUSED = frozenset({"REFUSEE_1", "REFUSEE_2", "REFUSEE_MOE", "REFUSEE_MOA", "REFUSEE_FOURNISSEUR"})
#: Documents of which a dossier holds one that counts: no second one is sent beside it.
_ENDS = {"A8", "A23", "A24", "A25"}
RIVALS = {
    "A15": {"A15", "A16", "A19"},
    "A16": {"A15", "A16", "A19"},
    "A19": {"A16", "A19"},
    "A17": {"A17", "A18", "A20", *_ENDS},
    "A18": {"A17", "A18", "A20", *_ENDS},
    "A20": {"A18", "A20", *_ENDS},
    "A22": {"A22", *_ENDS},
    **dict.fromkeys(_ENDS, _ENDS),
}
_CODES_OF_GENERAL_ACCOUNT = {"A18", "A20"}


def counts(piece: RequestView) -> bool:
    """Tell whether a document still stands."""
    return piece.status not in GONE | REFUSED


def check(draft: RequestDraft, amounts: Amounts | None, known: tuple[Delays, ...]) -> Iterable[Finding]:
    """Give what the dossier has against a document."""
    rivals = [each for each in draft.dossier if each.cadre in RIVALS.get(draft.cadre, ()) and counts(each)]
    if rivals:
        number, code = rivals[-1].number, rivals[-1].cadre
        yield say(
            "piece-deja-deposee",
            "error",
            (
                f"Le dossier a déjà la pièce {number} ({code}), qui vaut pour ce paiement.",
                f"The dossier has the document {number} ({code}) already, for this payment.",
            ),
            ("Attendez qu'elle soit refusée ou abandonnée.", "Wait until it is refused or given up."),
            "cadre",
        )
    if draft.cadre == "A22":
        yield from _tacit(draft, known)
    if draft.cadre in OF_MOE | OF_MOA and draft.previous is not None and amounts is not None:
        yield from _corrected(draft, amounts, _answered(draft).amounts)
    if draft.form.get("groupement") == "solidaire":
        yield from _solidary(draft)


def stages(draft: RequestDraft, amounts: Amounts | None) -> dict[str, object]:
    """Return what was claimed, and what MOE and MOA admit, gross, as the dossier has it with this document."""
    found: dict[str, object] = {}
    pieces = [(each.cadre, each.amounts) for each in draft.dossier if counts(each)]
    for cadre, its in [*pieces, (draft.cadre, amounts)]:
        for name, cadres in (("demande_ttc", CLAIMS), ("admis_moe_ttc", OF_MOE), ("admis_moa_ttc", OF_MOA)):
            if cadre in cadres and its is not None:
                found[name] = its.gross
    return found


def _tacit(draft: RequestDraft, known: tuple[Delays, ...]) -> Iterable[Finding]:
    general = [
        each for each in draft.dossier if each.cadre in _CODES_OF_GENERAL_ACCOUNT and each.status != "ABANDONNEE"
    ]
    if general:
        yield say(
            "decompte-general-notifie",
            "error",
            (
                f"Le décompte général {general[-1].number} a été notifié.",
                f"The general account {general[-1].number} was notified.",
            ),
            ("Répondez à ce décompte général.", "Answer that general account."),
            "cadre",
        )
    first = draft.dossier[0] if draft.dossier else None
    if first is None or first.sent_at is None:
        return
    began = first.sent_at.astimezone(PARIS).date()
    days = holding(known, began).general.days
    over = due_at(first.sent_at, days)
    if draft.clock.now() < over:
        day = over.astimezone(PARIS).date().isoformat()
        yield say(
            "delai-non-ecoule",
            "warning" if draft.form.get("autre_delai") else "error",
            (
                f"Le décompte général peut être notifié jusqu'à la veille du {day} (date indicative).",
                f"The general account may be notified until the day before {day} (indicative date).",
            ),
            (
                "Attendez ce jour, ou attestez que le marché fixe un autre délai.",
                "Wait for that day, or attest that the contract sets another time.",
            ),
            "autre_delai",
        )


def _answered(draft: RequestDraft) -> RequestView:
    """Return the document that MOE or MOA answer: the one before, or what a refused document of theirs answered."""
    if draft.previous.cadre != draft.cadre:
        return draft.previous
    return next((each for each in reversed(draft.dossier) if counts(each)), draft.previous)


def _corrected(draft: RequestDraft, amounts: Amounts, before: Amounts | None) -> Iterable[Finding]:
    if before is None or before.gross == amounts.gross:
        return
    if not draft.form.get("ecart"):
        yield say(
            "ecart-sans-motif",
            "error",
            (
                f"Le total passe de {before.gross} à {amounts.gross} € sans motif.",
                f"The total goes from {before.gross} to {amounts.gross} € without reasons.",
            ),
            ("Écrivez le motif des corrections.", "Write the reasons for the corrections."),
            "ecart",
        )
    if amounts.gross > before.gross:
        yield say(
            "admis-plus-que-demande",
            "warning",
            (
                "Le total admis dépasse celui de la pièce précédente.",
                "The total admitted is more than that of the document before.",
            ),
            ("Vérifiez les montants.", "Check the amounts."),
            "travaux",
        )


def _solidary(draft: RequestDraft) -> Iterable[Finding]:
    own = {"A13": "A4", "A14": "A7"}.get(draft.cadre)
    if own is not None:
        yield say(
            "groupement-solidaire",
            "error",
            (
                "Dans un groupement solidaire, le mandataire dépose pour tous.",
                "In a groupement solidaire the mandataire deposits for everybody.",
            ),
            (
                f"Envoyez votre décompte au mandataire, qui le joint à son dépôt ({own}).",
                f"Send your account to the mandataire, who joins it to his deposit ({own}).",
            ),
            "groupement",
        )
    elif draft.cadre in ("A4", "A7") and not draft.attachments:
        yield say(
            "factures-des-membres",
            "warning",
            (
                "Groupement solidaire : les décomptes des membres ne sont pas joints.",
                "Groupement solidaire: the accounts of the members are not attached.",
            ),
            ("Joignez-les à ce dépôt.", "Attach them to this deposit."),
            "files",
        )
