"""Two suppliers and two public bodies: whatever one opens, searches, downloads or is mailed, nothing of the others is in it (RS-42).

Each invoice bears a number and a note that stand nowhere else. Everybody follows every link; then everybody opens every address
that any of the others has found.
"""

from dataclasses import dataclass, field

import pytest
from support import mailbox
from support.crawler import Crawler
from support.installation import until
from support.invoice_factory import NOTES
from support.machine import SETTLED, UBL, Machine
from support.story import Story
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MAIL_SECONDS = 120
#: In which field of the search a canary is looked for.
SEARCHED = {"number": ("number", "text"), "flux": ("flux",), "note": ("text",), "address": ("text",)}
GESTIONNAIRES = ("fournisseur", "traiteur", "commune-gestionnaire", "mediatheque-gestionnaire")


@dataclass
class Canary:
    """A word, whose it is, and where the thing that bears it was found."""

    word: str
    kind: str
    owners: set[str]
    seen_by: set[str] = field(default_factory=set)


@pytest.fixture
def story(own_installation):
    return Story(own_installation.start())


@pytest.fixture
def canaries(own_installation, story):
    """An invoice from each supplier to each body, and what only the two of them may read."""
    demo = own_installation
    strict = demo.public_structure(requires_service=True)
    code = next(each["code"] for each in strict["services"] if each["active"])
    demands = {"easy": {}, "strict": {"service": code, "engagement": "EJ-CRAWL"}}
    of = {"supplier": "fournisseur", "other_supplier": "traiteur", "easy": "mediatheque-gestionnaire", "strict": "commune-gestionnaire"}
    made = []
    for seller in ("supplier", "other_supplier"):
        machine = Machine.of(own_installation, getattr(story, seller).siret)
        for buyer, extra in demands.items():
            number, note = f"CANARI-{len(made)}-XQ", f"zibeline{len(made)}"
            parts = {"seller": getattr(story, seller), "buyer": getattr(story, buyer), "notes": (*NOTES, ("AAI", note)), **extra}
            numero = machine.deposit(story.invoice(number, **parts), f"{number}.xml", UBL)
            assert machine.settled(numero)["etatCourantDepotFlux"] == SETTLED[0]
            owners = {of[seller], of[buyer]}
            made += [Canary(number, "number", owners), Canary(note, "note", owners), Canary(numero, "flux", owners)]
    for persona in own_installation.demo["personas"]:
        if persona["key"] not in GESTIONNAIRES:  # their gestionnaires see them on the page of the users
            sirets = {each["siret"] for each in persona["structures"]}
            owners = {
                each["key"]
                for each in own_installation.demo["personas"]
                if each["key"] in GESTIONNAIRES and sirets & {structure["siret"] for structure in each["structures"]}
            }
            made.append(Canary(persona["email"], "address", owners))
    return made


def leaks(canaries, key, path, page):
    """The canaries in a page that ``key`` may not see, but for what the address asked for and the page echoes; what he may is noted."""
    body = f"{page.response.text}\n{page.response.headers}"
    found = [canary for canary in canaries if canary.word in body and canary.word not in path]
    for canary in found:
        canary.seen_by.add(key)
    return [canary.word for canary in found if key not in canary.owners]


@pytest.mark.requirement("RS-42")
def test_nobody_finds_anything_of_another_structure_by_links_addresses_searches_programs_or_mails(
    own_installation, story, canaries
):
    crawlers = {key: Crawler(Visitor.signed_in(own_installation, key)) for key in GESTIONNAIRES}
    leaked = []
    for key, crawler in crawlers.items():
        crawler.crawl()
        leaked += [(key, path, words) for path, page in crawler.found.items() if (words := leaks(canaries, key, path, page))]
    assert not leaked
    unseen = {canary.word: canary.owners - canary.seen_by for canary in canaries if not canary.owners <= canary.seen_by}
    assert not unseen, "the crawl must reach what its owners see, or it proves nothing"

    everything = {path for crawler in crawlers.values() for path in crawler.found}
    for key, crawler in crawlers.items():
        for path in sorted(everything - crawler.found.keys()):
            page = crawler.open(path)
            assert page.status < 500, (key, path)
            leaked += [(key, path, words)] if (words := leaks(canaries, key, path, page)) else []
    assert not leaked

    _searches_find_nothing(crawlers, canaries)
    _programs_find_nothing(own_installation, story, canaries)
    _mails_tell_nothing(own_installation, canaries)


def _searches_find_nothing(crawlers, canaries):
    """A search echoes what was asked for; what it lists are the rows of its table."""
    for key, crawler in crawlers.items():
        for canary in canaries:
            asked = [{name: canary.word, "onglet": "tout"} for name in SEARCHED[canary.kind]]
            pages = [crawler.visitor.open(address, **one) for one in asked for address in ("/factures-emises", "/factures-recues")]
            listed = " ".join(" ".join(page.tree.xpath("//main//table//text()")) for page in pages)
            if canary.kind == "number":
                assert (canary.word in listed) == (key in canary.owners), (key, canary.word)
            elif canary.kind == "flux" and key not in canary.owners:
                assert "CANARI" not in listed, (key, canary.word)
            assert canary.word not in listed or key in canary.owners, (key, canary.word)


def _programs_find_nothing(installation, story, canaries):
    of = {"fournisseur": story.supplier, "traiteur": story.other_supplier}
    for key, party in of.items():
        machine = Machine.of(installation, party.siret)
        listed = str(machine.issued())
        for canary in canaries:
            mine = key in canary.owners
            assert mine or canary.word not in listed, (key, canary.word)
            if canary.kind == "number":
                assert bool(machine.issued(numeroFacture=canary.word)) == mine, (key, canary.word)
            if canary.kind == "flux":
                assert bool(machine.issued(numeroFluxDepot=canary.word)) == mine, (key, canary.word)
                for path in ("transverses/v1/consulterCR", "transverses/v1/consulterCRDetaille"):
                    answer = machine.post(path, {"numeroFluxDepot": canary.word})
                    assert (answer.status_code == 200 and answer.json()["codeRetour"] == 0) == mine, (key, path, canary.word)


def _mails_tell_nothing(installation, canaries):
    personas = installation.demo["personas"]
    numbers = [canary for canary in canaries if canary.kind == "number"]
    for canary in numbers:
        until(lambda word=canary.word: mailbox.about(installation.state, word), MAIL_SECONDS, f"mails about {canary.word}")
    gestionnaire_of = {
        persona["email"]: {each["key"] for each in personas if each["key"] in GESTIONNAIRES and each["structures"] == persona["structures"]}
        for persona in personas
    }
    for mail in mailbox.mails(installation.state):
        readers = gestionnaire_of.get(mail["To"], set())
        text = f"{mail['Subject']} {mail.get_body(('plain', 'html')).get_content()}"
        assert not [canary.word for canary in canaries if canary.word in text and not readers & canary.owners], mail["To"]
