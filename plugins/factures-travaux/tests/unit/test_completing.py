"""Totals, what is taken over, proposed numbers, and what keeps a document from being sent."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espace_factures_travaux import completing, numbering
from pupitre_espace_factures_travaux.piece_forms import FINAL_SUM, MONTHLY_SUM
from pupitre_espaces import Party, RequestDraft
from works_market import FILE, JOINT, MONTH, PAYER, PAYER_WITHOUT_MOA, TOWN, VILLAGE

VILLAGE_MOA = Party("moa", VILLAGE, None, {"with_moa": False, "moa_only": False})


def findings(draft, severity):
    return [(each.rule, each.term) for each in draft.findings if each.severity == severity]


def test_the_totals_are_worked_out(market):
    form = MONTH | {
        "revision": "-100,50",
        "avance": "500",
        "remboursement": "200",
        "penalites": "50,25",
        "tva": "2029,85",
        "retenue": "600",
    }
    a4 = market.deposit("A4", form=form)
    done = a4.completed
    assert (done.amounts.net, done.amounts.vat, done.amounts.gross) == tuple(
        map(Decimal, ("10149.25", "2029.85", "12179.10"))
    )
    assert done.form["a_payer"] == Decimal("11579.10")
    assert done.form["net"] + done.form["tva"] == done.form["ttc"] == done.form["demande_ttc"]


def test_the_balance_is_all_works_less_what_was_paid(market):
    a7 = market.deposit("A7")
    assert (a7.completed.amounts.net, a7.completed.amounts.gross) == (Decimal("10000.00"), Decimal("12000.00"))


@pytest.mark.parametrize("signs", [MONTHLY_SUM, FINAL_SUM])
@given(data=st.data())
def test_net_and_vat_make_gross_to_the_cent(signs, data):
    money = st.decimals(-(10**9), 10**9, places=2)
    form = {name: data.draw(money) for name in signs} | {"tva": data.draw(money)}
    amounts = completing.total(form, signs)
    assert amounts.gross == amounts.net + form["tva"]
    assert amounts.net == sum(form[name] * sign for name, sign in signs.items())


PARTED = MONTH | {"tva": "", "part_20": "6000", "part_5_5": "3500,10", "part_autoliquidation": "499,90"}


def test_a_total_that_is_divided_by_rate_has_its_vat_worked_out(market):
    a4 = market.deposit("A4", form=PARTED)
    assert a4.completed.amounts.vat == a4.completed.form["tva"] == Decimal("1392.51")  # 1200.00 + 192.5055
    parts = a4.kind.payment.parts(a4.completed.form, ())
    assert [(each.category, each.rate, each.vat) for each in parts] == [
        ("S", Decimal("20"), Decimal("1200.00")),
        ("S", Decimal("5.5"), Decimal("192.51")),
        ("AE", Decimal("0"), Decimal("0.00")),
    ]
    a15 = market.draft("A15", a4)
    assert (market.desk.errors(a15), a15.kind.payment.parts(a15.completed.form, ())) == ([], parts)


@pytest.mark.parametrize("changes", [{"part_20": "6000,01"}, {"tva": "1392,50"}, {"travaux": "9999"}])
def test_parts_that_do_not_make_up_the_account_keep_it_from_being_sent(market, changes):
    assert market.desk.errors(market.draft("A4", form=PARTED | {"tva": "1392,51"} | changes)) == ["vat-by-rate vat"]


def test_who_corrects_the_parts_has_not_to_type_the_vat(market):
    cut = {"travaux": "9000", "part_20": "5000", "ecart": "poste 3"}
    a15 = market.deposit("A15", market.deposit("A4", form=PARTED), form=cut)
    assert a15.completed.amounts.vat == Decimal("1192.51")


@pytest.mark.parametrize("missing", ["travaux", "tva"])
def test_without_works_or_vat_there_is_no_total(market, missing):
    draft = market.draft("A4", form=MONTH | {missing: ""})
    assert draft.completed.amounts is None
    assert market.desk.errors(draft) == [f"form-required {missing}"]


def test_who_admits_the_amounts_has_nothing_to_type(market):
    a4 = market.deposit("A4", form=MONTH | {"retenue": "100"})
    a15 = market.draft("A15", a4)
    assert market.desk.errors(a15) == []
    for name in ("marche", "lot", "objet", "engagement", "mois", "travaux", "tva", "retenue"):
        assert a15.completed.form[name] == a4.completed.form[name]
    assert a15.completed.form["emise_le"].isoformat() == "2024-03-01"
    assert {role: each.structure.name for role, each in a15.parties.items()}["titulaire"] == "Grand Chantier"


def test_corrected_amounts_need_reasons_and_each_stage_is_kept(market):
    a4 = market.deposit("A4")
    cut = {"travaux": "9000", "tva": "1800"}
    assert market.desk.errors(market.draft("A15", a4, form=cut)) == ["ecart-sans-motif ecart"]
    a15 = market.deposit("A15", a4, form=cut | {"ecart": "quantités du poste 3"})
    assert "ecart" not in market.draft("A19", a15).completed.form
    a19 = market.deposit("A19", a15, form={"travaux": "8500", "tva": "1700", "ecart": "poste 4"})
    form = a19.completed.form
    assert [str(form[each]) for each in ("demande_ttc", "admis_moe_ttc", "admis_moa_ttc")] == [
        "12000.00",
        "10800.00",
        "10200.00",
    ]


def test_more_than_was_claimed_is_looked_at_twice(market):
    draft = market.draft("A15", market.deposit("A4"), form={"travaux": "11000", "tva": "2200", "ecart": "oubli"})
    assert findings(draft, "warning") == [("admis-plus-que-demande", "travaux")]


@pytest.mark.parametrize(
    "changes, warned",
    [
        ({"tva": "2000.02"}, [("tva-elevee", "tva")]),
        ({"tva": "2000.01"}, []),
        ({"tva": "0"}, []),
        ({"retenue": "600.01"}, [("retenue-elevee", "retenue")]),
        ({"retenue": "600"}, []),
    ],
)
def test_what_is_hardly_right_is_warned_of(market, changes, warned):
    assert findings(market.draft("A4", form=MONTH | changes), "warning") == warned


def test_a_month_is_a_month(market):
    assert market.desk.errors(market.draft("A4", form=MONTH | {"mois": "2024-13"})) == ["form-format mois"]


@pytest.mark.parametrize("cadre, right", [("A5", "A6"), ("A15", "A16"), ("A19", "A16"), ("A17", "A18"), ("A20", "A18")])
def test_a_structure_without_moa_is_sent_what_it_can_process(market, cadre, right):
    previous = {"A5": None, "A15": "A4", "A17": "A7"}.get(cadre)
    if cadre == "A19":
        piece = market.deposit("A15", market.deposit("A4"))
        piece.parties["moa"] = VILLAGE_MOA
        draft = market.draft("A19", piece, parties={"moa": VILLAGE_MOA, "service-financier": PAYER_WITHOUT_MOA})
        draft.parties["moa"] = VILLAGE_MOA
        market.desk._look(draft, None, "fr")
    elif cadre == "A20":
        draft = market.draft("A20", market.deposit("A17", market.deposit("A7")))
        draft.parties["moa"] = VILLAGE_MOA
        market.desk._look(draft, None, "fr")
    else:
        before = market.deposit(previous) if previous else None
        draft = market.draft(
            cadre, before, parties={"moa": VILLAGE_MOA, "titulaire": JOINT} if cadre == "A17" else {"moa": VILLAGE_MOA}
        )
    [finding] = [each for each in draft.findings if each.rule == "structure-sans-moa"]
    assert (finding.severity, finding.term) == ("error", "cadre")
    assert finding.remedy.fr == f"Déposez avec le cadre {right}."


@pytest.mark.parametrize("cadre, first, right", [("A16", "A4", "A15"), ("A18", "A7", "A17")])
def test_a_structure_with_moa_is_not_passed_over(market, cadre, first, right):
    draft = market.draft(cadre, market.deposit(first))  # the MOA is named on the document before
    [finding] = [each for each in draft.findings if each.severity == "error"]
    assert (finding.rule, finding.remedy.en) == ("structure-avec-moa", f"Deposit with the cadre {right}.")


def test_who_pays_is_asked_whether_it_has_a_moa_too(market):
    a4 = market.deposit("A4", parties={"moe": JOINT})
    assert market.desk.errors(market.draft("A16", a4, parties={"service-financier": PAYER})) == [
        "structure-avec-moa cadre"
    ]
    assert market.desk.errors(market.draft("A16", a4, parties={"service-financier": PAYER_WITHOUT_MOA})) == []
    # What a structure has not published keeps nobody from depositing.
    unknown = Party("service-financier", TOWN)
    assert market.desk.errors(market.draft("A16", a4, parties={"service-financier": unknown})) == []


def test_a_document_outside_a_moa_that_is_there_is_warned_of(market):
    draft = market.draft("A6", parties={"service-financier": PAYER})
    assert (market.desk.errors(draft), findings(draft, "warning")) == ([], [("structure-avec-moa", "cadre")])


def test_no_moa_is_named_where_there_is_none(market):
    for cadre in ("A4", "A7"):
        draft = market.draft(cadre, parties={"moe": JOINT, "moa": VILLAGE_MOA})
        assert market.desk.errors(draft) == ["structure-sans-moa party.moa"]
        assert market.desk.errors(market.draft(cadre, parties={"moe": JOINT})) == []


def test_who_pays_demands_an_engagement_and_a_service(market):
    asks = Party("service-financier", VILLAGE, None, {"requires_engagement": True, "requires_service": True})
    draft = market.draft("A6", form=MONTH | {"engagement": ""}, parties={"service-financier": asks})
    assert market.desk.errors(draft) == ["engagement-absent engagement", "service-absent service.service-financier"]
    told = Party("service-financier", VILLAGE, "COMPTA", asks.parameters)
    assert market.desk.errors(market.draft("A6", parties={"service-financier": told})) == []


def test_in_a_groupement_solidaire_the_mandataire_deposits_for_all_with_their_accounts(market):
    form = MONTH | {"groupement": "solidaire"}
    bare = market.draft("A4", form=form)
    assert (market.desk.errors(bare), findings(bare, "warning")) == ([], [("factures-des-membres", "files")])
    whole = market.draft("A4", form=form, attachments=(FILE,))
    assert findings(whole, "warning") == []
    assert market.desk.send(whole).status == "A_ASSOCIER_MOE"
    assert market.desk.errors(market.draft("A13", form=form)) == ["groupement-solidaire groupement"]
    assert market.desk.errors(market.draft("A13", form=MONTH | {"groupement": "conjoint"})) == []


def test_the_first_number_is_its_maker_s_and_the_next_are_proposed(market):
    assert market.desk.errors(market.draft("A4", number="")) == ["number-missing number"]
    a4 = market.deposit("A4", number="SIT-3")
    assert market.draft("A15", a4).number == "SIT-3-EA"
    assert market.draft("A15", a4, number="MOE-12").number == "MOE-12"


def test_a_number_of_the_dossier_is_not_proposed_again_whoever_knows_of_it(market):
    a4 = market.deposit("A4", number="SIT-3").view()
    draft = RequestDraft(
        cadre="A4",
        number="",
        form={},
        lines=(),
        parties=(),
        attachments=(),
        previous=a4,
        dossier=(a4, replace(a4, number="SIT-3-2")),
        structure=JOINT,
        user=None,
        language="fr",
        clock=market.desk.clock,
    )
    assert numbering.propose(draft) == "SIT-3-3"
    assert numbering.propose(replace(draft, cadre="A15")) == "SIT-3-EA"
    assert numbering.propose(replace(draft, cadre="A15", taken_numbers=frozenset({"SIT-3-EA"}))) == "SIT-3-EA-2"
