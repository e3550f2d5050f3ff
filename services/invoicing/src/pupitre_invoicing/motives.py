"""Coded motives of the returns of an ordinary invoice, by status: data, shown beside the free text.

The domain names what each return is for (B.1: routing, missing documents, wrong data); the codes are ours until a published
list says otherwise. A code stands before the text in the history and the events: ``[SERVICE_ERRONE] Code service erroné : …``.
"""

from collections.abc import Mapping

from pupitre_contracts import errors

from . import lifecycle, messages

OTHER = "AUTRE"
#: Status: {code: (French, English)}. AUTRE says nothing, and needs a text.
MOTIVES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "A_RECYCLER": {
        "DESTINATAIRE_ERRONE": ("Destinataire erroné", "Wrong recipient"),
        "SERVICE_ERRONE": ("Code service erroné ou manquant", "Wrong or missing code service"),
        "ENGAGEMENT_ERRONE": ("Numéro d'engagement erroné ou manquant", "Wrong or missing engagement number"),
        OTHER: ("Autre motif", "Other motive"),
    },
    "SUSPENDUE": {
        "PIECE_MANQUANTE": ("Pièce justificative manquante", "Supporting document missing"),
        "PIECE_INCOHERENTE": ("Pièce justificative erronée ou incohérente", "Supporting document wrong or inconsistent"),
        OTHER: ("Autre motif", "Other motive"),
    },
    "REJETEE": {
        "MONTANT_ERRONE": ("Montant erroné", "Wrong amount"),
        "DONNEES_ERRONEES": ("Données de facturation erronées", "Wrong invoicing data"),
        "FACTURE_EN_DOUBLE": ("Facture déjà reçue", "Invoice received before"),
        OTHER: ("Autre motif", "Other motive"),
    },
}


def of_move(transition: lifecycle.Transition, code: str | None, text: str | None) -> str | None:
    """Return the motive to be kept, trimmed, its code before it. Raises MotiveMissing where the row demands one, and Invalid
    for a code that the act has not."""
    given = (text or "").strip() or None
    if not code:
        return lifecycle.check_motive(transition, given)
    known = MOTIVES.get(transition.target, {})
    if code not in known:
        fault = messages.TEXTS["motive-code"].format(codes=", ".join(known) or "-")
        raise errors.Invalid(what="motive_code", fields={"motive_code": [fault]})
    if code == OTHER:
        lifecycle.check_motive(transition, given)
    return f"[{code}] {known[code][0]}" + (f" : {given}" if given else "")


def stated(transition: lifecycle.Transition, is_stated: bool | None, comment: str | None, what: str) -> str | None:
    """Return the comment to be kept, what the row has the actor state before it (R171). Raises Invalid where he did not state it."""
    if transition.statement is None:
        return comment
    if not is_stated:
        raise errors.Invalid(what=what, fields={"stated": [f"{transition.statement.fr} / {transition.statement.en}"]})
    return f"« {transition.statement.fr} »" + (f" {comment}" if comment else "")
