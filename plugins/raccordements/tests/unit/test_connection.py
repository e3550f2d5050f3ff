"""A connection from the first request to its end."""

import pytest
from pupitre_espace_raccordements import hooks, kinds
from pupitre_espaces import Attachment
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.passages import WrongMotive
from pupitre_espaces.testing import a_structure, problems_of
from pupitre_espaces.testing_desk import Desk

SUPPLIER = a_structure()
OPERATOR = a_structure(id="o", name="Exploitant", siret="11004601800013", type="public")
API = {
    "mode": "API",
    "system": "Gestion+",
    "contact": "it@x.example",
    "application": "APP1",
    "technical_account": "TECH_1",
    "sends_invoices": True,
}
EDI = {
    "mode": "EDI", "system": "Gestion+", "contact": "it@x.example", "protocol": "SFTP", "address": "192.0.2.1",
    "certificate_until": "2030-01-01", "far37": True,
}  # fmt: skip
CERTIFICATE = Attachment("certificat.p7b", "application/pkcs7-mime", 2000)


@pytest.fixture
def desk():
    return Desk(hooks)


def asked(desk, form=API, attachments=(), **changes):
    values = {"form": form, "attachments": attachments, "parties": {"administrator": OPERATOR}}
    return desk.save("raccordement", "RAC", SUPPLIER, **(values | changes))


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_qualification_then_production_then_the_end(desk):
    request = desk.send(asked(desk))
    for role, to in (
        ("administrator", "EN_TEST"),
        ("administrator", "VALIDEE_QUALIFICATION"),
        ("applicant", "PRODUCTION_DEMANDEE"),
        ("administrator", "VALIDEE_PRODUCTION"),
    ):
        assert request in desk.work_of(role)
        desk.move(request, role, to)
    assert desk.work_of("applicant") == desk.work_of("administrator") == []
    desk.move(request, "administrator", "RACCORDEMENT_SUSPENDU", motive_code="CERTIFICAT")
    desk.move(request, "administrator", "VALIDEE_PRODUCTION")
    desk.move(request, "applicant", "RESILIEE", motive="Outil abandonné")
    assert request.status in kinds.LIFECYCLE.final


def test_production_is_never_opened_without_qualification(desk):
    request = desk.send(asked(desk))
    for role in ("applicant", "administrator"):
        for to in ("VALIDEE_PRODUCTION", "PRODUCTION_DEMANDEE"):
            with pytest.raises(NoPassage):
                desk.move(request, role, to)


def test_what_is_completed_comes_back_to_its_stage(desk):
    request = desk.send(asked(desk))
    desk.move(request, "administrator", "EN_TEST")
    desk.move(request, "administrator", "A_COMPLETER", motive="Adresse ?")
    desk.move(request, "applicant", "@before")
    assert request.status == "EN_TEST"


def test_a_refusal_has_a_motive_of_the_list(desk):
    request = desk.send(asked(desk))
    with pytest.raises(WrongMotive):
        desk.move(request, "administrator", "REFUSEE", motive="non")
    desk.move(request, "administrator", "REFUSEE", motive_code="TESTS")


@pytest.mark.parametrize(
    "form, attachments, wrong",
    [
        (API, (), []),
        (EDI, (CERTIFICATE,), []),
        (EDI, (), ["certificate-missing files"]),
        (EDI | {"certificate_until": "2020-01-01"}, (CERTIFICATE,), ["certificate-expired certificate_until"]),
        (EDI | {"protocol": "", "address": " "}, (CERTIFICATE,), ["mode-needs address", "mode-needs protocol"]),
        (
            API | {"application": None, "technical_account": ""},
            (),
            ["mode-needs application", "mode-needs technical_account"],
        ),
        (API | {"sends_invoices": False}, (), ["nothing-exchanged sends_invoices"]),
        (API | {"contact": "nobody"}, (), ["form-format contact"]),
        ({}, (), ["form-required contact", "form-required mode", "form-required system"]),
    ],
)
def test_what_a_mode_demands(desk, form, attachments, wrong):
    assert sorted(desk.errors(asked(desk, form, attachments))) == wrong


def test_the_operator_is_always_the_one_who_decides(desk):
    request = asked(desk, parties={})
    assert desk.errors(request) == []
    assert request.parties["administrator"].structure.name == "Exploitant"


@pytest.mark.requirement("R262")
def test_the_annuaires_file_comes_while_the_connection_is_open_in_production_and_the_box_is_ticked(desk):
    def opened(form):
        request = desk.send(asked(desk, form))
        for role, to in (
            ("administrator", "EN_TEST"),
            ("administrator", "VALIDEE_QUALIFICATION"),
            ("applicant", "PRODUCTION_DEMANDEE"),
        ):
            desk.move(request, role, to)
            assert request.effects == []
        return desk.move(request, "administrator", "VALIDEE_PRODUCTION")

    request = opened(API | {"far37": True})
    desk.move(request, "administrator", "RACCORDEMENT_SUSPENDU", motive_code="CERTIFICAT")
    desk.move(request, "administrator", "VALIDEE_PRODUCTION")
    desk.move(request, "applicant", "RESILIEE", motive="Outil abandonné")
    assert request.effects == ["annuaire.subscribe", "annuaire.unsubscribe"] * 2
    assert opened(API).effects == []
