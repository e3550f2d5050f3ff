"""The accounts at the end of the contract: nominal, refused, and tacit."""

import pytest
from pupitre_espaces import Party
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.passages import WrongMotive
from works_market import JOINT, MOE, OTHER_MOE, OTHER_TOWN, PAYER, statuses

SILENT = "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE"


def general_account(market):
    a7 = market.deposit("A7")
    a17 = market.deposit("A17", a7)
    return a7, a17, market.deposit("A20", a17)


def test_from_the_draft_final_account_to_the_definitive_one(market, desk):
    a7, a17, a20 = general_account(market)
    assert (a7.status, a17.status, a20.status) == ("ASSOCIEE", "ASSOCIEE", "A_ASSOCIER_FOURNISSEUR")
    assert desk.work_of("titulaire") == [a20]
    assert desk.sees(a7, "moa")
    a8 = market.deposit("A8", a20)
    assert (a20.status, a8.status, a8.handed_over) == ("ASSOCIEE", "MISE_A_DISPOSITION", True)
    assert market.desk.delay_of(a8) == ["start"]
    assert [each.number for each in (a7, a17, a20, a8)] == ["N-1", "N-1-PDG", "N-1-DG", "N-1-DGD"]
    assert desk.work_of("titulaire") == []


def test_without_moa_the_moe_notifies_the_general_account(market):
    a18 = market.deposit("A18", market.deposit("A7", parties={"moe": MOE}))
    assert a18.status == "A_ASSOCIER_FOURNISSEUR"
    assert market.deposit("A8", a18).handed_over


def test_a_signed_account_may_begin_its_dossier_where_all_was_outside(market):
    a8 = market.deposit("A8")
    assert (a8.handed_over, market.desk.delay_of(a8)) == (True, ["start"])


def test_the_mandataire_of_a_groupement_conjoint_validates_the_final_account_too(market, desk):
    a14 = market.deposit("A14")
    desk.pass_days(400)
    assert a14.status == "A_VALIDER_1"
    market.validate(a14)
    a8 = market.deposit("A8", market.deposit("A20", market.deposit("A17", a14)))
    assert (a8.handed_over, a8.kind.payment.paid(a8.parties)) == (True, "cotraitant")


def test_the_final_account_of_a_sub_contractor_is_read_and_not_offered(market):
    kind = market.deposit("A7").kind
    assert "A11" not in {each.code for each in kind.offered_to(["sous-traitant"])}
    assert market.deposit("A11").status == "A_VALIDER_1"


def test_the_holder_refuses_with_his_reasons_and_the_moa_makes_another_general_account(market, desk):
    _, _, a20 = general_account(market)
    with pytest.raises(WrongMotive):
        desk.move(a20, "titulaire", "REFUSEE_FOURNISSEUR")
    with pytest.raises(NoPassage):
        desk.move(a20, "moe", "REFUSEE_FOURNISSEUR", motive="x")
    assert a20.table.find(a20.status, "REFUSEE_FOURNISSEUR", ["titulaire"], "A20").documents
    desk.move(a20, "titulaire", "REFUSEE_FOURNISSEUR", motive="mémoire en réclamation joint")
    assert desk.work_of("moa") == [a20]
    again = market.deposit("A20", a20)
    assert (a20.status, again.status, again.number) == ("DUPLIQUE_APRES_REFUS", "A_ASSOCIER_FOURNISSEUR", "N-1-DG-2")


@pytest.mark.parametrize(
    "cadre, wrong, maker",
    [("A18", "ERREUR_MOE_SUR_FOURNISSEUR", "moe"), ("A20", "ERREUR_MOA_SUR_FOURNISSEUR", "moa")],
)
def test_a_wrong_holder_is_corrected_by_who_named_him(market, desk, cadre, wrong, maker):
    piece = (
        general_account(market)[2]
        if cadre == "A20"
        else market.deposit("A18", market.deposit("A7", parties={"moe": MOE}))
    )
    desk.move(piece, "titulaire", wrong, motive_code="MAUVAIS_FOURNISSEUR")
    assert piece.awaits == {maker}
    desk.move(piece, maker, "A_ASSOCIER_FOURNISSEUR", parties={"titulaire": JOINT})
    assert (piece.status, piece.parties["titulaire"].structure) == ("A_ASSOCIER_FOURNISSEUR", JOINT)


@pytest.mark.parametrize("cadre, tacit, maker", [("A20", "A25", "moa"), ("A18", "A24", "moe")])
def test_a_holder_silent_for_thirty_days_may_still_sign_and_the_other_may_go_on(market, desk, cadre, tacit, maker):
    piece = (
        general_account(market)[2]
        if cadre == "A20"
        else market.deposit("A18", market.deposit("A7", parties={"moe": MOE}))
    )
    desk.pass_days(30)
    with pytest.raises(NoPassage):
        market.deposit(tacit, piece)
    desk.pass_days(1)
    assert (piece.status, piece.awaits) == (SILENT, {"titulaire", maker})
    with pytest.raises(NoPassage):
        desk.move(piece, "titulaire", "REFUSEE_FOURNISSEUR", motive="trop tard")
    assert market.deposit(tacit, piece).handed_over
    assert market.desk.delay_of(piece) == ["start"]


