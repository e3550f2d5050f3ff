"""Signatures of PDFs by those who were sent one: the page, the API, who may, and what hostile files do to neither."""

import base64

import pytest
from support import corpus
from support.signed_pdfs import Holder, a_pdf, altered, revised, signed

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGE, OPERATION = "/espaces/signature/verifier", "espaces/signature/verifications"
MARK = "Zibeline-XQ-1"


@pytest.fixture(scope="module")
def paper():
    return signed(a_pdf(), Holder(MARK, issuer=Holder("AC d'essai", authority=True)))


def sent(person, content, name="contrat.pdf"):
    page = person.open(PAGE)
    [field] = page.tree.xpath("//main//input[@type='file']/@name")
    [form] = [each for each in page.forms if each.xpath(".//input[@type='file']")]
    return person.submit(form, files={field: (name, content, "application/pdf")})


def asked(actor, content, language="fr"):
    return actor.ask("post", f"{OPERATION}?lang={language}", json={"content": base64.b64encode(content).decode()})


@pytest.mark.requirement("R282")
def test_a_signed_pdf_is_judged_alike_on_the_page_and_by_the_api_and_kept_nowhere(sandbox, paper):
    person, actor = sandbox.person("fournisseur"), sandbox.actor("fournisseur")
    tools = person.open("/domaines/outils")
    assert "/espaces/signature/" in tools.tree.xpath("string(//main)") + " ".join(tools.tree.xpath("//main//a/@href"))
    for content, verdict, words in (
        (a_pdf(), "unsigned", ["Aucune signature"]),
        (paper, "intact", ["Intègre, authenticité non vérifiée", "aucune autorité", "n'a pas été recherchée", f"CN={MARK},C=FR"]),
        (altered(paper), "broken", ["Altérée", "Altérés"]),
        (revised(paper), "changed", ["Modifié après la signature", "Pas tout le document"]),
    ):
        page = sent(person, content)
        assert page.status == 200
        assert [word for word in words if word not in page.main] == []
        answer = asked(actor, content)
        assert (answer.status_code, answer.json()["verdict"], answer.json()["revocation"]) == (200, verdict, "not-looked-up")
        assert answer.json()["text"] in page.main
    [signature] = asked(actor, paper, "en").json()["signatures"]
    assert (signature["intact"], signature["covers_whole_document"], signature["trust"]) == (True, True, "unknown-issuer")
    kept = [path for path in sandbox.installation.state.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]
    assert kept == []


@pytest.mark.requirement("R282")
def test_what_is_no_pdf_is_refused_alike_and_says_what_to_do(sandbox):
    person, actor = sandbox.person("fournisseur"), sandbox.actor("fournisseur")
    page, answer = sent(person, b"<Invoice/>"), asked(actor, b"<Invoice/>")
    assert (page.status, answer.status_code, answer.json()["code"]) == (422, 422, "invalid")
    assert answer.json()["detail"] in page.main
    assert "Choose the signed PDF itself" in asked(actor, b"<Invoice/>", "en").json()["detail"]


@pytest.mark.requirement("R282")
def test_a_structure_that_did_not_open_the_espace_is_refused(sandbox, paper):
    person = sandbox.person("agricultrice")
    assert person.open(PAGE).status == 403
    assert "/espaces/signature/" not in " ".join(person.open("/").tree.xpath("//nav//a/@href"))
    answer = asked(sandbox.actor("agricultrice"), paper)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.corpus
@pytest.mark.skipif(not corpus.SAMPLES.is_dir(), reason=corpus.ABSENT)
def test_no_hostile_pdf_keeps_the_page_from_answering(sandbox):
    person = sandbox.person("fournisseur")
    files = {name: path for name, (path, _) in corpus.hostile().items() if path.suffix == ".pdf"}
    assert files
    for name, path in files.items():
        page = sent(person, path.read_bytes(), name)
        assert page.status in (200, 422), name
        assert ("Aucune signature" in page.main) is (page.status == 200), name
        assert bool(page.tree.xpath("//main//*[@role='alert']")) is (page.status == 422), name
    assert person.open("/").status == 200
