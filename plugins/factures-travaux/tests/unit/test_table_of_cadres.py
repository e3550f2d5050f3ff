"""The table of the cadres (C): who deposits each, who validates it, to whom it goes, and with which kind of buyer (D.9)."""

from dataclasses import dataclass

import pytest
from pupitre_espace_factures_travaux.cadres import BY_CODE
from pupitre_espace_factures_travaux.structure_rules import TOLD_WITH_THE_MOE
from pupitre_espaces import Party
from pupitre_espaces.lifecycle import NoPassage
from works_market import HOLDER, JOINT, MAKERS, MOE, OTHER_MOE, TOWN, VILLAGE

SILENT = "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE"
#: What the buyer publishes of its MOA; nothing but MOA: another structure pays.
PUBLISHED = {
    "avec": {"with_moa": True, "moa_only": False},
    "sans": {"with_moa": False, "moa_only": False},
    "exclusivement": {"with_moa": False, "moa_only": True},
}
MODES = tuple(PUBLISHED)
TO_MOE, TO_MOA, TO_HOLDER, PAID = "A_ASSOCIER_MOE", "A_ASSOCIER_MOA", "A_ASSOCIER_FOURNISSEUR", "MISE_A_DISPOSITION"


@dataclass(frozen=True)
class Row:
    """One row of the table. `before`: how its dossier comes to it; `wrong`: the right cadre where the buyer cannot process it."""

    code: str
    makers: tuple[str, ...]
    goes_to: str
    before: tuple[str, ...] = ()
    validated_by: str = ""
    wrong: tuple[tuple[str, str], ...] = ()
    #: Days of silence after each piece before it.
    silent: int = 0


_PAST_THE_MOA = (("avec", "A17"), ("exclusivement", "A17"))
TABLE = (
    Row("A4", ("titulaire",), TO_MOE),
    Row("A5", ("titulaire",), TO_MOA, wrong=(("sans", "A6"),)),
    Row("A6", ("titulaire",), PAID),
    Row("A7", ("titulaire",), TO_MOE),
    Row("A8", ("titulaire",), PAID, ("A7", "A17|A18", "A20|")),
    Row("A10", ("sous-traitant",), TO_MOE, validated_by="valideur-1"),
    Row("A13", ("cotraitant",), TO_MOE, validated_by="valideur-1"),
    Row("A14", ("cotraitant",), TO_MOE, validated_by="valideur-1"),
    Row("A15", ("moe",), TO_MOA, ("A4",), wrong=(("sans", "A16"),)),
    Row("A16", ("moe",), PAID, ("A4",), wrong=(("avec", "A15"), ("exclusivement", "A15"))),
    Row("A17", ("moe",), TO_MOA, ("A7",), wrong=(("sans", "A18"),)),
    Row("A18", ("moe",), TO_HOLDER, ("A7",), wrong=_PAST_THE_MOA),
    Row("A19", ("moa",), PAID, ("A4", "A15|"), wrong=(("sans", "A16"),)),
    Row("A20", ("moa",), TO_HOLDER, ("A7", "A17|"), wrong=(("sans", "A18"),)),
    Row("A22", ("titulaire",), TO_MOA, ("A7",), silent=31),
    Row("A23", ("titulaire",), PAID, ("A7", "A22"), silent=31),
    Row("A24", ("moe",), PAID, ("A7", "A22"), silent=31),
    Row("A25", ("moa", "moe"), PAID, ("A7", "A22"), silent=31, wrong=(("sans", "A24"),)),
)
CASES = [
    pytest.param(row, maker, mode, id=f"{row.code}-{maker}-{mode}")
    for row in TABLE
    for maker in row.makers
    for mode in MODES
]


class Buyer:
    """A market of which the buyer publishes one of the three; the MOA is named where there is one, or where the cadre needs it."""

    def __init__(self, market, mode):
        self.market, self.mode = market, mode
        self.moa = Party("moa", TOWN, None, PUBLISHED[mode])
        payer = VILLAGE if mode == "exclusivement" else TOWN
        self.payer = Party("service-financier", payer, None, PUBLISHED["sans" if payer == VILLAGE else mode])

    def parties(self, code, *, with_moa):
        cadre = BY_CODE[code]
        everybody = {"moe": MOE, "titulaire": HOLDER, "valideur-1": HOLDER, "service-financier": self.payer}
        named = {role: everybody[role] for role in (*cadre.needs, *cadre.may_name) if role in everybody}
        if with_moa and ("moa" in (*cadre.needs, *cadre.may_name)):
            named["moa"] = self.moa
        return named

    def draft(self, row, maker):
        """Come to the row's piece by those before it, and have its maker begin it."""
        is_wrong = self.mode in dict(row.wrong)
        # A cadre for a MOA that is not there can only be begun where somebody named one; and pieces before it are what is right there.
        with_moa = self.mode != "sans" or (is_wrong and row.code not in ("A16", "A18"))
        previous = None
        for step in row.before:
            with_it, _, without = step.partition("|")
            code = with_it if self.mode != "sans" or "|" not in step else without
            if code:
                named = self.parties(code, with_moa=self.mode != "sans")
                previous = self.market.deposit(code, previous, parties=named)
                self.market.desk.pass_days(row.silent)
        if previous is not None and with_moa:
            previous.parties["moa"] = self.moa
        given = {"parties": self.parties(row.code, with_moa=with_moa)}
        made = {"moa": TOWN}.get(maker, MAKERS.get(maker))
        kind = self.market._kinds[row.code]
        first = (
            {} if previous else {"form": self.market.form_of(kind), "number": f"N-{len(self.market.desk.requests) + 1}"}
        )
        return self.market.desk.save(kind.key, row.code, made, previous=previous, **first, **given)