def test_the_tacit_procedure_replaces_what_waits_and_ends_with_the_holder_s_own_account(market, desk):
    a7 = market.deposit("A7")
    desk.pass_days(5)
    a17 = market.deposit("A17", a7)
    assert desk.work_of("titulaire") == []
    desk.pass_days(25)
    early = market.draft("A22", a7)
    assert desk.errors(early) == ["delai-non-ecoule autre_delai"]
    desk.pass_days(1)
    a22 = market.deposit("A22", a7)
    assert (a7.status, a17.status, a22.status) == ("REMPLACEE_PAR_A22", "REMPLACEE_PAR_A22", "A_ASSOCIER_MOA")
    assert desk.work_of("moe") == []
    desk.pass_days(10)
    with pytest.raises(NoPassage):
        market.deposit("A23", a22)
    desk.pass_days(1)
    assert a22.awaits == {"titulaire", "moe", "moa"}
    a23 = market.deposit("A23", a22)
    assert (a22.status, a23.handed_over, a23.number) == ("ASSOCIEE", True, "N-1-DGDT")
    assert market.desk.delay_of(a23) == ["start"]


@pytest.mark.parametrize("cadre", ["A24", "A25"])
def test_moe_or_moa_may_send_the_tacit_account_to_be_paid(market, desk, cadre):
    a7 = market.deposit("A7")
    desk.pass_days(31)
    assert (a7.status, a7.awaits) == (SILENT, {"moe", "moa", "titulaire"})
    a22 = market.deposit("A22", a7)
    desk.pass_days(11)
    assert market.deposit(cadre, a22).handed_over


def test_from_a_draft_general_account_that_the_moa_left_the_holder_may_begin_the_tacit_procedure(market, desk):
    a17 = market.deposit("A17", market.deposit("A7"))
    desk.pass_days(31)
    assert (a17.status, a17.awaits) == (SILENT, {"moa", "titulaire"})
    market.deposit("A22", a17)
    assert a17.status == "REMPLACEE_PAR_A22"


def test_the_contract_may_set_another_time_which_the_holder_attests(market, desk):
    a7 = market.deposit("A7")
    desk.pass_days(3)
    assert market.deposit("A22", a7, form={"autre_delai": True}).status == "A_ASSOCIER_MOA"


def test_a_general_account_in_time_ends_the_tacit_procedure(market, desk):
    a7 = market.deposit("A7")
    desk.pass_days(31)
    a22 = market.deposit("A22", a7)
    a20 = market.deposit("A20", a22)
    assert (a22.status, a20.status) == ("ASSOCIEE", "A_ASSOCIER_FOURNISSEUR")


def test_once_a_general_account_was_notified_there_is_no_tacit_procedure(market, desk):
    a7, _, a20 = general_account(market)
    desk.move(a20, "titulaire", "REFUSEE_FOURNISSEUR", motive="mémoire en réclamation joint")
    desk.pass_days(31)
    assert desk.errors(market.draft("A22", a7)) == ["decompte-general-notifie cadre"]


def test_a_general_account_that_was_given_up_is_no_notification(market, desk):
    a7, _, a20 = general_account(market)
    desk.move(a20, "moa", "ABANDONNEE", motive="erreur de pièce")
    desk.pass_days(31)
    assert market.deposit("A22", a7).status == "A_ASSOCIER_MOA"


def test_where_no_moa_is_named_the_tacit_procedure_goes_to_the_moe(market, desk):
    a7 = market.deposit("A7", parties={"moe": MOE})
    desk.pass_days(31)
    a22 = market.deposit("A22", a7)
    assert statuses(a22) == ["DEPOSEE", "MISE_A_DISPOSITION_MOE", "A_ASSOCIER_MOE"]
    desk.pass_days(11)
    with pytest.raises(NoPassage):
        desk.move(a22, "moe", "REFUSEE_MOE", motive_code="AUTRE", motive="trop tard")
    assert market.deposit("A24", a22).handed_over


def test_the_moa_refuses_or_is_wrong_only_while_its_ten_days_run(market, desk):
    a7 = market.deposit("A7")
    desk.pass_days(31)
    a22 = market.deposit("A22", a7)
    desk.move(a22, "moa", "ERREUR_FOURNISSEUR_SUR_MOA", motive_code="MAUVAISE_MOA")
    desk.move(a22, "titulaire", "MISE_A_DISPOSITION_MOA", parties={"moa": OTHER_TOWN})
    desk.pass_days(10)
    assert a22.status == "A_ASSOCIER_MOA"
    desk.pass_days(1)
    with pytest.raises(NoPassage):
        desk.move(a22, "moa", "REFUSEE_MOA", motive_code="AUTRE", motive="trop tard")


def test_a_dossier_ends_once(market, desk):
    _, _, a20 = general_account(market)
    desk.pass_days(31)
    a8 = market.draft("A8", a20)
    tacit = market.deposit("A25", a20)
    assert tacit.handed_over
    desk._look(a8, None, "fr")
    assert desk.errors(a8) == ["piece-deja-deposee cadre"]


def test_wrong_moe_of_a_final_account(market, desk):
    a7 = market.deposit("A7")
    desk.move(a7, "moe", "ERREUR_FOURNISSEUR_SUR_MOE", motive_code="MAUVAISE_MOE")
    desk.move(a7, "titulaire", "MISE_A_DISPOSITION_MOE", parties={"moe": OTHER_MOE})
    assert market.desk.delay_of(a7) == ["start", "end", "start"]


def test_who_pays_is_a_public_body(market, desk):
    private = Party("service-financier", JOINT)
    assert desk.errors(market.draft("A8", parties={"service-financier": private})) == [
        "role-type party.service-financier"
    ]
    assert desk.errors(market.draft("A8", parties={"service-financier": PAYER})) == []
