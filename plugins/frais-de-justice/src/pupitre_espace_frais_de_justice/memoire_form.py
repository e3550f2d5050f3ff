"""What is typed: first what is no court cost at all, then the header of a mémoire, then its lines (E.1, E.2)."""

from __future__ import annotations

from decimal import Decimal

import marshmallow
from pupitre_espaces import Label, forms

from . import expenses
from .tariff import Tariff

YES, NO, HEARD_AS_EXPERT = "OUI", "NON", "EXPERT"
_YES_NO = {NO: Label("Non", "No"), YES: Label("Oui", "Yes")}
#: Page of the calculator.
CALCULATOR = "detail-des-frais-divers"
PROCEDURES = {
    "PENALE": Label("Pénale", "Criminal"),
    "CIVILE": Label("Civile", "Civil"),
    "COMMERCIALE": Label("Commerciale", "Commercial"),
    "PRUDHOMALE": Label("Prud'homale", "Labour"),
    "AUTRE": Label("Autre", "Other"),
}
PRESCRIBERS = {
    "MAGISTRAT": Label("Magistrat", "Magistrate"),
    "OPJ": Label("Officier de police judiciaire", "Police officer of the justice system"),
}
VAT_RATES = {rate: Label(f"{rate.replace('.', ',')} %", f"{rate} %") for rate in ("20", "10", "8.5", "5.5", "2.1", "0")}


def form_schema(tariff: Tariff) -> type[marshmallow.Schema]:
    """Return the schema of the header, with the categories of the data."""

    class Form(marshmallow.Schema):
        """The header: the four questions that may end it all, then who, for which case, and when."""

        legal_aid = forms.choice(
            Label("L'affaire bénéficie-t-elle de l'aide juridictionnelle ?", "Does the case have legal aid?"),
            _YES_NO,
            needed=True,
        )
        consignation = forms.choice(
            Label(
                "L'expertise est-elle payée par consignation ?", "Is the expertise paid from a deposit of the parties?"
            ),
            _YES_NO,
            needed=True,
        )
        heard = forms.choice(
            Label(
                "Avez-vous été entendu comme témoin, juré ou partie civile ?",
                "Were you heard as a witness, juror or civil party?",
            ),
            _YES_NO | {HEARD_AS_EXPERT: Label("Oui, comme expert", "Yes, as an expert")},
            needed=True,
        )
        prefecture = forms.choice(
            Label(
                "La réquisition vient-elle de la préfecture (procédure administrative) ?",
                "Does the requisition come from the préfecture (administrative procedure)?",
            ),
            _YES_NO,
            needed=True,
        )
        category = forms.choice(
            Label("Catégorie de prestataire", "Category of provider"), tariff.categories, needed=True
        )
        issued = forms.day(Label("Date du mémoire", "Date of the mémoire"), needed=True)
        vat_on_debits = forms.tick(Label("TVA sur les débits", "VAT on debits"))
        bank_details = forms.text(
            Label("Coordonnées bancaires", "Bank details"),
            suggests=forms.BANK_DETAILS,
            help=Label("Le nom de celles de la structure.", "The name of those of the structure."),
        )
        procedure = forms.choice(Label("Type de procédure", "Type of procedure"), PROCEDURES, needed=True)
        case_number = forms.text(
            Label("N° parquet, d'instruction ou RG", "Number of the case (parquet, instruction or RG)"),
            needed=True,
            longest=50,
        )
        case_name = forms.text(Label("Nom de l'affaire", "Name of the case"))
        prescriber = forms.choice(Label("Prescripteur", "Prescriber"), PRESCRIBERS, needed=True)
        prescriber_name = forms.text(Label("Nom du prescripteur", "Name of the prescriber"))
        prescribing_service = forms.text(Label("Service prescripteur", "Prescribing service"))
        decided = forms.day(
            Label("Date de la décision ou de la réquisition", "Date of the decision or requisition"), needed=True
        )
        mission_start = forms.day(Label("Début de la mission", "Beginning of the mission"))
        mission_end = forms.day(
            Label("Fin de la mission", "End of the mission"),
            help=Label(
                "Le mémoire s'envoie dans l'année qui suit. Pour un mémoire groupé, une date par ligne.",
                "The mémoire is sent within a year of it. For a grouped mémoire, a date on each line.",
            ),
        )
        grouped = forms.tick(Label("Mémoire groupé (plusieurs missions)", "Grouped mémoire (several missions)"))
        comment = forms.text(Label("Commentaire", "Comment"), rows=4, longest=2000)
        last_day = forms.day(
            Label("Dernier jour d'envoi (forclusion)", "Last day of sending (forclusion)"), worked_out=True
        )
        vat_by_rate = forms.text(Label("TVA par taux", "VAT by rate"), longest=500, worked_out=True)

    return Form


def line_schema(tariff: Tariff) -> type[marshmallow.Schema]:
    """Return the schema of a line, with the services of the data and the entries of the calculator."""
    services = {code: each.label for code, each in tariff.services.items()}

    class Service(marshmallow.Schema):
        """One service: what, how much of it, at which price, and the expenses that go with it."""

        service = forms.choice(Label("Prestation", "Service"), services, needed=True)
        detail = forms.text(Label("Précision", "Detail"))
        mission_end = forms.day(Label("Fin de cette mission", "End of this mission"))
        quantity = forms.number(
            Label("Quantité", "Quantity"), needed=True, least=Decimal("0.01"), most=Decimal(100_000)
        )
        quoted_price = forms.money(
            Label("Prix unitaire HT du devis", "Unit price of the quote, net"),
            help=Label("Vide pour une prestation au tarif.", "Empty for a service of the tariff."),
        )
        vat_rate = forms.choice(Label("Taux de TVA", "Rate of VAT"), VAT_RATES)
        stated_expenses = forms.money(
            Label(
                "Frais divers selon le bordereau joint (case F30)", "Expenses as in the bordereau attached (cell F30)"
            ),
            guide=forms.Guide(CALCULATOR, Label("Détail des frais divers", "Detail of expenses")),
            help=Label(
                "Ou laissez vide et remplissez le calcul ci-dessous : le bordereau se joint de lui-même.",
                "Or leave it empty and fill in the calculation below: the bordereau attaches itself.",
            ),
        )
        disbursed = forms.tick(
            Label("Ces frais sont de vrais débours (hors TVA)", "These are true disbursements (outside VAT)")
        )

    worked_out = {
        "unit": forms.text(Label("Unité", "Unit"), worked_out=True),
        "price": forms.money(Label("Prix unitaire HT", "Unit price, net"), worked_out=True),
        "net": forms.money(Label("Montant HT", "Amount, net"), worked_out=True),
        "expenses": forms.money(Label("Frais divers", "Expenses"), worked_out=True),
        "vat": forms.money(Label("TVA", "VAT"), worked_out=True),
        "gross": forms.money(Label("Montant TTC", "Amount with VAT"), worked_out=True),
    }
    return marshmallow.Schema.from_dict({**Service._declared_fields, **expenses.fields(), **worked_out}, name="Line")


CalculatorForm = marshmallow.Schema.from_dict(
    {"on": forms.day(Label("Date de la mission", "Day of the mission"), needed=True), **expenses.fields()},
    name="Calculator",
)
