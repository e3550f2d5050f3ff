"""The month's account, from the contractor to whoever pays."""

from decimal import Decimal

import pytest
from pupitre_espaces import Party
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.passages import WrongMotive
from works_market import (
    HOLDER,
    JOINT,
    MONTH,
    OTHER_MOE,
    OTHER_TOWN,
    PAYER_WITHOUT_MOA,
    TOWN,
    statuses,
)

SILENT = "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE"


def test_with_a_moa_the_account_goes_from_the_holder_over_moe_and_moa_to_who_pays(market, desk):
    a4 = market.deposit("A4")
    assert a4.story == [
        ("DEPOSEE", "titulaire"),
        ("MISE_A_DISPOSITION_MOE", "system"),
        ("A_ASSOCIER_MOE", "system"),
    ]
    assert (desk.work_of("moe"), desk.work_of("moa"), market.desk.delay_of(a4)) == ([a4], [], ["start"])
    desk.move(a4, "moe", "PRISE_EN_COMPTE_MOE")
    a15 = market.deposit("A15", a4)
    assert (a4.status, a15.status, a15.dossier) == ("ASSOCIEE", "A_ASSOCIER_MOA", a4.dossier)
    assert (desk.work_of("moe"), desk.work_of("moa")) == ([], [a15])
    a19 = market.deposit("A19", a15)
    assert (a15.status, a19.status, a19.handed_over) == ("ASSOCIEE", "MISE_A_DISPOSITION", True)
    assert desk.work_of("moa") == desk.work_of("titulaire") == []
    assert market.desk.delay_of(a19) == ["start"]
    assert [each.number for each in (a4, a15, a19)] == ["N-1", "N-1-EA", "N-1-EAV"]


def test_without_moa_the_moe_s_document_is_paid(market):
    a16 = market.deposit("A16", market.deposit("A4", parties={"moe": Party("moe", JOINT)}))
    assert (a16.status, a16.handed_over) == ("MISE_A_DISPOSITION", True)
    assert market.desk.delay_of(a16) == ["start"]


def test_where_all_are_moa_another_structure_pays(market):
    only = Party("moa", TOWN, None, {"with_moa": False, "moa_only": True})
    a15 = market.deposit("A15", market.deposit("A4"), parties={"moa": only})
    own = market.draft(
        "A19", a15, parties={"service-financier": Party("service-financier", TOWN, None, only.parameters)}
    )
    assert market.desk.errors(own) == ["exclusivement-moa party.service-financier"]
    assert market.deposit("A19", a15, parties={"service-financier": PAYER_WITHOUT_MOA}).handed_over


def test_with_the_moe_outside_the_delay_begins_at_the_moa(market):
    a5 = market.deposit("A5")
    assert statuses(a5) == ["DEPOSEE", "MISE_A_DISPOSITION_MOA", "A_ASSOCIER_MOA"]
    assert market.desk.delay_of(a5) == ["start"]
    assert market.deposit("A19", a5).handed_over
    assert (a5.status, market.desk.delay_of(a5)) == ("ASSOCIEE", ["start"])


def test_with_both_outside_the_document_is_paid_at_once(market):
    a6 = market.deposit("A6")
    assert (a6.status, a6.handed_over, market.desk.delay_of(a6)) == ("MISE_A_DISPOSITION", True, ["start"])


def test_a_sub_contractor_is_paid_himself_once_the_holder_agrees(market, desk):
    a10 = market.deposit("A10")
    assert (a10.status, desk.work_of("valideur-1"), market.desk.delay_of(a10)) == ("A_VALIDER_1", [a10], [])
    assert not desk.sees(a10, "moe")
    market.validate(a10)
    assert (a10.status, market.desk.delay_of(a10)) == ("A_ASSOCIER_MOE", ["start"])
    assert desk.sees(a10, "moe")
    a19 = market.deposit("A19", market.deposit("A15", a10))
    assert a19.kind.payment.paid(a19.parties) == "sous-traitant"
    assert desk.sees(a19, "sous-traitant")


