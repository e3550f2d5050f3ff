"""The annuaire as a file (FAR37): asked for in Raccordements, made on schedule, fetched by a program, and the same on page and API."""

import csv
import gzip
import hashlib
import io

import pytest
import requests
from support.espaces import TIMERS_SECONDS
from support.installation import until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FORM = {
    "mode": "API",
    "system": "ERP",
    "contact": "si@exemple.invalid",
    "application": "app",
    "technical_account": "TECH_1",
    "far37": True,
}


def connected(applicant, operator):
    """A connection with the box ticked, accepted in production."""
    sent = applicant.send(applicant.draft("raccordements", "raccordement", "RAC", form=FORM))
    for who, status in ((operator, "EN_TEST"), (operator, "VALIDEE_QUALIFICATION"), (applicant, "PRODUCTION_DEMANDEE")):
        who.move(sent, status)
        assert applicant.must("get", "annuaire/files")["enrolments"] == [], "not before production"
    operator.move(sent, "VALIDEE_PRODUCTION")
    return sent


def files(actor, at_least=1):
    def found():
        listed = actor.must("get", "annuaire/files")["files"]
        return listed if len(listed) >= at_least else None

    return until(found, TIMERS_SECONDS, f"{at_least} file(s) of the annuaire for {actor.name}", pause=0.5)


def content(actor, file):
    answer = actor.ask("get", f"annuaire/files/{file['file_id']}")
    assert answer.status_code == 200, answer.text
    assert (len(answer.content), hashlib.sha256(answer.content).hexdigest()) == (file["size"], file["sha256"])
    return gzip.decompress(answer.content)


def downloaded(sandbox, **query):
    answer = requests.get(f"{sandbox.installation.base_url}/api/v1/annuaire/export.csv", params=query, timeout=60)
    assert answer.status_code == 200, answer.text
    return int(answer.headers["Pupitre-Change"]), answer.content


@pytest.mark.requirement("R262")
def test_the_annuaire_is_the_same_in_the_file_of_a_subscriber_by_the_api_and_on_the_page(sandbox):
    supplier, operator, other = (sandbox.actor(key) for key in ("fournisseur", "exploitant", "prefecture"))
    stranger = sandbox.actor("agricultrice")
    sent = connected(supplier, operator)
    whole = next(each for each in files(supplier) if each["kind"] == "COMPLET")
    head, by_api = downloaded(sandbox)
    assert head == whole["head"], "nothing changed meanwhile"
    by_file = content(supplier, whole)
    assert by_file == by_api

    [public] = [each for each in sandbox.installation.demo["public_structures"] if each["services"]][:1]
    rows = [row for row in csv.DictReader(io.StringIO(by_file.decode())) if row["identifier"] == public["siret"]]
    entry = requests.get(f"{sandbox.installation.base_url}/api/v1/annuaire/{public['siret']}", timeout=60).json()
    assert {row["name"] for row in rows} == {entry["name"]} == {public["name"]}
    for fact in ("active", "requires_service", "requires_engagement", "payment_not_reported"):
        assert {row[fact] for row in rows} == {str(entry[fact]).lower()}
    assert {row["code_service"] for row in rows} == {each["code"] for each in entry["services"]}
    page = sandbox.person("traiteur").open(f"/annuaire/structure/{public['siret']}").main
    assert entry["name"] in page
    assert all(row["code_service"] in page and row["service_label"] in page for row in rows)

    person = sandbox.person("fournisseur")
    [structure] = [each for each in person.open("/structures/").tree.xpath("//main//a/@href") if each.startswith("/structures/")][:1]
    place = f"{structure.split('?')[0].rstrip('/')}/annuaire/"
    shown = person.open(place)
    assert whole["name"] in shown.main and whole["sha256"] in shown.main
    assert person.open(f"{place}{whole['file_id']}").response.content == gzip_of(supplier, whole)

    for path in (f"annuaire/files/{whole['file_id']}", f"annuaire/files/{whole['file_id']}?structure={place.split('/')[2]}"):
        assert stranger.ask("get", path).status_code == 404
    assert stranger.ask("get", f"annuaire/files?structure={place.split('/')[2]}").status_code == 404
    assert sandbox.person("agricultrice").open(place).status == 404

    connected(other, operator)
    assert {each["file_id"] for each in files(other)} <= {each["file_id"] for each in files(supplier)}, "made once for all"
    had = len(files(supplier))
    sandbox.pass_days(1)
    latest = files(supplier, had + 1)[0]
    _, changed = downloaded(sandbox, **({} if latest["since"] is None else {"since": latest["since"]}))
    assert content(supplier, latest) == changed

    supplier.move(sent, "RESILIEE", motive="Outil abandonné")
    until(
        lambda: all(each["ended_at"] for each in supplier.must("get", "annuaire/files")["enrolments"]),
        TIMERS_SECONDS,
        "the enrolment ends with the connection",
    )
    kept, given = files(supplier), len(files(other))
    sandbox.pass_days(1)
    files(other, given + 1)
    assert files(supplier) == kept, "nothing more is made for it"


def gzip_of(actor, file):
    return actor.ask("get", f"annuaire/files/{file['file_id']}").content
