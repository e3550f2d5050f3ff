"""The passages of a refund request: sent, examined, completed, validated, paid (F.4)."""

from __future__ import annotations

from datetime import date

from pupitre_espaces import Label, Lifecycle, Motive, Transition
from pupitre_espaces.lifecycle import AT_ONCE, DRAFT, OTHER, SYSTEM

MAKER, EXAMINER = "demandeur", "instructeur"
EXAMINED = ("MISE_A_DISPOSITION", "COMPLETEE")
_OTHER = Motive(OTHER, Label("Autre motif", "Another reason"))
INCOMPLETE = (
    Motive("RIB_ABSENT", Label("RIB absent ou au nom d'un tiers", "RIB missing, or in the name of another")),
    Motive("FACTURE_ABSENTE", Label("Facture de carburant absente", "Fuel invoice missing")),
    Motive(
        "FACTURE_ILLISIBLE",
        Label("Facture illisible ou sans adresse de livraison", "Invoice illegible or without address of delivery"),
    ),
    Motive("QUALITE_NON_PROUVEE", Label("Qualité d'exploitant non justifiée", "Farming activity not proved")),
    _OTHER,
)
REFUSED = (
    Motive("NON_ELIGIBLE", Label("Demandeur non éligible", "Claimant not eligible")),
    Motive("MONTANT_ERRONE", Label("Volumes ou montants erronés", "Wrong volumes or amounts")),
    Motive("HORS_DELAI", Label("Demande hors délai", "Request out of time")),
    Motive(
        "PIECE_MANQUANTE",
        Label("Pièce manquante", "Document missing"),
        blocked=Label(
            "Une pièce manquante se demande par « À compléter ».",
            "A missing document is asked for by “To be completed”.",
        ),
    ),
    _OTHER,
)


def _examined(status: str) -> list[Transition]:
    return [
        Transition(status, "SERVICE_FAIT", EXAMINER, label=Label("Valider la demande", "Validate the request")),
        Transition(
            status,
            "A_COMPLETER",
            EXAMINER,
            motive="required",
            motives=INCOMPLETE,
            label=Label("Demander une pièce", "Ask for a document"),
        ),
        Transition(status, "REJETEE", EXAMINER, motive="required", motives=REFUSED, label=Label("Rejeter", "Reject")),
    ]


LIFECYCLE = Lifecycle(
    "remboursement-tic-2020",
    [
        Transition(DRAFT, "DEPOSEE", MAKER, call="send"),
        Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE),
        *(row for status in EXAMINED for row in _examined(status)),
        Transition(
            "A_COMPLETER",
            "COMPLETEE",
            MAKER,
            motive="optional",
            documents=True,
            label=Label("Renvoyer complétée", "Send back completed"),
        ),
        Transition("A_COMPLETER", "ABANDONNEE", MAKER, motive="required", awaited=False),
        Transition("SERVICE_FAIT", "MISE_EN_PAIEMENT", EXAMINER, label=Label("Mettre en paiement", "Put into payment")),
        Transition(
            "SERVICE_FAIT",
            "REJETEE",
            EXAMINER,
            motive="required",
            motives=REFUSED,
            label=Label("Rejeter", "Reject"),
            awaited=False,
        ),
    ],
    ladder=("MISE_A_DISPOSITION", "SERVICE_FAIT", "MISE_EN_PAIEMENT"),
    kind="remboursement-tic",
    # Requests are made on line only since the campaign of 2020; the table serves every year of delivery.
    valid_from=date(2015, 1, 1),
    labels={"SERVICE_FAIT": Label("Instruite et validée", "Examined and validated")},
)