def test_the_holder_s_silence_is_acceptance_on_day_sixteen(market, desk):
    a10 = market.deposit("A10")
    desk.pass_days(15)
    assert (a10.status, market.desk.delay_of(a10)) == ("A_VALIDER_1", [])
    desk.pass_days(1)
    assert statuses(a10)[1:] == [
        "ABSENCE_VALIDATION_1_HORS_DELAI",
        "DEPOSEE",
        "MISE_A_DISPOSITION_MOE",
        "A_ASSOCIER_MOE",
    ]
    assert market.desk.delay_of(a10) == ["start"]


def test_a_sub_contractor_of_a_joint_contractor_needs_the_mandataire_too(market, desk):
    a10 = market.deposit("A10", parties={"valideur-1": JOINT, "valideur-2": HOLDER, "moe": OTHER_MOE})
    market.validate(a10)
    assert (a10.status, desk.work_of("valideur-2")) == ("A_VALIDER_2", [a10])
    market.validate(a10, "valideur-2")
    assert a10.status == "A_ASSOCIER_MOE"


def test_the_mandataire_of_a_groupement_conjoint_is_waited_for_for_ever(market, desk):
    a13 = market.deposit("A13", form=MONTH | {"groupement": "conjoint"})
    desk.pass_days(400)
    assert (a13.status, market.desk.delay_of(a13)) == ("A_VALIDER_1", [])
    assert not desk.sees(a13, "moe")
    market.validate(a13)
    a19 = market.deposit("A19", market.deposit("A15", a13))
    assert (a19.handed_over, a19.kind.payment.paid(a19.parties)) == (True, "cotraitant")


def test_a_refusal_by_the_valideur_is_seen_by_the_buyer_and_corrected_in_a_new_document(market, desk):
    a10 = market.deposit("A10")
    with pytest.raises(WrongMotive):
        desk.move(a10, "valideur-1", "REFUSEE_1")
    desk.move(a10, "valideur-1", "REFUSEE_1", motive="travaux non exécutés")
    assert desk.sees(a10, "moa") and not desk.sees(a10, "moe")
    assert desk.work_of("sous-traitant") == [a10]
    again = market.deposit("A10", a10)
    assert (a10.status, again.status, again.number) == ("DUPLIQUE_APRES_REFUS", "A_VALIDER_1", "N-1-2")
    assert again.completed.amounts.gross == Decimal("12000.00")


def test_a_wrong_valideur_is_corrected_on_the_same_document(market, desk):
    a10 = market.deposit("A10")
    desk.pass_days(10)
    desk.move(a10, "valideur-1", "ERREUR_FOURNISSEUR_SUR_VALIDEUR", motive_code="MAUVAIS_VALIDEUR")
    desk.move(a10, "sous-traitant", "A_VALIDER_1", parties={"valideur-1": JOINT})
    desk.pass_days(15)
    assert a10.status == "A_VALIDER_1"
    desk.pass_days(1)
    assert a10.status == "A_ASSOCIER_MOE"


@pytest.mark.parametrize("taken_on", [None, 2, 6])
def test_a_moe_silent_for_seven_days_is_told_of_and_wins_no_time_by_taking_note(market, desk, taken_on):
    a4 = market.deposit("A4")
    if taken_on:
        desk.pass_days(taken_on)
        desk.move(a4, "moe", "PRISE_EN_COMPTE_MOE")
    desk.pass_days(7 - (taken_on or 0))
    assert a4.status in ("A_ASSOCIER_MOE", "PRISE_EN_COMPTE_MOE")
    desk.pass_days(1)
    assert (a4.status, a4.awaits) == (SILENT, {"moe", "moa"})
    assert market.desk.delay_of(a4) == ["start"]


def test_after_its_silence_the_moe_may_still_act(market, desk):
    a4 = market.deposit("A4")
    desk.pass_days(8)
    assert market.deposit("A15", a4).status == "A_ASSOCIER_MOA"


def test_after_its_silence_the_moa_may_act_in_its_place_and_not_before(market, desk):
    a4 = market.deposit("A4")
    with pytest.raises(NoPassage):
        market.deposit("A19", a4)
    desk.pass_days(8)
    assert market.deposit("A19", a4).handed_over
    assert a4.status == "ASSOCIEE"


