"""Roles that the structure of the platform's operator always has, with the real espaces Raccordements and Sollicitations."""

import pytest
from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_espaces.discovery import Source
from request_plugin import SUPPORT

hooks = pytest.importorskip("pupitre_espace_raccordements.hooks")
questions = pytest.importorskip("pupitre_espace_sollicitations_emises.hooks")
FORM = {
    "mode": "API",
    "system": "Gestion+",
    "contact": "it@atelier.example",
    "application": "APP1",
    "technical_account": "TECH_1",
    "sends_invoices": True,
}
QUESTION = {"category": "SUIVI", "subject": "Ma facture", "description": "Où en est-elle ?"}


@pytest.fixture
def plugins():
    return [Source.of(hooks), Source.of(questions)]


@pytest.fixture
def asked(stage):
    applicant = stage.world.user(
        (stage.supplier, "raccordements", "MODIFICATION"), (stage.supplier, "sollicitations-emises", "MODIFICATION")
    )

    def save(espace, kind, cadre, form, parties=()):
        return stage.call(
            applicant,
            contract.SaveRequest,
            structure_id=stage.supplier.structure_id,
            espace=espace,
            kind=kind,
            cadre=cadre,
            form=form,
            parties=list(parties),
        ).request

    save.applicant = applicant
    return save


def test_without_an_operator_a_request_that_needs_him_is_kept_and_not_sent(stage, asked):
    draft = asked("raccordements", "raccordement", "RAC", FORM)
    assert "platform-unset" in {each.rule for each in draft.findings}
    with pytest.raises(errors.RequestNotReady):
        stage.call(asked.applicant, contract.SendRequest, request_id=draft.request_id, version=draft.version)


class TestWithAnOperator:
    @pytest.fixture
    def platform_siret(self):
        return SUPPORT

    @pytest.fixture
    def operator(self, stage):
        structure = stage.world.structure(SUPPORT, "Exploitant", public=True)
        return stage.world.user(
            (structure, "raccordements", "MODIFICATION"), (structure, "sollicitations-recues", "MODIFICATION")
        )

    @pytest.mark.requirement("R230")
    def test_he_decides_and_nobody_else(self, stage, asked, operator):
        draft = asked("raccordements", "raccordement", "RAC", FORM)
        assert draft.findings == []
        sent = stage.call(
            asked.applicant, contract.SendRequest, request_id=draft.request_id, version=draft.version
        ).request
        with pytest.raises(errors.TransitionForbidden):
            stage.call(
                asked.applicant, contract.MoveRequest, request_id=sent.request_id, version=sent.version, to="EN_TEST"
            )
        with pytest.raises(errors.NotFound):
            stage.call(stage.stranger, contract.GetRequest, request_id=sent.request_id)
        moved = stage.call(
            operator, contract.MoveRequest, request_id=sent.request_id, version=sent.version, to="EN_TEST"
        ).request
        assert moved.status == "EN_TEST"

    @pytest.mark.requirement("R262")
    @pytest.mark.parametrize("far37", [True, False])
    def test_what_a_passage_asks_of_another_service_goes_out_with_it_if_the_form_wants_it(self, stage, asked, operator, bench, far37):
        draft = asked("raccordements", "raccordement", "RAC", FORM | {"far37": far37})
        row = stage.call(
            asked.applicant, contract.SendRequest, request_id=draft.request_id, version=draft.version
        ).request
        for who, to in (
            (operator, "EN_TEST"),
            (operator, "VALIDEE_QUALIFICATION"),
            (asked.applicant, "PRODUCTION_DEMANDEE"),
            (operator, "VALIDEE_PRODUCTION"),
        ):
            assert self.effects(bench) == []
            row = stage.call(
                who, contract.MoveRequest, request_id=row.request_id, version=row.version, to=to
            ).request
        stage.call(
            asked.applicant,
            contract.MoveRequest,
            request_id=row.request_id,
            version=row.version,
            to="RESILIEE",
            motive="Outil abandonné",
        )
        effects = self.effects(bench)
        assert [each["effect"] for each in effects] == (["annuaire.subscribe", "annuaire.unsubscribe"] if far37 else [])
        for each in effects:
            assert (each["structure_id"], each["number"]) == (str(stage.supplier.structure_id), row.number)
            assert (each["espace"], each["request_id"]) == ("raccordements", str(row.request_id))

    @staticmethod
    def effects(bench):
        return [data for kind, data in bench.told("invoicing") if kind == "request.effect_asked.v1"]

    @pytest.mark.requirement("R250")
    def test_a_question_to_a_service_comes_to_him_only_when_it_is_handed_over(self, stage, asked, operator):
        named = [contract.NamedParty(role="service", identifier=stage.BUYER, code_service="VOIRIE")]
        draft = asked("sollicitations-emises", "sollicitation", "MET", QUESTION, named)
        assert {each.role for each in draft.parties} == {"asker", "service", "second-support"}
        sent = stage.call(
            asked.applicant, contract.SendRequest, request_id=draft.request_id, version=draft.version
        ).request
        with pytest.raises(errors.NotFound):
            stage.call(operator, contract.GetRequest, request_id=sent.request_id)
        agent = stage.world.user((stage.body, "sollicitations-recues", "MODIFICATION"))
        stage.call(
            agent,
            contract.MoveRequest,
            request_id=sent.request_id,
            version=sent.version,
            to="TRANSFEREE",
            motive="Un incident",
        )
        assert stage.call(operator, contract.GetRequest, request_id=sent.request_id).request.status == "TRANSFEREE"
