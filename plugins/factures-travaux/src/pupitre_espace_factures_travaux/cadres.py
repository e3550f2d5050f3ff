"""The cadres of works contracts (section C): who deposits each, who must be named, and from which document it is deposited.

There are two kinds of dossier, one for each payment: the month's account during the contract, and the account at its end.
"""

from __future__ import annotations

from pupitre_espaces import Cadre, Label

from .actors import FIRST, HOLDER, JOINT, MOA, MOE, PAYER, SECOND, SUBCONTRACTOR

_FEES = Label(
    "Avec les sommes que vous admettez. Vos propres honoraires se facturent dans Factures émises (A1).",
    "With the sums that you admit. Your own fees are billed in Issued invoices (A1).",
)

#: What structures publish of their MOA (D.9).
_HAS, _ALL, _NONE = {"with_moa": True}, {"moa_only": True}, {"with_moa": False, "moa_only": False}
#: What is sent where there is no MOA is not offered where MOA or payer say that there is one, and the other way round.
_WITHOUT_MOA = ({MOA: _HAS}, {MOA: _ALL}, {PAYER: _HAS}, {PAYER: _ALL})
_WITH_MOA = ({MOA: _NONE}, {MOA: None, PAYER: _NONE})

# During the contract (D.4).
MONTHLY = (
    Cadre(
        "A4",
        Label("Projet de décompte mensuel", "Draft monthly account"),
        HOLDER,
        needs=(MOE,),
        may_name=(MOA, PAYER),
        after={"A4"},
        begins=True,
        help=Label(
            "Par le titulaire ou le mandataire ; va à la MOE sans validation préalable.",
            "By the holder or the mandataire; goes to the MOE without being validated first.",
        ),
    ),
    Cadre(
        "A5",
        Label("État d'acompte (MOE hors du portail)", "État d'acompte (MOE outside the portal)"),
        HOLDER,
        needs=(MOA,),
        may_name=(PAYER,),
        after={"A5"},
        begins=True,
        help=Label(
            "L'état d'acompte est signé de la MOE hors du portail ; va à la MOA.",
            "The MOE signed the état d'acompte outside the portal; goes to the MOA.",
        ),
    ),
    Cadre(
        "A6",
        Label("Pièce validée hors du portail", "Document validated outside the portal"),
        HOLDER,
        needs=(PAYER,),
        help=Label(
            "Ni la MOE ni la MOA n'utilisent le portail ; va au service financier.",
            "Neither MOE nor MOA use the portal; goes to the financial service.",
        ),
    ),
    Cadre(
        "A10",
        Label("Demande de paiement d'un sous-traitant", "Payment request by a sub-contractor"),
        SUBCONTRACTOR,
        needs=(FIRST, MOE),
        may_name=(SECOND, MOA, PAYER),
        after={"A10"},
        begins=True,
        help=Label(
            "Validée par le titulaire sous quinze jours, puis à la MOE. Désignez aussi le mandataire si vous dépendez d'un cotraitant.",
            "Validated by the holder within fifteen days, then to the MOE. Name the mandataire too if you belong to a joint contractor.",
        ),
    ),
    Cadre(
        "A13",
        Label("Projet de décompte mensuel d'un cotraitant", "Draft monthly account by a joint contractor"),
        JOINT,
        needs=(FIRST, MOE),
        may_name=(MOA, PAYER),
        after={"A13"},
        begins=True,
        help=Label(
            "Groupement conjoint ; le mandataire doit valider, sans quoi rien n'est payé.",
            "Groupement conjoint; the mandataire has to validate, or nothing is paid.",
        ),
    ),
    Cadre(
        "A15",
        Label("État d'acompte par la MOE", "État d'acompte by the MOE"),
        MOE,
        needs=(MOA,),
        may_name=(PAYER,),
        after={"A4", "A10", "A13", "A15"},
        help=_FEES,
        unless=_WITH_MOA,
    ),
    Cadre(
        "A16",
        Label("État d'acompte validé par la MOE (sans MOA)", "Validated état d'acompte by the MOE (without MOA)"),
        MOE,
        needs=(PAYER,),
        after={"A4", "A10", "A13"},
        help=_FEES,
        unless=_WITHOUT_MOA,
    ),
    Cadre(
        "A19",
        Label("État d'acompte validé par la MOA", "Validated état d'acompte by the MOA"),
        MOA,
        needs=(PAYER,),
        # From the contractor's own document: in the place of a MOE who was silent.
        after={"A15", "A5", "A4", "A10", "A13"},
        unless=_WITH_MOA,
    ),
)

