"""All that a structure has, by command, page and API of a running installation: complete against its lists, hashes right (P28)."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
import requests
from support.installation import until
from support.visitor import Visitor


def indexed(archive, name):
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"), newline=""), delimiter=";"))


def checked(content):
    """The zip, once every file of it is what its manifest says."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    manifest = json.loads(archive.read("manifest.json"))
    assert [each["path"] for each in manifest["files"]] == archive.namelist()[:-1]
    for each in manifest["files"]:
        assert hashlib.sha256(archive.read(each["path"])).hexdigest() == each["sha256"], each["path"]
    assert manifest["absent"] == []
    return archive


@pytest.fixture(scope="module")
def flux(embedded):
    """A flux of the first technical account, taken in: the deposit of another program."""
    account = embedded.demo["technical_accounts"][0]
    form = {"grant_type": "client_credentials", "scope": "openid"} | {name: account[name] for name in ("client_id", "client_secret")}
    token = requests.post(f"{embedded.base_url}/api/oauth/token", data=form, timeout=60).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    content = (embedded.state / "facture-exemple.xml").read_bytes()
    sent = requests.post(f"{embedded.base_url}/api/v1/flux?name=f.xml", data=content, headers=headers, timeout=60).json()
    return headers, sent["numero_flux"], content


def test_the_command_writes_what_the_lists_of_the_structure_show(embedded, flux, tmp_path):
    headers, numero, content = flux
    siret = embedded.persona("fournisseur")["structures"][0]["siret"]
    address = f"{embedded.base_url}/api/v1/flux/{numero}"
    until(lambda: requests.get(address, headers=headers, timeout=60).json()["accepted"], 120, "the flux is taken in")
    target = tmp_path / "tout.zip"
    embedded.command("structures", "export", siret, "--output", str(target))
    assert target.stat().st_mode & 0o777 == 0o600
    with checked(target.read_bytes()) as archive:
        listed = requests.get(f"{embedded.base_url}/api/v1/factures/emises?limit=1000", headers=headers, timeout=60).json()
        issued = [each for each in indexed(archive, "invoices") if each["side"] == "issued"]
        assert {each["invoice_id"] for each in issued} == {each["invoice_id"] for each in listed["invoices"]}
        assert {each["gross"] for each in issued} == {each["gross"] or "" for each in listed["invoices"]}
        [deposit] = [each for each in indexed(archive, "flux") if each["numero_flux"] == numero]
        assert archive.read(deposit["path"]) == content
        originals = [each for each in indexed(archive, "invoice-files") if each["kind"] == "original"]
        assert content in [archive.read(each["path"]) for each in originals]
        people = {each["email"] for each in indexed(archive, "members")}
        assert {embedded.persona(key)["email"] for key in ("fournisseur", "fournisseur-comptable")} <= people
        assert indexed(archive, "habilitations") and indexed(archive, "history") and indexed(archive, "invoice-history")
    unknown = embedded.command("structures", "export", "00000000000000", "--output", str(tmp_path / "rien.zip"), check=False)
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (1, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["tout.zip"]


def test_the_gestionnaire_and_the_program_have_it_and_nobody_else(embedded, flux):
    headers, _, content = flux
    chief = Visitor.signed_in(embedded, "fournisseur")
    manage = chief.open(chief.open("/structures/").link("/structures/")).url.rstrip("/") + "/gestion"
    page = chief.open(chief.open(manage).link("Exporter toutes les données"))
    by_page = chief.session.get(page.link("export.zip"), timeout=120)
    structure_id = manage.split("/")[-2]
    address = f"{embedded.base_url}/api/v1/structures/{structure_id}/export"
    by_program = requests.get(address, headers=headers, timeout=120)
    for answer in (by_page, by_program):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
        with checked(answer.content) as archive:
            assert content in [archive.read(each["path"]) for each in indexed(archive, "invoice-files")]
    simple, stranger = (Visitor.signed_in(embedded, key) for key in ("fournisseur-comptable", "commune-gestionnaire"))
    assert simple.open(page.url).status == simple.open(page.link("export.zip")).status == 403
    assert stranger.open(page.url).status == stranger.open(page.link("export.zip")).status == 404
    foreign = address.replace(structure_id, "2")  # by its number on the portal
    assert requests.get(foreign, headers=headers, timeout=60).status_code == 404
    assert requests.get(address, timeout=60).status_code == 401