def test_a_refusal_by_the_moe_stops_the_circuit_and_the_delay_begins_afresh_with_the_corrected_document(market, desk):
    a4 = market.deposit("A4")
    desk.move(a4, "moe", "REFUSEE_MOE", motive_code="AUTRE", motive="pièces d'un autre marché")
    with pytest.raises(NoPassage):
        market.deposit("A15", a4)
    again = market.deposit("A4", a4)
    assert (a4.status, again.status, again.number) == ("DUPLIQUE_APRES_REFUS", "A_ASSOCIER_MOE", "N-1-2")
    assert market.desk.delay_of(a4) == ["start", "end", "start"]


@pytest.mark.parametrize(
    "code, said", [("ERREUR_MONTANT", "not refused for its amounts"), ("DEPOT_TARDIF", "late deposit")]
)
@pytest.mark.parametrize("role, to", [("moe", "REFUSEE_MOE"), ("moa", "REFUSEE_MOA")])
def test_no_document_is_refused_for_its_amounts_nor_for_being_late(market, desk, code, said, role, to):
    piece = market.deposit("A4")
    if role == "moa":
        piece = market.deposit("A15", piece)
    before = piece.status
    with pytest.raises(WrongMotive, match=said):
        desk.move(piece, role, to, motive_code=code, motive="trop cher")
    assert piece.status == before
    with pytest.raises(WrongMotive):
        desk.move(piece, role, to, motive_code="AUTRE")
    with pytest.raises(WrongMotive):
        desk.move(piece, role, to, motive="sans code")
    desk.move(piece, role, to, motive_code="AUTRE", motive="pièce d'un autre marché")
    assert piece.status == to


def test_a_wrong_moe_is_corrected_and_the_delay_begins_at_the_right_one(market, desk):
    a4 = market.deposit("A4")
    with pytest.raises(WrongMotive):
        desk.move(a4, "moe", "ERREUR_FOURNISSEUR_SUR_MOE", motive_code="MAUVAISE_MOA")
    desk.move(a4, "moe", "ERREUR_FOURNISSEUR_SUR_MOE", motive_code="MAUVAISE_MOE")
    assert (desk.work_of("titulaire"), market.desk.delay_of(a4)) == ([a4], ["start", "end"])
    with pytest.raises(ValueError, match="corrects moe"):
        desk.move(a4, "titulaire", "MISE_A_DISPOSITION_MOE", parties={"moa": OTHER_TOWN})
    desk.move(a4, "titulaire", "MISE_A_DISPOSITION_MOE", parties={"moe": OTHER_MOE})
    assert (a4.status, a4.parties["moe"].structure) == ("A_ASSOCIER_MOE", OTHER_MOE)
    assert market.desk.delay_of(a4) == ["start", "end", "start"]


@pytest.mark.parametrize(
    "cadre, wrong, maker", [("A5", "ERREUR_FOURNISSEUR_SUR_MOA", "titulaire"), ("A15", "ERREUR_MOE_SUR_MOA", "moe")]
)
def test_a_wrong_moa_is_corrected_by_who_named_it(market, desk, cadre, wrong, maker):
    piece = market.deposit("A5") if cadre == "A5" else market.deposit("A15", market.deposit("A4"))
    desk.move(piece, "moa", wrong, motive_code="MAUVAISE_MOA")
    assert piece.awaits == {maker}
    desk.move(piece, maker, "MISE_A_DISPOSITION_MOA", parties={"moa": OTHER_TOWN})
    assert (piece.status, piece.parties["moa"].structure) == ("A_ASSOCIER_MOA", OTHER_TOWN)


def test_a_moe_that_asks_for_more_does_not_interrupt_the_delay(market, desk):
    a4 = market.deposit("A4")
    desk.move(a4, "moe", "PRISE_EN_COMPTE_MOE")
    desk.move(a4, "moe", "A_COMPLETER", motive="un attachement manque")
    assert desk.work_of("titulaire") == [a4]
    desk.move(a4, "titulaire", "@before", motive="attachement joint")
    assert (a4.status, market.desk.delay_of(a4)) == ("PRISE_EN_COMPTE_MOE", ["start"])


