"""The passages of a mémoire: sent, certified by the registry, taxed by the magistrate where needed, paid (E.4)."""

from __future__ import annotations

from datetime import date

from pupitre_espaces import Label, Lifecycle, Motive, Transition
from pupitre_espaces.lifecycle import AT_ONCE, DRAFT, OTHER, SYSTEM

PROVIDER, COURT = "prestataire", "juridiction"
RECEIVED = ("MISE_A_DISPOSITION", "COMPLETEE")
_OTHER = Motive(OTHER, Label("Autre motif", "Another reason"))
INCOMPLETE = (
    Motive("PIECE_MANQUANTE", Label("Pièce manquante", "Document missing")),
    Motive("JUSTIFICATIF_FRAIS", Label("Justificatif de frais manquant", "Proof of an expense missing")),
    Motive("PIECE_ILLISIBLE", Label("Pièce illisible", "Illegible document")),
    _OTHER,
)
REFUSED = (
    Motive(
        "FORCLUSION",
        Label("Forclusion : plus d'un an après la fin de la mission", "More than a year after the end of the mission"),
    ),
    Motive("HORS_FRAIS_DE_JUSTICE", Label("Ne relève pas des frais de justice", "No court cost")),
    Motive("TARIF_ERRONE", Label("Tarif, quantité ou montant erroné", "Wrong tariff, quantity or amount")),
    Motive("DEJA_PAYE", Label("Mission déjà payée", "Mission paid before")),
    Motive(
        "MAUVAISE_JURIDICTION",
        Label("Mauvaise juridiction", "Wrong court"),
        blocked=Label(
            "Une erreur de juridiction se corrige par « À recycler ».",
            "A wrong court is corrected by “To be recycled”.",
        ),
    ),
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
_REJECT = Label("Rejeter", "Reject")
_COMPLETE = Label("Demander une pièce", "Ask for a document")


def _received(status: str) -> list[Transition]:
    return [
        Transition(status, "SERVICE_FAIT", COURT, label=Label("Certifier", "Certify")),
        Transition(status, "A_COMPLETER", COURT, motive="required", motives=INCOMPLETE, label=_COMPLETE),
        Transition(status, "A_RECYCLER", COURT, motive="required", label=Label("Mauvaise juridiction", "Wrong court")),
        Transition(status, "REJETEE", COURT, motive="required", motives=REFUSED, label=_REJECT),
    ]


LIFECYCLE = Lifecycle(
    "frais-de-justice-2016",
    [
        Transition(DRAFT, "DEPOSEE", PROVIDER, call="send"),
        Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE),
        *(row for status in RECEIVED for row in _received(status)),
        Transition(
            "A_COMPLETER",
            "COMPLETEE",
            PROVIDER,
            motive="optional",
            documents=True,
            label=Label("Renvoyer complété", "Send back completed"),
        ),
        Transition("A_COMPLETER", "ABANDONNEE", PROVIDER, motive="required", awaited=False),
        Transition(
            "A_RECYCLER",
            "MISE_A_DISPOSITION",
            PROVIDER,
            motive="optional",
            corrects={COURT},
            label=Label("Renvoyer à la bonne juridiction", "Send to the right court"),
        ),
        Transition("A_RECYCLER", "ABANDONNEE", PROVIDER, motive="required", awaited=False),
        Transition("SERVICE_FAIT", "MANDATEE", COURT, label=Label("Taxer", "Tax")),
        Transition("SERVICE_FAIT", "MISE_EN_PAIEMENT", COURT, label=Label("Mettre en paiement", "Put into payment")),
        Transition(
            "SERVICE_FAIT", "A_COMPLETER", COURT, motive="required", motives=INCOMPLETE, label=_COMPLETE, awaited=False
        ),
        Transition("SERVICE_FAIT", "REJETEE", COURT, motive="required", motives=REFUSED, label=_REJECT, awaited=False),
        Transition("MANDATEE", "MISE_EN_PAIEMENT", COURT, label=Label("Mettre en paiement", "Put into payment")),
    ],
    ladder=("MISE_A_DISPOSITION", "SERVICE_FAIT", "MANDATEE", "MISE_EN_PAIEMENT"),
    kind="frais-de-justice",
    valid_from=date(2016, 1, 1),
    labels={
        "SERVICE_FAIT": Label("Certifié", "Certified"),
        "MANDATEE": Label("Taxé", "Taxed"),
    },
)
