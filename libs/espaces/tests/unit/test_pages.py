"""Pages with forms: who may send one, and what comes back."""

from types import SimpleNamespace

import pytest
from espace_kinds import NAME
from pupitre_espaces import (
    Asset,
    Download,
    Html,
    Manifest,
    Page,
    PageContent,
    PageRequest,
    PortRefused,
    Ports,
    Redirect,
    hookimpl,
)
from pupitre_espaces.host import EspaceSilent, PageUnknown
from pupitre_espaces.testing import a_context, a_host


def asked(profile="MODIFICATION", **form):
    return PageRequest(a_context(), profile, lambda slug: f"/espaces/essai/{slug}", form=form)


def hosting(*pages):
    plugin = SimpleNamespace()
    plugin.espace_manifest = hookimpl(lambda: Manifest("essai", NAME, NAME))
    plugin.espace_pages = hookimpl(lambda context: list(pages))
    return a_host(plugin)


def shown(request):
    return PageContent("Titre", "texte")


def test_a_form_is_answered_by_the_page_it_was_sent_to():
    host = hosting(Page("un", NAME, shown, submit=lambda request: Redirect("deux", {"q": request.form["q"]}, NAME)))
    answer = host.submit("essai", "un", asked(q="x"))
    assert (answer.slug, dict(answer.query), answer.message) == ("deux", {"q": "x"}, NAME)


def test_who_may_only_see_sends_only_what_is_open_to_readers():
    host = hosting(
        Page("un", NAME, shown, submit=shown),
        Page("deux", NAME, shown),
        Page("trois", NAME, shown, submit=shown, open_to_readers=True),
    )
    for slug in ("un", "deux"):
        with pytest.raises(PageUnknown):
            host.submit("essai", slug, asked("CONSULTATION"))
    with pytest.raises(PageUnknown):
        host.submit("essai", "deux", asked())
    assert host.submit("essai", "trois", asked("CONSULTATION")).title == "Titre"


@pytest.mark.parametrize("answer", [None, "texte", Html("<p>"), NAME])
def test_an_answer_of_another_kind_is_the_plugin_s_fault(answer):
    host = hosting(Page("un", NAME, lambda request: answer))
    with pytest.raises(EspaceSilent):
        host.page("essai", "un", asked())
    assert [each.kind for each in host.problems()] == ["wrong-answer"]


def test_a_page_without_measure_is_refused_and_the_portal_goes_on():
    host = hosting(Page("un", NAME, lambda request: PageContent("Titre", "x" * 2_000_001)), Page("deux", NAME, shown))
    with pytest.raises(EspaceSilent):
        host.page("essai", "un", asked())
    assert "at most 2000000 characters" in host.problems()[0].detail
    assert host.page("essai", "deux", asked()).title == "Titre"


@pytest.mark.parametrize("slug", ["demandes", "dossiers", "assets", "Un"])
def test_a_page_takes_no_address_of_the_portal(slug):
    with pytest.raises(ValueError):
        Page(slug, NAME, shown)


@pytest.mark.parametrize("name", ["", "a/b.csv", 'a".csv', "a\r\nb"])
def test_a_download_has_a_name_that_breaks_no_header(name):
    with pytest.raises(ValueError):
        Download(name, "text/csv", b"x")


@pytest.mark.parametrize("values", [("a/b.js", "text/javascript"), ("a.html", "text/html"), ("é.css", "text/css")])
def test_an_asset_is_a_file_of_a_known_type(values):
    with pytest.raises(ValueError):
        Asset(*values, b"x")


def test_a_port_that_the_host_does_not_lend_refuses_every_use():
    for port in (Ports().records, Ports().requests, Ports().invoices, Ports().flux):
        with pytest.raises(PortRefused) as refused:
            port.search("x")
        assert refused.value.code == "no-port"


def test_links_keep_what_the_address_holds_already():
    request = PageRequest(a_context(), "MODIFICATION", lambda slug: f"/espaces/essai/{slug}?structure=7")
    assert request.link("un") == "/espaces/essai/un?structure=7"
    assert request.link("un", {"q": "a&b"}) == "/espaces/essai/un?structure=7&amp;q=a%26b"
    assert request.link_to_new_request("piece") == "/espaces/essai/demandes/nouvelle?structure=7&amp;kind=piece"
    assert request.hidden_fields("un") == '<input type="hidden" name="structure" value="7">'
    assert asked().link("un", {"q": "é"}) == "/espaces/essai/un?q=%C3%A9"
    assert asked().hidden_fields("un") == ""


def test_a_link_to_a_new_request_holds_what_is_filled_in():
    link = asked().link_to_new_request(
        "piece", "A4", form={"marche": "M 1&2", "lot": ""}, parties={"moe": "21750001600019"}, services={"moe": "BATI"}
    )
    assert link == (
        "/espaces/essai/demandes/nouvelle?kind=piece&amp;cadre=A4&amp;form.marche=M+1%262&amp;"
        "party.moe=21750001600019&amp;service.moe=BATI"
    )


def test_a_link_to_a_new_request_keeps_the_structure_that_the_page_is_shown_for():
    request = PageRequest(a_context(), "MODIFICATION", lambda slug: f"/espaces/essai/{slug}?structure=3f1c")
    assert request.link_to_new_request("piece") == "/espaces/essai/demandes/nouvelle?structure=3f1c&amp;kind=piece"


def refuse(request):
    raise PortRefused("forbidden", "Refusé par le service.")


def test_the_platform_s_refusal_reaches_the_visitor_and_is_no_fault_of_the_plugin():
    host = hosting(Page("un", NAME, refuse, submit=refuse))
    for _ in range(6):
        with pytest.raises(PortRefused, match="Refusé par le service"):
            host.page("essai", "un", asked())
        with pytest.raises(PortRefused):
            host.submit("essai", "un", asked())
    assert host.problems() == []


def test_a_hook_that_lets_a_refusal_pass_gives_no_answer_and_is_asked_again():
    plugin = SimpleNamespace()
    plugin.espace_manifest = hookimpl(lambda: Manifest("essai", NAME, NAME))
    plugin.espace_cards = hookimpl(lambda context: refuse(context) and [])
    host = a_host(plugin)
    assert [host.call("espace_cards", context=a_context()) for _ in range(6)] == [[]] * 6
    assert host.problems() == []
