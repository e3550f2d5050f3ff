"""The sheet of a contract and the pages, over the requests of a desk."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from contract_sheets import ACTORS, KEY, SHEET, a_sheet, links, show
from pupitre_espace_factures_travaux import delays, hooks
from pupitre_espaces import Ports
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.testing import a_context, a_host, problems_of
from works_market import HOLDER, JOINT, MOA, MOE, SUB, TOWN


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_a_sheet_proposes_the_circuits_and_a_number(desk):
    sheet = desk.send(a_sheet(desk))
    form = sheet.completed.form
    assert (sheet.status, sheet.number) == ("MISE_A_DISPOSITION", "M-2024-7-V1")
    assert [line.rsplit(" ", 1)[1] for line in form["en_cours"].splitlines()] == ["A4", "A10", "A13", "A15", "A19"]
    assert [line.rsplit(" ", 1)[1] for line in form["en_fin"].splitlines()] == ["A7", "A14", "A17", "A20", "A8", "A22"]
    assert form["en_cours"].startswith("1. Titulaire ou mandataire : A4")


@pytest.mark.parametrize(
    "changes, during",
    [
        ({"moa_mode": "sans"}, ["A4", "A10", "A13", "A16"]),
        ({"moe_mode": "hors-portail"}, ["A5", "A10", "A13", "A19"]),
        ({"moe_mode": "hors-portail", "moa_mode": "sans"}, ["A6", "A10", "A13"]),
        ({"groupement": "solidaire"}, ["A4", "A10", "A15", "A19"]),
    ],
)
def test_the_circuit_follows_from_who_is_in_the_portal(desk, changes, during):
    form = a_sheet(desk, form=SHEET | changes).completed.form
    assert [line.rsplit(" ", 1)[1] for line in form["en_cours"].splitlines()] == during


def test_a_circuit_that_was_written_stays(desk):
    assert a_sheet(desk, form=SHEET | {"en_cours": "comme convenu"}).completed.form["en_cours"] == "comme convenu"


def test_a_sheet_needs_its_holder_and_is_seen_by_all_whom_it_names(desk):
    assert desk.errors(a_sheet(desk, parties={"moe": MOE}, lines=())) == ["role-missing party.titulaire"]
    sheet = desk.send(a_sheet(desk))
    assert all(desk.sees(sheet, role) for role in ACTORS)
    assert not desk.sees(sheet, "valideur-1")


def test_a_new_version_takes_over_and_replaces(desk):
    first = desk.send(a_sheet(desk))
    assert desk.work_of("redacteur") == []
    second = desk.send(desk.save("fiche-marche", "FICHE", HOLDER, previous=first, form={"engagement": "E-99"}))
    assert (first.status, second.number) == ("REMPLACEE", "M-2024-7-V2")
    assert (second.completed.form["objet"], second.completed.form["engagement"]) == ("École <neuve>", "E-99")
    with pytest.raises(NoPassage):
        desk.move(first, "redacteur", "ABANDONNEE", motive="x")


def test_the_sheet_fills_in_the_deposits_of_who_reads_it(desk):
    sheet = desk.send(a_sheet(desk))
    body = show(desk, "fiche", id=str(sheet.id)).body
    a4 = links(body)["A4"]
    assert {name: values[0] for name, values in a4.items()} == {
        "kind": "acompte",
        "cadre": "A4",
        "form.marche": "M-2024-7",
        "form.objet": "École <neuve>",
        "form.groupement": "conjoint",
        "form.engagement": "E-88",
        "party.moe": MOE.siret,
        "party.moa": TOWN.siret,
        "party.service-financier": TOWN.siret,
        "service.moa": "BATI",
        "service.service-financier": "COMPTA",
    }
    assert {"A7", "A8"} <= set(links(body)) and "A10" not in links(body)
    assert "A22 : depuis la pièce qui précède" in body


def test_a_sub_contractor_s_deposit_names_the_holder_as_valideur(desk):
    sheet = desk.send(a_sheet(desk))
    a10 = links(show(desk, "fiche", structure=SUB, id=str(sheet.id)).body)["A10"]
    assert a10["party.valideur-1"] == [HOLDER.siret]
    other = desk.send(a_sheet(desk, parties=ACTORS | {"valideur-1": JOINT}, number="autre"))
    a10 = links(show(desk, "fiche", structure=SUB, id=str(other.id)).body)["A10"]
    assert a10["party.valideur-1"] == [JOINT.siret]


def test_without_moa_no_moa_is_named(desk):
    sheet = desk.send(a_sheet(desk, form=SHEET | {"moa_mode": "sans"}))
    assert "party.moa" not in links(show(desk, "fiche", id=str(sheet.id)).body)["A4"]


def test_what_the_sheet_fills_in_is_ready_to_be_sent(desk, market):
    sheet = desk.send(a_sheet(desk))
    a4 = links(show(desk, "fiche", id=str(sheet.id)).body)["A4"]
    form = {name.removeprefix("form."): values[0] for name, values in a4.items() if name.startswith("form.")}
    month = {"mois": "2024-03", "travaux": "10", "tva": "2"}
    draft = desk.save(a4["kind"][0], "A4", HOLDER, form=form | month, parties={"moe": MOE, "moa": MOA}, number="1")
    assert desk.errors(draft) == []


def test_the_sheet_is_shown_with_its_actors_and_as_text(desk):
    sheet = desk.send(a_sheet(desk))
    content = show(desk, "fiche", "en", id=str(sheet.id))
    assert content.title == "Contract M-2024-7"
    assert "École &lt;neuve&gt;" in content.body and "<neuve>" not in content.body
    for name in ("Grand Chantier", "Charpentes Réunies", JOINT.siret, "BATI", "COMPTA", "This page prints as it is."):
        assert name in content.body
    assert ">A4, A7, A8, A22</td>" in content.body
    again = links(content.body)["FICHE"]
    assert again["form.moa_mode"] == ["avec"] and again["party.titulaire"] == [HOLDER.siret]


@pytest.mark.parametrize("given", [{}, {"id": "1"}, {"id": str(uuid4())}])
def test_a_sheet_that_is_not_there_is_said_to_be_so(desk, given):
    assert show(desk, "fiche", **given).status == 404


def test_a_document_is_no_sheet(desk, market):
    assert show(desk, "fiche", id=str(market.deposit("A4").id)).status == 404


def test_the_list_shows_the_sheets_in_force(desk):
    assert "Aucune fiche en vigueur." in show(desk, "fiches").body
    first = desk.send(a_sheet(desk))
    second = desk.send(desk.save("fiche-marche", "FICHE", HOLDER, previous=first))
    body = show(desk, "fiches").body
    assert f"fiche?id={second.id}" in body and str(first.id) not in body
    assert "demandes/nouvelle?kind=fiche-marche&amp;cadre=FICHE" in body


def test_the_amounts_of_each_stage_stand_on_one_line_with_indicative_dates(desk, market):
    assert "Aucun dossier" in show(desk, "montants").body
    a4 = market.deposit("A4")
    body = show(desk, "montants").body
    assert "État d&#x27;acompte par la MOE : 08/03/2024 (indicatif)" in body
    assert "Pièces qui attendent une action de votre part : 1." in body
    a15 = market.deposit("A15", a4, form={"travaux": "9000", "tva": "1800", "ecart": "quantités"})
    market.deposit("A19", a15)
    body = show(desk, "montants").body
    assert body.count("<tr>") == 2  # the head, and one dossier
    for cell in ("M-2024-7", "2024-03", "12\u202f000,00\xa0€", "10\u202f800,00\xa0€"):
        assert f">{cell}</td>" in body
    assert "A19 N-1-EAV : Mise à disposition" in body and "(indicatif)</td>" not in body
    assert '<td data-label="Claimed, gross">€12,000.00</td>' in show(desk, "montants", "en").body


def test_what_was_refused_is_not_what_was_admitted(desk, market):
    a15 = market.deposit("A15", market.deposit("A4"), form={"travaux": "9000", "tva": "1800", "ecart": "quantités"})
    desk.move(a15, "moa", "REFUSEE_MOA", motive_code="AUTRE", motive="période fausse")
    assert "10\u202f800,00" not in show(desk, "montants").body


@pytest.mark.parametrize(
    "play, said",
    [
        (lambda market: market.deposit("A7"), "Notification du décompte général : 31/03/2024 (indicatif)"),
        (
            lambda market: market.deposit("A20", market.deposit("A17", market.deposit("A7"))),
            "Réponse du titulaire au décompte général : 31/03/2024 (indicatif)",
        ),
    ],
)
def test_the_dates_of_the_end_are_reckoned_and_called_indicative(desk, market, play, said):
    play(market)
    assert said in show(desk, "montants").body


@pytest.mark.parametrize("count, said", [(0, "Aucune pièce"), (1, "1 pièce de travaux à traiter."), (3, "3 pièces de")])
def test_the_card_counts_what_waits(count, said):
    context = a_context(ports=Ports(requests=SimpleNamespace(count=lambda to_do: count)))
    [(_, [card])] = a_host(hooks).call("espace_cards", context=context)
    assert card.text.fr.startswith(said)


def test_the_card_is_there_when_nobody_can_count():
    [(_, [card])] = a_host(hooks).call("espace_cards", context=a_context(ports=Ports()))
    assert card.text.en == "The documents of your works contracts."


def test_the_articles_tell_the_days_of_the_data():
    [(_, articles)] = a_host(hooks).call("espace_articles")
    text = {each.slug: (each.body_fr, each.body_en) for each in articles}
    assert "7 jours" in text["acomptes"][0] and "7 days" in text["acomptes"][1]
    assert all(day in text["fin-de-marche"][0] for day in ("30 jours", "10 jours", "indicatives"))
    assert "15 days" in text["groupements-et-sous-traitants"][1]


def test_its_opening_is_announced_by_mail():
    [(key, mail)] = a_host(hooks, "notifications").messages("espace.opened.v1", "fr", {"structure_name": "Ville"})
    assert (key, mail.subject) == (KEY, "Les factures de travaux sont ouvertes pour Ville")


def test_an_operator_s_delays_make_a_second_version_from_their_day(tmp_path, monkeypatch):
    row = "\n".join(
        f"{name} = {{ days = {days}, remind = [] }}"
        for name, days in (
            ("subcontracting", 15),
            ("joint", 0),
            ("monthly", 5),
            ("general", 30),
            ("answer", 30),
            ("tacit", 10),
        )
    )
    file = tmp_path / "delays.toml"
    file.write_text(
        f"[[delays]]\nuntil = 2025-12-31\n{row}\n[[delays]]\nfrom = 2026-01-01\n{row.replace('days = 5', 'days = 9')}\n"
    )
    monkeypatch.setenv(delays.SETTING, str(file))
    kinds = a_host(hooks, "invoicing").kinds()
    tables = kinds[KEY, "acompte"].lifecycles
    assert [table.after("A_ASSOCIER_MOE", "A4").days for table in tables] == [5, 9]
    assert len({table.name for table in tables}) == 2


@pytest.mark.parametrize("text, said", [("", "no delays"), ("[[delays]]\nfrom = 2020-01-01\n", "subcontracting lacks")])
def test_wrong_delays_make_the_espace_ill_and_say_so(tmp_path, monkeypatch, text, said):
    file = tmp_path / "delays.toml"
    file.write_text(text)
    monkeypatch.setenv(delays.SETTING, str(file))
    [(key, well, why)] = a_host(hooks).health()
    assert (key, well) == (KEY, False)
    assert said in why
