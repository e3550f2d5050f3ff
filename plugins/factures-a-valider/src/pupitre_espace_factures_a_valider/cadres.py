"""The cadres A9 (sub-contractor) and A12 (joint contractor): who validates, in which order, and what silence means (B.5)."""

from __future__ import annotations

from pupitre_espaces import InvoiceCadre, Label, Lifecycle, Role, Transition, validation
from pupitre_espaces.invoice_cadres import HANDED, RECIPIENT, SUPPLIER

from . import delays
from .delays import Delays

FIRST, SECOND = "valideur-1", "valideur-2"
DUPLICATE = Label("Dupliquer pour corriger", "Duplicate in order to correct")


def _level(
    number: int, valideur: str, statement: Label, tacit: Delays, then: list[tuple[str, set[str]]]
) -> list[Transition]:
    """Return the passages of one valideur. The buyer is told of a refusal, with its reasons (CCP R. 2193-12); the supplier makes a new
    invoice of it, or gives it up."""
    refused = f"REFUSEE_{number}"
    return [
        *validation.passages_of(
            number,
            valideur,
            SUPPLIER,
            statement=statement,
            then=then,
            days=tacit.tacit_days,
            remind=tacit.reminders,
            tells={RECIPIENT},
        ),
        Transition(refused, "DUPLIQUE_APRES_REFUS", SUPPLIER, label=DUPLICATE),
        Transition(refused, "ABANDONNEE", SUPPLIER, "required", awaited=False, label=validation.GIVE_UP),
    ]


def _subcontractor(tacit: Delays) -> Lifecycle:
    return Lifecycle(
        f"a9-{tacit.valid_from:%Y-%m-%d}",
        [
            Transition(None, "A_VALIDER_1", SUPPLIER),
            *_level(1, FIRST, validation.HOLDER, tacit, [("A_VALIDER_2", {SECOND}), (HANDED, set())]),
            *_level(2, SECOND, validation.MANDATAIRE, tacit, [(HANDED, set())]),
            # The joint contractor knows his mandataire; the sub-contractor may know him too.
            Transition(
                "ERREUR_COTRAITANT_SUR_VALIDEUR", "A_VALIDER_2", FIRST, corrects={SECOND}, label=validation.CORRECT
            ),
        ],
        kind="a9",
        valid_from=tacit.valid_from,
    )


def _joint(tacit: Delays) -> Lifecycle:
    return Lifecycle(
        f"a12-{tacit.valid_from:%Y-%m-%d}",
        [
            Transition(None, "A_VALIDER_1", SUPPLIER),
            *_level(1, FIRST, validation.MANDATAIRE, tacit, [(HANDED, set())]),
        ],
        kind="a12",
        valid_from=tacit.valid_from,
    )


def all_cadres() -> tuple[InvoiceCadre, InvoiceCadre]:
    """Return A9 and A12 with the preludes that the data tell. Raises `dated.WrongData`."""
    *a9_before, a9 = (_subcontractor(each) for each in delays.read("subcontracting"))
    *a12_before, a12 = (_joint(each) for each in delays.read("joint"))
    return (
        InvoiceCadre(
            "A9",
            Label("Facture d'un sous-traitant", "Invoice by a sub-contractor"),
            roles=(
                Role(
                    FIRST, Label("Titulaire (ou cotraitant) qui valide", "Holder (or joint contractor) who validates")
                ),
                Role(SECOND, Label("Mandataire du groupement", "Mandataire of the group")),
            ),
            prelude=a9,
            needs=(FIRST,),
            earlier=tuple(a9_before),
        ),
        InvoiceCadre(
            "A12",
            Label("Facture d'un cotraitant", "Invoice by a joint contractor"),
            roles=(Role(FIRST, Label("Mandataire du groupement", "Mandataire of the group")),),
            prelude=a12,
            needs=(FIRST,),
            earlier=tuple(a12_before),
        ),
    )
