import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espaces import (
    Card,
    Finding,
    Health,
    Html,
    Label,
    Manifest,
    MessageTemplate,
    Page,
    PageContent,
    PageRequest,
)
from pupitre_espaces.testing import a_context, an_invoice

NAME = Label("Nom", "Name")


def a_manifest(**changes):
    return Manifest(**({"key": "essai", "label": NAME, "description": NAME} | changes))


@pytest.mark.parametrize(
    "key", ["", "Essai", "frais_de_port", "-a", "a-", "a--b", "é", "1a", "a b", "a/b", "x" * 51, None]
)
def test_a_key_that_is_not_kebab_case_is_refused(key):
    with pytest.raises(ValueError, match="key"):
        a_manifest(key=key)


@given(st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True))
def test_a_kebab_case_key_is_taken(key):
    assert a_manifest(key=key).key == key


@pytest.mark.parametrize("fr, en", [("", "x"), ("x", " "), (None, "x"), ("x", 1)])
def test_a_label_has_a_text_in_both_languages(fr, en):
    with pytest.raises(ValueError):
        Label(fr, en)


def test_a_label_is_french_when_the_language_is_unknown():
    assert (NAME.text("fr"), NAME.text("en"), NAME.text("de")) == ("Nom", "Name", "Nom")


@pytest.mark.parametrize(
    "changes",
    [
        {"structure_types": set()},
        {"structure_types": "private"},
        {"structure_types": {"private", "farm"}},
        {"label": "Nom"},
        {"by_default": "no"},
        {"api_version": "1"},
        {"api_version": "latest"},
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(changes):
    with pytest.raises(ValueError):
        a_manifest(**changes)


def test_a_manifest_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_manifest().key = "autre"


def test_the_body_of_a_page_is_text_unless_it_is_html():
    assert PageContent("t", "<b>").body == "&lt;b&gt;"
    assert PageContent("t", Html("<b>")).body == "<b>"
    assert isinstance(PageContent("t", "x").body, Html)


@pytest.mark.parametrize("status", [100, 204, 302, 600, "200"])
def test_a_page_has_no_status_that_only_the_portal_may_answer(status):
    with pytest.raises(ValueError):
        PageContent("t", "x", status)


@pytest.mark.parametrize("slug", ["", "A", "a/b", "../x", "a b"])
def test_a_slug_that_is_not_kebab_case_is_refused(slug):
    with pytest.raises(ValueError):
        Page(slug, NAME, print)


def test_a_page_needs_something_that_renders_it():
    with pytest.raises(ValueError, match="callable"):
        Page("a", NAME, "content")


def test_a_card_takes_labels_and_the_slug_of_a_page():
    assert Card(NAME, NAME).page is None
    with pytest.raises(ValueError):
        Card("Nom", NAME)


@pytest.mark.parametrize("changes", [{"severity": "fatal"}, {"rule": "a b"}, {"rule": ""}, {"message": "text"}])
def test_a_finding_that_makes_no_sense_is_refused(changes):
    with pytest.raises(ValueError):
        Finding(**({"rule": "r-1", "severity": "warning", "message": NAME, "remedy": NAME} | changes))


def test_an_ill_espace_says_what_it_suffers_from():
    with pytest.raises(ValueError):
        Health(ok=False)


def test_the_amount_of_an_invoice_is_never_a_float():
    with pytest.raises(ValueError, match="Decimal"):
        an_invoice(amount_due=120.0)
    assert an_invoice(amount_due=Decimal("0.10"), issue_date=date(2024, 1, 1)).amount_due == Decimal("0.10")


def test_a_check_cannot_change_the_terms_of_an_invoice():
    terms = {"BT-1": "F-1"}
    invoice = an_invoice(terms=terms)
    terms["BT-1"] = "F-2"
    assert invoice.terms["BT-1"] == "F-1"
    with pytest.raises(TypeError):
        invoice.terms["BT-1"] = "F-3"


def a_template(subject="{name}", body="{name} {date}", event_type="espace.opened.v1"):
    return MessageTemplate(event_type, Label(subject, subject), Label(body, body))


def test_a_message_is_rendered_with_the_values_of_the_event():
    rendered = a_template().render("fr", {"name": "Lille", "date": date(2024, 1, 2), "unused": 1})
    assert (rendered.subject, rendered.body) == ("Lille", "Lille 2024-01-02")


def test_a_missing_value_is_named():
    with pytest.raises(LookupError, match="date"):
        a_template().render("fr", {"name": "Lille"})


@given(st.text())
def test_a_value_never_breaks_the_line_of_the_subject(name):
    assert len(a_template().render("fr", {"name": name, "date": ""}).subject.splitlines()) <= 1


@pytest.mark.parametrize("body", ["{name.__class__}", "{name[0]}", "{}", "{0}", "{", "{a b}"])
def test_a_placeholder_is_a_plain_name(body):
    with pytest.raises(ValueError):
        a_template(body=body)


@pytest.mark.parametrize("spec", ["{name:{width}}", "{name!r}", "{name:>9999999999}"])
def test_a_placeholder_carries_no_format(spec):
    with pytest.raises(ValueError):
        a_template(body=spec)


@pytest.mark.parametrize("event_type", ["opened", "espace.opened", "espace.opened.v0", "Espace.opened.v1"])
def test_an_event_type_names_subject_fact_and_version(event_type):
    with pytest.raises(ValueError):
        a_template(event_type=event_type)


def test_a_link_is_the_address_of_the_portal_fit_for_an_attribute():
    request = PageRequest(a_context(), "CONSULTATION", lambda slug: f'/espaces/essai/{slug}?a=1&b="')
    assert request.link("tarif") == "/espaces/essai/tarif?a=1&amp;b=&quot;"