def test_a_moa_that_asks_for_more_interrupts_the_delay_once(market, desk):
    a15 = market.deposit("A15", market.deposit("A4"))
    for _ in range(2):
        with pytest.raises(WrongMotive):
            desk.move(a15, "moa", "A_COMPLETER")
        desk.move(a15, "moa", "A_COMPLETER", motive="un attachement manque")
        desk.move(a15, "moe", "@before")
    assert (a15.status, market.desk.delay_of(a15)) == ("A_ASSOCIER_MOA", ["start", "interrupt", "resume"])


def test_a_refused_etat_d_acompte_goes_back_to_the_moe_who_keeps_his_reasons(market, desk):
    a4 = market.deposit("A4")
    a15 = market.deposit("A15", a4, form={"travaux": "9000", "tva": "1800", "ecart": "quantités"})
    desk.move(a15, "moa", "REFUSEE_MOA", motive_code="AUTRE", motive="période fausse")
    assert desk.work_of("moe") == [a15]
    again = market.deposit("A15", a15)
    assert (a15.status, again.number, again.completed.form["ecart"]) == (
        "DUPLIQUE_APRES_REFUS",
        "N-1-EA-2",
        "quantités",
    )
    assert market.desk.delay_of(a4) == ["start"]


def test_an_abandoned_etat_d_acompte_is_deposited_anew_from_the_account(market, desk):
    a4 = market.deposit("A4")
    a15 = market.deposit("A15", a4)
    rival = market.draft("A15", a4)
    assert desk.errors(rival) == ["piece-deja-deposee cadre"]
    desk.move(a15, "moe", "ABANDONNEE", motive="erreur de pièce")
    assert market.deposit("A15", a4).status == "A_ASSOCIER_MOA"
    assert market.desk.delay_of(a4) == ["start"]


@pytest.mark.parametrize("who", ["moe", "moa"])
def test_moe_or_moa_ask_for_the_recycling_of_the_document_before(market, desk, who):
    a4 = market.deposit("A4")
    a15 = market.deposit("A15", a4)
    desk.move(a15, "moa", "REFUSEE_MOA", motive_code="AUTRE", motive="le décompte est d'un autre lot")
    desk.move(a4, who, "EN_ATTENTE_RECYCLAGE_FOURNISSEUR", motive_code="AUTRE", motive="lot à corriger")
    assert desk.work_of("titulaire") == [a4]
    desk.move(a4, "titulaire", "MISE_A_DISPOSITION_MOE", parties={"moa": OTHER_TOWN})
    assert (a4.status, market.desk.delay_of(a4)) == ("A_ASSOCIER_MOE", ["start"])
    assert market.deposit("A15", a4).status == "A_ASSOCIER_MOA"


def test_who_gives_up_says_why_and_ends_the_delay_while_nobody_has_answered(market, desk):
    a4 = market.deposit("A4")
    with pytest.raises(WrongMotive):
        desk.move(a4, "titulaire", "ABANDONNEE")
    desk.move(a4, "titulaire", "ABANDONNEE", motive="mauvais mois")
    assert market.desk.delay_of(a4) == ["start", "end"]
    other = market.deposit("A4")
    market.deposit("A15", other)
    with pytest.raises(NoPassage):
        desk.move(other, "titulaire", "ABANDONNEE", motive="mauvais mois")


@pytest.mark.parametrize("role", ["titulaire", "moa", "service-financier", "valideur-1"])
def test_only_the_moe_acts_on_what_lies_with_the_moe(market, desk, role):
    a4 = market.deposit("A4")
    for to in ("PRISE_EN_COMPTE_MOE", "REFUSEE_MOE", "A_COMPLETER", "ERREUR_FOURNISSEUR_SUR_MOE"):
        with pytest.raises(NoPassage):
            desk.move(a4, role, to, motive_code="AUTRE", motive="x")
    assert a4.status == "A_ASSOCIER_MOE"


def test_a_document_is_deposited_from_the_one_that_waits_for_it_alone(market, desk):
    a10 = market.deposit("A10")
    with pytest.raises(NoPassage):
        market.deposit("A15", a10)
    assert desk.errors(market.draft("A15")) == ["cadre-needs-previous cadre"]