@pytest.mark.requirement("R181")
@pytest.mark.requirement("R185")
@pytest.mark.requirement("R190")
@pytest.mark.requirement("R191")
@pytest.mark.requirement("R192")
@pytest.mark.parametrize("row, maker, mode", CASES)
def test_every_row_of_the_table_is_what_the_espace_does(market, desk, row, maker, mode):
    buyer = Buyer(market, mode)
    piece = buyer.draft(row, maker)
    assert (piece.maker_role, piece.maker) == (maker, TOWN if maker == "moa" else MAKERS[maker])
    right = dict(row.wrong).get(mode)
    if right is not None:
        errors = [each for each in piece.findings if each.severity == "error"]
        assert [each.remedy.fr for each in errors] == [f"Déposez avec le cadre {right}."]
        return
    assert desk.errors(piece) == []
    desk.send(piece)
    if row.validated_by:
        assert (piece.status, piece.awaits, desk.sees(piece, "moe")) == ("A_VALIDER_1", {row.validated_by}, False)
        market.validate(piece)
    # Without a MOA, the tacit procedure runs against the MOE.
    goes_to = TO_MOE if (row.code, mode) == ("A22", "sans") else row.goes_to
    assert piece.status == goes_to
    assert piece.handed_over == (goes_to == PAID)
    if goes_to == PAID:
        assert piece.parties["service-financier"].structure == buyer.payer.structure


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", [each for each in TABLE if each.before], ids=lambda row: row.code)
def test_what_the_buyer_cannot_process_is_not_offered_from_the_piece_before(market, row, mode):
    """The page offers what could be sent; what is refused (`wrong`) is refused of programs too."""
    buyer = Buyer(market, mode)
    piece = buyer.draft(row, row.makers[0])
    named = {role: each.parameters for role, each in piece.previous.parties.items()}
    offered = {each.code for each in piece.kind.offered_to(row.makers, piece.previous.cadre, named)}
    assert (row.code in offered) == (mode not in dict(row.wrong) or row.code == "A25")


def test_the_table_has_every_cadre_that_is_offered_with_its_makers_and_nobody_else():
    assert {row.code: row.makers for row in TABLE} == {
        code: each.makers for code, each in BY_CODE.items() if each.offered
    }


def test_the_moe_too_sends_the_general_account_of_the_tacit_procedure_once_the_moa_was_silent(market, desk):
    a22 = Buyer(market, "avec").draft(next(row for row in TABLE if row.code == "A22"), "titulaire")
    desk.send(a22)
    desk.pass_days(10)
    early = desk.save(
        "decompte-final", "A25", MOE, previous=a22, parties={"service-financier": Buyer(market, "avec").payer}
    )
    with pytest.raises(NoPassage):
        desk.send(early)
    desk.pass_days(1)
    assert a22.status == SILENT
    sent = desk.send(early)
    assert sent.story == [("DEPOSEE", "moe"), ("MISE_A_DISPOSITION", "system")]
    assert sent.handed_over
    assert (sent.maker_role, sent.parties["moa"].structure, a22.status) == ("moe", TOWN, "ASSOCIEE")


@pytest.mark.parametrize("who", [OTHER_MOE, JOINT])
def test_who_is_not_named_as_moe_or_moa_has_neither_role(market, desk, who):
    a22 = Buyer(market, "avec").draft(next(row for row in TABLE if row.code == "A22"), "titulaire")
    desk.send(a22)
    desk.pass_days(11)
    assert desk.save("decompte-final", "A25", who, previous=a22).maker_role == "moa"
    assert "A25" not in {each.code for each in a22.kind.offered_to(["titulaire", "cotraitant"], "A22")}


@pytest.mark.parametrize("code, severity", TOLD_WITH_THE_MOE.items())
def test_what_goes_to_moe_and_moa_names_the_moa_where_the_buyer_has_one(market, desk, code, severity):
    payer = Buyer(market, "avec").payer
    previous = None
    if code == "A22":
        previous = market.deposit("A7", parties={"moe": MOE})
        desk.pass_days(31)
    piece = market.draft(code, previous, parties={"moe": MOE, "service-financier": payer})
    assert [(each.rule, each.severity, each.term) for each in piece.findings if "moa" in each.rule] == [
        ("moa-non-designee", severity, "party.moa")
    ]
