"""Coded motives of refusals and corrections (D.6). Two are there only to be blocked, with what to do instead."""

from __future__ import annotations

from pupitre_espaces import Label, Motive

OTHER = Motive("AUTRE", Label("Autre motif", "Another reason"))
WRONG_MOE = Motive("MAUVAISE_MOE", Label("Mauvaise maîtrise d'œuvre", "Wrong maîtrise d'œuvre"))
WRONG_MOA = Motive("MAUVAISE_MOA", Label("Mauvaise maîtrise d'ouvrage", "Wrong maîtrise d'ouvrage"))
WRONG_HOLDER = Motive("MAUVAIS_FOURNISSEUR", Label("Mauvais fournisseur", "Wrong supplier"))
AMOUNT = Motive(
    "ERREUR_MONTANT",
    Label("Erreur de montant", "Wrong amount"),
    blocked=Label(
        "Une pièce ne se refuse pas pour ses montants : admettez les vôtres, motivés, dans la pièce que vous déposez à partir de celle-ci.",
        "A document is not refused for its amounts: say which you admit, and why, in the document that you deposit from this one.",
    ),
)
LATE = Motive(
    "DEPOT_TARDIF",
    Label("Dépôt tardif", "Late deposit"),
    blocked=Label(
        "Un dépôt tardif n'est pas un motif de refus, ni de report au mois suivant : traitez la pièce.",
        "A late deposit is no reason for a refusal, nor for putting it off to the next month: process the document.",
    ),
)
REFUSAL = (OTHER, AMOUNT, LATE)
