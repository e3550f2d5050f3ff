"""A sollicitation from the question to the answer that satisfies."""

import pytest
from pupitre_espace_sollicitations_emises import hooks, kinds, reference
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.passages import WrongMotive
from pupitre_espaces.testing import a_host, a_structure, problems_of
from pupitre_espaces.testing_desk import Desk

SUPPLIER = a_structure()
TOWN = a_structure(id="t", name="Ville de Lille", siret="21590350100017", type="public")
OPERATOR = a_structure(id="o", name="Exploitant", siret="11004601800013", type="public")
TO_TOWN = {"category": "SUIVI", "subject": "Ma facture", "description": "Où en est-elle ?", "invoice": "F-1"}
TO_SUPPORT = {"category": "COMPTE", "subject": "Connexion", "description": "Impossible d'entrer"}


@pytest.fixture
def desk():
    return Desk(hooks)


def asked(desk, cadre="MET", form=TO_TOWN):
    parties = {"service": TOWN, "second-support": OPERATOR} if cadre == "MET" else {"support": OPERATOR}
    return desk.save("sollicitation", cadre, SUPPLIER, form=form, parties=parties)


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_a_question_to_a_service_is_answered_and_closed(desk):
    question = desk.send(asked(desk))
    assert desk.work_of("service") == [question]
    assert not desk.sees(question, "second-support")
    desk.move(question, "service", "EN_COURS")
    with pytest.raises(WrongMotive):
        desk.move(question, "service", "REPONDUE")
    desk.move(question, "service", "REPONDUE", motive="Payée le 3 mars")
    desk.move(question, "asker", "CLOTUREE")
    assert question.status in question.table.final


def test_what_is_asked_back_comes_again_and_an_answer_is_refused(desk):
    question = desk.send(asked(desk))
    desk.move(question, "service", "ATTENTE_INFORMATION", motive="Quel bon de commande ?")
    assert desk.work_of("asker") == [question]
    assert desk.work_of("service") == []
    desk.move(question, "asker", "INFORMATION_DONNEE", motive="E-88")
    assert desk.work_of("service") == [question]
    desk.move(question, "service", "REPONDUE", motive="Vue")
    desk.move(question, "asker", "RENVOYEE", motive="Et le paiement ?")
    desk.move(question, "service", "REPONDUE", motive="Le 3 mars")


def test_a_service_hands_over_to_the_support_which_sees_it_from_then_on(desk):
    question = desk.send(asked(desk))
    desk.move(question, "service", "TRANSFEREE", motive="Un incident")
    assert desk.sees(question, "second-support")
    assert desk.work_of("second-support") == [question]
    desk.move(question, "service", "EN_COURS")
    desk.move(question, "service", "TRANSFEREE", motive="Encore")
    desk.move(question, "second-support", "REPONDUE", motive="Réparé")


def test_an_answer_that_nobody_contests_closes_on_the_sixteenth_day(desk):
    question = desk.send(asked(desk, "SUP", TO_SUPPORT))
    desk.move(question, "support", "REPONDUE", motive="Voilà")
    desk.pass_days(15)
    assert question.status == "REPONDUE"
    desk.pass_days(1)
    assert question.status == "CLOTUREE"


@pytest.mark.parametrize(
    "cadre, form, wrong",
    [
        ("SUP", TO_TOWN, ["category-goes-elsewhere category"]),
        ("MET", TO_SUPPORT, ["category-goes-elsewhere category"]),
        ("MET", TO_TOWN | {"category": "ZUT"}, ["form-format category"]),
        ("MET", {"category": "SUIVI"}, ["form-required description", "form-required subject"]),
    ],
)
def test_the_category_says_who_answers(desk, cadre, form, wrong):
    assert sorted(desk.errors(asked(desk, cadre, form))) == wrong


def test_nobody_else_moves_it(desk):
    question = desk.send(asked(desk))
    for role in ("support", "second-support"):
        with pytest.raises(NoPassage):
            desk.move(question, role, "REPONDUE", motive="x")


def test_a_category_that_is_over_is_not_offered_and_keeps_its_name(desk, monkeypatch, tmp_path):
    path = tmp_path / "categories.toml"
    path.write_text('[[categories]]\ncode = "VIEUX"\nfr = "Ancienne"\nen = "Old"\nto = "service"\nuntil = 2020-12-31\n')
    monkeypatch.setenv(reference.CATEGORIES, str(path))
    question = asked(Desk(hooks), form=TO_TOWN | {"category": "VIEUX"})
    assert [each.rule for each in question.findings] == ["category-over"]


@pytest.mark.parametrize("text", ["x", "", '[[categories]]\ncode = "A"\nfr = "a"\nen = "a"\nto = "nobody"\n'])
def test_wrong_categories_are_named(monkeypatch, tmp_path, text):
    path = tmp_path / "categories.toml"
    path.write_text(text)
    monkeypatch.setenv(reference.CATEGORIES, str(path))
    host = a_host(hooks, "portal")
    assert host.kinds() == {}
    [(_, well, detail)] = host.health()
    assert not well
    assert reference.CATEGORIES in detail


def test_public_bodies_find_them_in_another_espace():
    kind = kinds.kind()
    assert {kind.role(each).espace for each in ("service", "support", "second-support")} == {"sollicitations-recues"}
