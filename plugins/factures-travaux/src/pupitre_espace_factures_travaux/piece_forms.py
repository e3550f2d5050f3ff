"""The forms of works documents: what each period, or the end of the contract, is billed at."""

from __future__ import annotations

from decimal import Decimal

import marshmallow
from pupitre_espaces import Exemption, Label, VatAt, forms

GROUPS = {
    "aucun": Label("Pas de groupement", "No group"),
    "conjoint": Label("Groupement conjoint", "Groupement conjoint"),
    "solidaire": Label("Groupement solidaire", "Groupement solidaire"),
}
#: Fields that say something of one document only, and are not taken over by the next one.
OF_ONE_DOCUMENT = frozenset({"emise_le", "ecart", "reserves", "autre_delai"})
#: Parts of the net total by rate of VAT, for an account with several rates; the last one bears none.
PARTS = (
    VatAt(Decimal("20"), "part_20"),
    VatAt(Decimal("10"), "part_10"),
    VatAt(Decimal("8.5"), "part_8_5"),
    VatAt(Decimal("5.5"), "part_5_5"),
    VatAt(Decimal("2.1"), "part_2_1"),
    VatAt(
        Decimal(0),
        "part_autoliquidation",
        # CGI art. 283, 2 nonies: works of a sub-contractor, of which his customer owes the VAT.
        exemption=Exemption(Label("Autoliquidation", "Reverse charge"), "VATEX-EU-AE"),
    ),
)


class _Contract(marshmallow.Schema):
    marche = forms.text(Label("Numéro du marché", "Number of the contract"), needed=True, longest=50)
    lot = forms.text(Label("Lot", "Lot"), longest=50)
    objet = forms.text(Label("Objet", "Subject"), longest=200)
    groupement = forms.choice(Label("Groupement", "Group"), GROUPS)
    engagement = forms.text(Label("Numéro d'engagement", "Engagement number"), longest=50)
    emise_le = forms.day(Label("Date de la pièce", "Date of the document"), needed=True)


class _Amounts(marshmallow.Schema):
    net = forms.money(Label("Total HT", "Total net"), least=None, worked_out=True)
    tva = forms.money(
        Label("TVA", "VAT"),
        needed=True,
        least=None,
        help=Label(
            "0 en cas d'autoliquidation. À plusieurs taux, répartissez le total HT ci-dessus : elle se calcule.",
            "0 where the customer owes it himself. With several rates, divide the net total above: it is worked out.",
        ),
    )
    ttc = forms.money(Label("Total TTC", "Total gross"), least=None, worked_out=True)
    retenue = forms.money(Label("Retenue de garantie (TTC, à déduire)", "Retention (gross, to deduct)"))
    a_payer = forms.money(Label("À payer", "To be paid"), least=None, worked_out=True)
    ecart = forms.text(
        Label("Motif des corrections", "Reasons for the corrections"),
        longest=2000,
        rows=4,
        help=Label(
            "Obligatoire dès que le total diffère de celui de la pièce précédente.",
            "Required as soon as the total differs from that of the document before.",
        ),
    )
    demande_ttc = forms.money(Label("Demandé (TTC)", "Claimed (gross)"), least=None, worked_out=True)
    admis_moe_ttc = forms.money(
        Label("Admis par la MOE (TTC)", "Admitted by the MOE (gross)"), least=None, worked_out=True
    )
    admis_moa_ttc = forms.money(
        Label("Admis par la MOA (TTC)", "Admitted by the MOA (gross)"), least=None, worked_out=True
    )


class _Monthly(_Contract):
    mois = forms.text(
        Label("Mois des travaux", "Month of the works"),
        needed=True,
        longest=7,
        pattern=r"[0-9]{4}-(0[1-9]|1[0-2])",
        help=Label("Comme 2024-03.", "Like 2024-03."),
    )
    travaux = forms.money(Label("Travaux du mois (HT)", "Works of the month (net)"), needed=True, least=None)
    revision = forms.money(Label("Révision des prix (HT)", "Revision of prices (net)"), least=None)
    avance = forms.money(Label("Avance (HT)", "Advance (net)"))
    remboursement = forms.money(Label("Remboursement d'avance (HT, à déduire)", "Advance paid back (net, to deduct)"))
    penalites = forms.money(Label("Pénalités (HT, à déduire)", "Penalties (net, to deduct)"))


def _part(each: VatAt) -> marshmallow.fields.Field:
    if each.exemption is not None:
        return forms.money(Label("Part en autoliquidation (HT)", "Part under reverse charge (net)"), least=None)
    rate = f"{each.rate:f}"
    return forms.money(Label(f"Part à {rate.replace('.', ',')} % (HT)", f"Part at {rate} % (net)"), least=None)


_Parts = marshmallow.Schema.from_dict({each.base: _part(each) for each in PARTS}, name="_Parts")


# The order of the bases is that of the fields, from the last one to the first.
class MonthlyPiece(_Amounts, _Parts, _Monthly):
    """The month's account: works, revision, advance, retention."""


class _Final(_Contract):
    reception_le = forms.day(Label("Notification de la réception", "Notification of the reception"))
    travaux = forms.money(Label("Total des travaux (HT)", "All works (net)"), needed=True, least=None)
    revision = forms.money(Label("Révision des prix (HT)", "Revision of prices (net)"), least=None)
    acomptes = forms.money(Label("Acomptes déjà payés (HT, à déduire)", "Acomptes paid before (net, to deduct)"))
    penalites = forms.money(Label("Pénalités (HT, à déduire)", "Penalties (net, to deduct)"))


class FinalPiece(_Amounts, _Parts, _Final):
    """The account at the end of the contract: all works, less what was paid."""

    reserves = forms.text(Label("Réserves du titulaire", "Reservations of the holder"), longest=2000, rows=4)
    autre_delai = forms.tick(
        Label(
            "Le marché fixe un autre délai, qui est écoulé (procédure tacite)",
            "The contract sets another time, and it is over (tacit procedure)",
        )
    )


#: What is added up to the net total, and with which sign.
MONTHLY_SUM = {"travaux": 1, "revision": 1, "avance": 1, "remboursement": -1, "penalites": -1}
FINAL_SUM = {"travaux": 1, "revision": 1, "acomptes": -1, "penalites": -1}
