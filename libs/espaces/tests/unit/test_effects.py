"""What passages ask of services that own it, and who may."""

import marshmallow
import pytest
from pupitre_espaces import Cadre, Effect, Label, Lifecycle, Manifest, RequestKind, Role, Transition, forms, hookimpl
from pupitre_espaces.lifecycle import DRAFT
from pupitre_espaces.testing import a_host, a_structure
from pupitre_espaces.testing_desk import Desk

NAME = Label("Nom", "Name")


class Form(marshmallow.Schema):
    wanted = forms.tick(NAME)


def kind(*effects):
    rows = [
        Transition(DRAFT, "SOUMISE", "applicant", call="send"),
        Transition("SOUMISE", "CLOTUREE", "applicant", effects=effects),
    ]
    return RequestKind(
        key="demande",
        label=NAME,
        roles=(Role("applicant", NAME),),
        cadres=(Cadre("X1", NAME, maker="applicant"),),
        lifecycles=(Lifecycle("demande", rows, labels={"SOUMISE": NAME, "CLOTUREE": NAME}),),
        form=Form,
    )


class Plugin:
    def __init__(self, *effects, may_ask=frozenset()):
        self.made, self.may_ask = kind(*effects), may_ask

    @hookimpl
    def espace_manifest(self):
        return Manifest(key="essai", label=NAME, description=NAME, may_ask=self.may_ask)

    @hookimpl
    def espace_requests(self):
        return [self.made]


SUBSCRIBE = Effect("annuaire.subscribe", when="wanted")


@pytest.mark.parametrize("wanted", [True, False])
def test_an_effect_is_asked_for_if_the_form_wants_it(wanted):
    desk = Desk(Plugin(SUBSCRIBE, may_ask={"annuaire"}))
    request = desk.send(desk.save("demande", "X1", a_structure(), form={"wanted": wanted}))
    assert request.effects == []
    desk.move(request, "applicant", "CLOTUREE")
    assert request.effects == (["annuaire.subscribe"] if wanted else [])


def test_a_kind_with_an_effect_that_the_manifest_does_not_permit_is_refused_by_name():
    host = a_host(Plugin(SUBSCRIBE), "invoicing")
    assert host.kinds() == {}
    [problem] = host.problems()
    assert (problem.kind, problem.hook) == ("wrong-answer", "espace_requests")
    assert "demande" in problem.detail and "annuaire" in problem.detail
    assert a_host(Plugin(), "invoicing").kinds().keys() == {("essai", "demande")}


def test_nonsense_is_refused_when_it_is_made():
    with pytest.raises(ValueError, match="banque"):
        Effect("banque.vider")
    with pytest.raises(ValueError, match="banque"):
        Manifest(key="essai", label=NAME, description=NAME, may_ask={"banque"})
    with pytest.raises(ValueError, match="absent"):
        kind(Effect("annuaire.subscribe", when="absent"))
