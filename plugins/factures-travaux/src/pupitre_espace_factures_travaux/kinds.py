"""The kinds of request that this espace brings."""

from __future__ import annotations

from functools import partial

from pupitre_espaces import Label, Payment, RequestKind

from . import completing, delays, lifecycles
from .actors import HOLDER, JOINT, PAYER, ROLES, SUBCONTRACTOR
from .cadres import FINAL, MONTHLY
from .contract_sheet import KIND_OF_SHEET
from .piece_forms import PARTS, FinalPiece, MonthlyPiece

ACCOUNT, FINAL_ACCOUNT = "acompte", "decompte-final"
#: Who pays whom: a sub-contractor or joint contractor who deposited himself is paid himself.
PAYMENT = Payment(
    HOLDER,
    PAYER,
    engagement="engagement",
    contract="marche",
    issue_date="emise_le",
    due="a_payer",
    instead=(SUBCONTRACTOR, JOINT),
    vat=PARTS,
)


def all_kinds() -> tuple[RequestKind, ...]:
    """Return the kinds, with a version of their lifecycles for each row of delays. Raises `dated.WrongData`."""
    known = delays.read()
    return (
        RequestKind(
            key=ACCOUNT,
            label=Label("Acompte (en cours de marché)", "Acompte (during the contract)"),
            roles=ROLES,
            cadres=MONTHLY,
            lifecycles=tuple(lifecycles.monthly(each) for each in known),
            form=MonthlyPiece,
            complete=partial(completing.monthly, known=known),
            numbering="typed",
            has_dossier=True,
            payment=PAYMENT,
            help=Label("Un dossier pour chaque mois.", "One dossier for each month."),
        ),
        RequestKind(
            key=FINAL_ACCOUNT,
            label=Label("Décompte final et général (fin de marché)", "Final and general account (end of the contract)"),
            roles=ROLES,
            cadres=FINAL,
            lifecycles=tuple(lifecycles.final(each) for each in known),
            form=FinalPiece,
            complete=partial(completing.final, known=known),
            numbering="typed",
            has_dossier=True,
            payment=PAYMENT,
            help=Label("Un dossier pour le solde du marché.", "One dossier for the balance of the contract."),
        ),
        KIND_OF_SHEET,
    )
