"""A groupement on its fiche (CCP R. 2142-20): its members, their sub-contractors, and who is to be paid how much."""

from decimal import Decimal

import pytest
from contract_sheets import ACTORS, SHEET, a_sheet, links, show
from pupitre_espace_factures_travaux import kinds
from works_market import HOLDER, JOINT, MOE, SECOND_JOINT, SECOND_SUB, SUB, TOWN

THREE = ACTORS | {"cotraitant": [JOINT, SECOND_JOINT], "sous-traitant": [SUB, SECOND_SUB]}
PARTS = (
    {"membre": HOLDER.siret, "ht": "1000,00", "ttc": "1200,00"},
    {"membre": f"{JOINT.siret[:9]} {JOINT.siret[9:]}", "ht": "500", "ttc": "600"},
    {"membre": SECOND_JOINT.siret, "ht": "250,50", "ttc": "300,60"},
)
TOTAL = {"total_ht": "1750,50", "total_ttc": "2100,60"}
SOLIDARY = SHEET | {"groupement": "solidaire"}


def a_group(desk, form=SHEET, parties=THREE, lines=PARTS, **more):
    return a_sheet(desk, form=form, parties=parties, lines=lines, **more)


@pytest.mark.requirement("R292")
def test_a_groupement_conjoint_has_one_amount_for_each_member_and_their_total(desk):
    sheet = desk.send(a_group(desk))
    kept = sheet.completed
    assert [(each["nom"], each["ht"]) for each in kept.lines] == [
        (HOLDER.name, Decimal(1000)),
        (JOINT.name, Decimal(500)),
        (SECOND_JOINT.name, Decimal("250.50")),
    ]
    assert (kept.form["groupement"], kept.form["total_ht"], kept.form["total_ttc"]) == ("conjoint", Decimal("1750.50"), Decimal("2100.60"))
    assert (kept.amounts.net, kept.amounts.vat, kept.amounts.gross) == (Decimal("1750.50"), Decimal("350.10"), Decimal("2100.60"))


@pytest.mark.requirement("R292")
def test_what_was_typed_as_the_total_of_a_groupement_conjoint_gives_way_to_the_sum(desk):
    assert a_group(desk, form=SHEET | {"total_ht": "1", "total_ttc": "2"}).completed.form["total_ttc"] == Decimal("2100.60")


@pytest.mark.requirement("R292")
@pytest.mark.parametrize(
    "lines, errors",
    [
        (PARTS[:2], ["montant-du-membre-absent party.cotraitant.2"]),
        (PARTS[1:], ["montant-du-membre-absent party.titulaire"]),
        ((*PARTS, PARTS[1]), ["montant-en-double 4.membre"]),
        ((*PARTS, {"membre": SUB.siret, "ht": "1", "ttc": "1"}), ["montant-hors-groupement 4.membre"]),
        ((*PARTS, {"membre": MOE.siret, "ht": "1", "ttc": "1"}), ["montant-hors-groupement 4.membre"]),
        ((*PARTS[:2], PARTS[2] | {"ttc": "250,49"}), ["ttc-inferieur 3.ttc"]),
        ((*PARTS[:2], {"membre": SECOND_JOINT.siret, "ht": "1"}), ["form-required 3.ttc"]),
    ],
)
def test_each_member_of_a_groupement_conjoint_has_exactly_one_amount_and_nobody_else_has(desk, lines, errors):
    assert desk.errors(a_group(desk, lines=lines)) == errors


@pytest.mark.requirement("R292")
def test_a_groupement_solidaire_has_its_total_alone(desk):
    assert desk.errors(a_group(desk, form=SOLIDARY, lines=())) == ["montant-total-absent total_ht", "montant-total-absent total_ttc"]
    sheet = desk.send(a_group(desk, form=SOLIDARY | TOTAL, lines=()))
    assert (sheet.completed.lines, sheet.completed.amounts.gross) == ((), Decimal("2100.60"))
    refused = a_group(desk, form=SOLIDARY | TOTAL, number="autre")
    assert desk.errors(refused) == ["montants-par-membre-refuses 1.membre"]
    [finding] = refused.findings
    assert "engagé pour la totalité du marché" in finding.message.fr and "R. 2142-20" in finding.message.en
    less = a_group(desk, form=SOLIDARY | {"total_ht": "2", "total_ttc": "1"}, lines=(), number="3")
    assert desk.errors(less) == ["ttc-inferieur total_ttc"]


