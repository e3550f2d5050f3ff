"""Routing rules (H.6) over structures made up by Hypothesis and by hand."""

import datetime
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts import organisation
from pupitre_invoicing.routing import Destination, route

SIRET = "90000002000019"


def service(code, active=True, requires_engagement=False):
    return organisation.StructureService(
        structure_service_id=uuid.uuid4(),
        portal_number=1,
        code=code,
        label=code,
        active=active,
        starts_on=datetime.date(2020, 1, 1),
        requires_engagement=requires_engagement,
    )


def resolved(*services, type="PUBLIC", active=True, exists=True, suggestions=(), **parameters):
    structure = organisation.Structure(
        structure_id=uuid.uuid4(),
        portal_number=1,
        identifier_type="SIRET",
        identifier=SIRET,
        siret=SIRET,
        name="Commune d'Exempleville",
        type=type,
        active=active,
        address=organisation.Address(),
        parameters=organisation.Parameters(**parameters),
        services=list(services),
        espaces=[],
    )
    return organisation.ResolvedRecipient(
        siret=SIRET, structure=structure if exists else None, suggestions=list(suggestions)
    )


def rules(found, siret=SIRET, code=None, engagement=None):
    return [
        finding.rule.removeprefix("PUP-ROUTING-")
        for finding in route(Destination(siret, code, engagement), found).findings
    ]


def test_a_plain_public_structure_receives_invoices():
    found = route(Destination(SIRET, None, None), resolved())
    assert found.open
    assert found.structure.siret == SIRET


def test_an_invoice_without_recipient_goes_nowhere():
    assert rules(None, siret=None) == ["RECIPIENT-MISSING"]


@pytest.mark.requirement("R075")
def test_an_unknown_siret_suggests_structures_of_the_same_siren():
    near = organisation.StructureSummary(
        structure_id=uuid.uuid4(),
        portal_number=2,
        identifier_type="SIRET",
        identifier="90000002000027",
        name="Annexe",
        type="PUBLIC",
        active=True,
    )
    [finding] = route(Destination(SIRET, None, None), resolved(exists=False, suggestions=[near])).findings
    assert finding.rule == "PUP-ROUTING-RECIPIENT-UNKNOWN"
    assert "90000002000027" in finding.message_fr
    assert "90000002000027" in finding.message_en


def test_private_and_closed_structures_receive_nothing():
    assert rules(resolved(type="PRIVATE")) == ["RECIPIENT-PRIVATE"]
    assert rules(resolved(active=False)) == ["RECIPIENT-INACTIVE"]


@pytest.mark.requirement("R070")
def test_what_the_structure_demands_is_demanded():
    assert rules(resolved(requires_service=True)) == ["SERVICE-REQUIRED"]
    assert rules(resolved(requires_engagement=True)) == ["ENGAGEMENT-REQUIRED"]
    assert rules(resolved(requires_service_or_engagement=True)) == ["SERVICE-OR-ENGAGEMENT"]
    assert rules(resolved(service("A"), requires_service_or_engagement=True), code="A") == []
    assert rules(resolved(requires_service_or_engagement=True), engagement="BC-1") == []
    assert rules(resolved(service("A"), requires_service=True, requires_engagement=True)) == [
        "SERVICE-REQUIRED",
        "ENGAGEMENT-REQUIRED",
    ]


@pytest.mark.requirement("R083")
def test_a_given_service_is_checked_even_where_none_is_required_and_the_active_codes_are_listed():
    found = resolved(service("VOIRIE"), service("CLOS", active=False))
    assert rules(found, code="voirie ") == []
    for code, rule in (("RIEN", "SERVICE-UNKNOWN"), ("CLOS", "SERVICE-INACTIVE")):
        [finding] = route(Destination(SIRET, code, None), found).findings
        assert finding.rule == f"PUP-ROUTING-{rule}"
        assert "VOIRIE" in finding.message_fr
        assert "CLOS." not in finding.message_fr


@pytest.mark.requirement("R084")
def test_a_service_may_demand_an_engagement_by_itself():
    found = resolved(service("VOIRIE", requires_engagement=True))
    assert rules(found, code="VOIRIE") == ["ENGAGEMENT-REQUIRED-BY-SERVICE"]
    assert rules(found, code="VOIRIE", engagement="BC-1") == []


FLAGS = ("requires_service", "requires_engagement", "requires_service_or_engagement")


@given(st.fixed_dictionaries({flag: st.booleans() for flag in FLAGS}), st.booleans())
def test_an_invoice_that_gives_everything_always_goes(flags, strict_service):
    found = route(Destination(SIRET, "A", "BC-1"), resolved(service("A", requires_engagement=strict_service), **flags))
    assert found.open
    assert found.structure_service.code == "A"


@given(
    st.fixed_dictionaries({flag: st.booleans() for flag in FLAGS}),
    st.sampled_from([None, "A", "B", "C"]),
    st.sampled_from([None, "BC-1"]),
)
def test_a_route_is_open_exactly_when_no_demand_is_unmet(flags, code, engagement):
    found = resolved(service("A"), service("B", requires_engagement=True), service("C", active=False), **flags)
    unmet = [
        flags["requires_service"] and not code,
        flags["requires_engagement"] and not engagement,
        flags["requires_service_or_engagement"] and not (code or engagement),
        code == "B" and not engagement,
        code == "C",
    ]
    assert route(Destination(SIRET, code, engagement), found).open is not any(unmet)