# At the end of the contract (D.5).
FINAL = (
    Cadre(
        "A7",
        Label("Projet de décompte final", "Draft final account"),
        HOLDER,
        needs=(MOE,),
        may_name=(MOA, PAYER),
        after={"A7"},
        begins=True,
        help=Label(
            "Dans les trente jours de la décision de réception, à la MOE et à la MOA en même temps.",
            "Within thirty days of the decision of reception, to MOE and MOA at once.",
        ),
    ),
    Cadre(
        "A8",
        Label("Décompte général et définitif signé", "Signed general and definitive account"),
        HOLDER,
        needs=(PAYER,),
        after={"A18", "A20"},
        begins=True,
    ),
    Cadre(
        "A11",
        Label("Projet de décompte final d'un sous-traitant", "Draft final account by a sub-contractor"),
        SUBCONTRACTOR,
        needs=(FIRST, MOE),
        may_name=(SECOND, MOA, PAYER),
        offered=False,
    ),
    Cadre(
        "A14",
        Label("Projet de décompte final d'un cotraitant", "Draft final account by a joint contractor"),
        JOINT,
        needs=(FIRST, MOE),
        may_name=(MOA, PAYER),
        after={"A14"},
        begins=True,
        help=Label(
            "Groupement conjoint ; le mandataire doit valider, sans quoi rien n'est payé.",
            "Groupement conjoint; the mandataire has to validate, or nothing is paid.",
        ),
    ),
    Cadre(
        "A17",
        Label("Projet de décompte général par la MOE", "Draft general account by the MOE"),
        MOE,
        needs=(MOA, HOLDER),
        may_name=(PAYER,),
        after={"A7", "A11", "A14", "A17"},
        unless=_WITH_MOA,
    ),
    Cadre(
        "A18",
        Label("Décompte général par la MOE (sans MOA)", "General account by the MOE (without MOA)"),
        MOE,
        needs=(HOLDER,),
        may_name=(PAYER,),
        after={"A7", "A11", "A14", "A18", "A22"},
        unless=_WITHOUT_MOA,
    ),
    Cadre(
        "A20",
        Label("Décompte général par la MOA", "General account by the MOA"),
        MOA,
        needs=(HOLDER,),
        may_name=(PAYER,),
        # From the contractor's own document: in the place of a MOE who was silent.
        after={"A17", "A20", "A22", "A7", "A11", "A14"},
        unless=_WITH_MOA,
    ),
    Cadre(
        "A22",
        Label("Projet de décompte général, procédure tacite", "Draft general account, tacit procedure"),
        HOLDER,
        needs=(MOE,),
        may_name=(MOA, PAYER),
        after={"A7", "A17", "A22"},
        help=Label(
            "Faute de décompte général notifié à temps ; les pièces précédentes sont remplacées.",
            "For want of a general account in time; the documents before it are replaced.",
        ),
    ),
    Cadre(
        "A23",
        Label("Décompte général et définitif tacite, titulaire", "Tacit general and definitive account, holder"),
        HOLDER,
        needs=(PAYER,),
        after={"A22"},
    ),
    Cadre(
        "A24",
        Label("Décompte général et définitif tacite, MOE", "Tacit general and definitive account, MOE"),
        MOE,
        needs=(PAYER,),
        after={"A18", "A22"},
    ),
    Cadre(
        "A25",
        Label("Décompte général et définitif tacite, MOA", "Tacit general and definitive account, MOA"),
        MOA,
        needs=(PAYER,),
        after={"A20", "A22"},
        # The name that the API gives it says MOE, its French title MOA: both may.
        also=(MOE,),
    ),
)
BY_CODE = {cadre.code: cadre for cadre in (*MONTHLY, *FINAL)}

#: What is first asked for in a dossier, by those who are paid.
CLAIMS = frozenset({"A4", "A5", "A6", "A7", "A10", "A11", "A13", "A14"})
#: Documents in which MOE or MOA say what they admit.
OF_MOE = frozenset({"A15", "A16", "A17", "A18", "A24"})
OF_MOA = frozenset({"A19", "A20", "A25"})
#: Where each goes, once it is validated.
TO_MOE = frozenset({"A4", "A7", "A10", "A11", "A13", "A14"})
TO_MOA = frozenset({"A5", "A15", "A17"})
TO_HOLDER = frozenset({"A18", "A20"})
TO_PAYER = frozenset({"A6", "A8", "A16", "A19", "A23", "A24", "A25"})
#: What is added to the number of the first document of the dossier (D.3).
SUFFIXES = {
    "A5": "EA",
    "A15": "EA",
    "A6": "EAV",
    "A16": "EAV",
    "A19": "EAV",
    "A17": "PDG",
    "A22": "PDGT",
    "A18": "DG",
    "A20": "DG",
    "A8": "DGD",
    "A23": "DGDT",
    "A24": "DGDT",
    "A25": "DGDT",
}
