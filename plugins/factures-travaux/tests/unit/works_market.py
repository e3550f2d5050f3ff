"""A works contract to play with: its actors, its forms, and each document deposited by who deposits it."""

from __future__ import annotations

from datetime import UTC, datetime

from pupitre_espace_factures_travaux import hooks, kinds
from pupitre_espaces import Attachment, Party
from pupitre_espaces.testing import a_structure
from pupitre_espaces.testing_desk import Desk

HOLDER = a_structure(id="t", name="Grand Chantier", siret="11122233300011")
JOINT = a_structure(id="c", name="Charpentes Réunies", siret="22233344400012")
SECOND_JOINT = a_structure(id="c2", name="Toitures du Lac", siret="22233344400038")
SUB = a_structure(id="s", name="Plâtres du Nord", siret="33333333300018")
SECOND_SUB = a_structure(id="s2", name="Peintures Vives", siret="33333333300034")
MOE = a_structure(id="e", name="Atelier d'architecture", siret="44455566600012")
OTHER_MOE = a_structure(id="e2", name="Autre atelier", siret="44455566600020")
TOWN = a_structure(id="v", name="Ville", siret="21750001600019", type="public")
OTHER_TOWN = a_structure(id="v2", name="Autre ville", siret="21750001600027", type="public")
VILLAGE = a_structure(id="p", name="Village", siret="21750001600035", type="public")

MOA = Party("moa", TOWN, "BATI", {"with_moa": True, "moa_only": False})
PAYER = Party("service-financier", TOWN, "COMPTA", {"with_moa": True, "moa_only": False})
PAYER_WITHOUT_MOA = Party("service-financier", VILLAGE, None, {"with_moa": False, "moa_only": False})

_CONTRACT = {"marche": "M-2024-7", "lot": "2", "objet": "École", "groupement": "aucun", "engagement": "E-88"}
MONTH = _CONTRACT | {"mois": "2024-03", "travaux": "10000,00", "tva": "2000,00"}
END = _CONTRACT | {"travaux": "100000", "acomptes": "90000", "tva": "2000"}
FILE = Attachment("décomptes.pdf", "application/pdf", 1000)
MAKERS = {"titulaire": HOLDER, "cotraitant": JOINT, "sous-traitant": SUB, "moe": MOE, "moa": TOWN}
#: Whom each cadre is deposited with, as long as a test names nobody else.
PARTIES = {
    "A4": {"moe": MOE, "moa": MOA},
    "A5": {"moa": MOA},
    "A6": {"service-financier": PAYER_WITHOUT_MOA},
    "A7": {"moe": MOE, "moa": MOA},
    "A10": {"valideur-1": HOLDER, "moe": MOE, "moa": MOA},
    "A13": {"valideur-1": HOLDER, "moe": MOE, "moa": MOA},
    "A11": {"valideur-1": HOLDER, "moe": MOE},
    "A14": {"valideur-1": HOLDER, "moe": MOE, "moa": MOA},
    "A15": {"moa": MOA},
    "A16": {"service-financier": PAYER_WITHOUT_MOA},
    "A17": {"moa": MOA, "titulaire": HOLDER},
    "A18": {"titulaire": HOLDER},
    "A20": {"titulaire": HOLDER},
    "A22": {},
    **{code: {"service-financier": PAYER} for code in ("A8", "A19", "A23", "A25")},
    "A24": {"service-financier": PAYER_WITHOUT_MOA},
}


class Market:
    """Deposits documents in the name of their makers; the espace proposes the number of all but the first."""

    def __init__(self) -> None:
        self.desk = Desk(hooks, datetime(2024, 3, 1, 9, tzinfo=UTC))
        self._kinds = {cadre.code: kind for kind in kinds.all_kinds() for cadre in kind.cadres}

    def draft(self, cadre, previous=None, **values):
        kind = self._kinds[cadre]
        first = {"form": self.form_of(kind), "number": f"N-{len(self.desk.requests) + 1}"}
        given = {"parties": PARTIES[cadre]} | ({} if previous else first) | values
        return self.desk.save(kind.key, cadre, MAKERS[kind.cadre(cadre).maker], previous=previous, **given)

    @staticmethod
    def form_of(kind):
        return MONTH if kind.key == "acompte" else END

    def deposit(self, cadre, previous=None, **values):
        return self.desk.send(self.draft(cadre, previous, **values))

    def validate(self, piece, role="valideur-1"):
        level = role[-1]
        return self.desk.move(piece, role, f"VALIDEE_{level}", stated=True)


def statuses(piece):
    return [status for status, _ in piece.story]