@pytest.mark.requirement("R292")
@pytest.mark.parametrize(
    "changes, parties, errors",
    [
        ({"groupement": "aucun"}, {"cotraitant": []}, ["montants-par-membre-refuses 1.membre"]),
        ({"groupement": "aucun"}, {}, ["cotraitant-sans-groupement party.cotraitant", "montants-par-membre-refuses 1.membre"]),
        ({}, {"cotraitant": [JOINT, HOLDER, SECOND_JOINT]}, ["membre-deux-fois party.cotraitant.2"]),
        ({}, {"cotraitant": [JOINT, SECOND_JOINT, JOINT]}, ["party-twice party.cotraitant.3"]),
    ],
)
def test_members_go_with_the_type_of_the_groupement_and_are_named_once(desk, changes, parties, errors):
    assert desk.errors(a_group(desk, form=SHEET | changes, parties=THREE | parties)) == errors


def test_a_groupement_without_joint_contractor_is_told_of(desk):
    draft = a_group(desk, parties=THREE | {"cotraitant": []}, lines=PARTS[:1])
    assert [(each.rule, each.severity, each.term) for each in draft.findings] == [
        ("groupement-sans-cotraitant", "warning", "party.cotraitant")
    ]


def test_a_line_is_proposed_for_each_member_and_none_stays_for_whoever_is_none(desk):
    proposed = a_group(desk, lines=()).completed.lines
    assert [(each["membre"], each["nom"], "ht" in each) for each in proposed] == [
        (each.siret, each.name, False) for each in (HOLDER, JOINT, SECOND_JOINT)
    ]
    for form, parties, left in ((SHEET, {"cotraitant": JOINT}, [HOLDER, JOINT]), (SOLIDARY | TOTAL, {}, [])):
        lines = a_group(desk, form=form, parties=THREE | parties, lines=proposed).completed.lines
        assert [each["membre"] for each in lines] == [each.siret for each in left]


def test_a_new_version_takes_the_amounts_over(desk):
    first = desk.send(a_group(desk))
    second = desk.send(desk.save("fiche-marche", "FICHE", HOLDER, previous=first, form={"engagement": "E-99"}))
    assert [each["ht"] for each in second.completed.lines] == [each["ht"] for each in first.completed.lines]
    solidary = desk.save("fiche-marche", "FICHE", HOLDER, previous=second, form={"groupement": "solidaire"})
    assert solidary.completed.lines == () and desk.errors(solidary) == []


def test_the_circuit_names_a_role_once_however_many_have_it(desk):
    form = a_group(desk).completed.form
    assert form["en_cours"].splitlines() == [
        "1. Titulaire ou mandataire : A4",
        "2. Chaque sous-traitant (paiement direct) : A10",
        "3. Chaque cotraitant : A13",
        "4. Maîtrise d'œuvre (MOE) : A15",
        "5. Maîtrise d'ouvrage (MOA) : A19",
    ]
    assert "2. Chaque cotraitant : A14" in form["en_fin"]
    assert "2. Each sub-contractor (direct payment) : A10" in a_group(desk, language="en").completed.form["en_cours"]


@pytest.mark.parametrize("structure, code", [(SUB, "A10"), (SECOND_SUB, "A10"), (JOINT, "A13"), (SECOND_JOINT, "A13")])
def test_the_fiche_fills_in_the_deposit_of_each_of_them(desk, structure, code):
    sheet = desk.send(a_group(desk))
    own = links(show(desk, "fiche", structure=structure, id=str(sheet.id)).body)[code]
    assert (own["party.valideur-1"], own["party.moe"], own["form.groupement"]) == ([HOLDER.siret], [MOE.siret], ["conjoint"])
    form = {name.removeprefix("form."): values[0] for name, values in own.items() if name.startswith("form.")}
    parties = {"valideur-1": HOLDER, "moe": MOE, "moa": ACTORS["moa"]}
    month = {"mois": "2024-03", "travaux": "10", "tva": "2"}
    assert desk.errors(desk.save(own["kind"][0], code, structure, form=form | month, parties=parties, number="1")) == []


def test_the_fiche_shows_all_of_them_and_their_amounts(desk):
    sheet = desk.send(a_group(desk))
    body = show(desk, "fiche", id=str(sheet.id)).body
    for said in (JOINT.name, SECOND_JOINT.name, SUB.name, SECOND_SUB.name, "1\u202f750,50\xa0€", "300,60\xa0€"):
        assert said in body
    assert body.count(">Chaque") == 0 and body.count(">Cotraitant<") == 2
    again = links(body)["FICHE"]
    assert [again[f"party.cotraitant{place}"] for place in ("", ".2")] == [[JOINT.siret], [SECOND_JOINT.siret]]
    assert again["service.moa"] == ["BATI"] and TOWN.siret in again["party.moa"]


def test_sub_contractors_do_not_see_what_the_members_are_paid():
    [sheet] = [each for each in kinds.all_kinds() if each.key == "fiche-marche"]
    assert [role.key for role in sheet.roles if not role.sees_lines] == ["sous-traitant"]
    assert {role.key: role.most for role in sheet.roles if role.several} == {"sous-traitant": 50, "cotraitant": 20}
