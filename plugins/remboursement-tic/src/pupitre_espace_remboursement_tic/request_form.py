"""What is typed: the header of a request and its lines, which are also the columns of an imported file."""

from __future__ import annotations

from decimal import Decimal

import marshmallow
from pupitre_espaces import Label, forms

from .reference import UNITS, Reference

#: At most 8 digits, two of them decimals.
MOST = Decimal("999999.99")
YES, NO = "OUI", "NON"
_DEFAULT_HELP = Label(
    "Laissez vide pour le choix habituel de la campagne.", "Leave it empty for the usual choice of the campaign."
)


class Form(marshmallow.Schema):
    """The header of a request: one year, the account to be paid on, the attestation, the advance."""

    year = forms.year(
        Label("Année de la demande", "Year of the request"),
        needed=True,
        help=Label("L'année de livraison de toutes les lignes.", "The year in which all lines were delivered."),
    )
    bank_details = forms.text(
        Label("Coordonnées bancaires", "Bank details"),
        needed=True,
        suggests=forms.BANK_DETAILS,
        help=Label("Le nom de celles de la structure.", "The name of those of the structure."),
    )
    pacage = forms.text(Label("Numéro PACAGE", "PACAGE number"), pattern=r"\d{9}", longest=9)
    attested = forms.tick(
        Label(
            "J'atteste sur l'honneur que l'exploitation n'est pas une entreprise en difficulté",
            "I certify on my honour that the farm is not a firm in difficulty",
        ),
        must=True,
    )
    advance = forms.choice(
        Label("Demande d'avance ou d'acompte pour l'année suivante", "Advance asked for the year after"),
        {YES: Label("Oui", "Yes"), NO: Label("Non", "No")},
        help=_DEFAULT_HELP,
    )
    comment = forms.text(Label("Commentaire", "Comment"), rows=4, longest=2000)
    advance_taken = forms.text(Label("Avance retenue", "Advance taken"), worked_out=True)
    advance_amount = forms.money(Label("Avance demandée", "Advance asked for"), worked_out=True)
    last_day = forms.day(Label("Dernier jour du dépôt", "Last day of the deposit"), worked_out=True)


def line_schema(reference: Reference) -> type[marshmallow.Schema]:
    """Return the schema of a line, with the fuels of the data."""

    class Line(marshmallow.Schema):
        """One delivery: invoice, day, fuel, volume; rate and amount are worked out."""

        invoice = forms.text(Label("Numéro de facture", "Invoice number"), needed=True, longest=50)
        delivered = forms.day(Label("Date de livraison", "Day of delivery"), needed=True)
        fuel = forms.choice(Label("Type de carburant", "Fuel"), reference.fuels, needed=True)
        volume = forms.number(Label("Volume", "Volume"), needed=True, least=Decimal("0.01"), most=MOST)
        unit = forms.choice(
            Label("Unité", "Unit"),
            UNITS,
            help=Label(
                "Laissez vide pour l'unité habituelle : hl, 100 kg net ou MWh.",
                "Leave it empty for the usual unit: hl, 100 kg net or MWh.",
            ),
        )
        rate = forms.number(Label("Taux", "Rate"), places=4, worked_out=True)
        rate_unit = forms.text(Label("Unité du taux", "Unit of the rate"), worked_out=True)
        amount = forms.money(Label("Montant", "Amount"), worked_out=True)

    return Line
