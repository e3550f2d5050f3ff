"""An invoice as people read it, whatever its file holds."""

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pupitre_portal import invoice_view

NUMBERS = [f"BT-{n}" for n in (1, 22, 27, 35, 44, 46, 73, 81, 84, 106, 115, 126, 129, 131, 153)]
TEXTS = st.one_of(st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3), st.none(), st.integers())
GROUPS = st.lists(st.one_of(st.dictionaries(st.sampled_from(NUMBERS), TEXTS), st.text(max_size=3)), max_size=3)


def test_what_was_not_read_is_not_shown():
    readable = invoice_view.read({}, {"BT-1": "F-1", "BT-115": "10.00"})
    assert readable.totals == [("Net à payer", "10.00")]
    assert readable.seller.name is None
    assert readable.lines == []


def test_the_content_comes_before_the_report():
    assert invoice_view.read({"BT-1": "F-1", "BT-27": "Vrai"}, {"BT-27": "Autre"}).seller.name == "Vrai"
    assert invoice_view.read({"autre": 1}, {"BT-27": "Vrai"}).seller.name == "Vrai"


def test_terms_met_several_times_are_all_shown():
    assert invoice_view.read({}, {"BT-29": ["A", "B"]}).seller.identifier == "A, B"


@given(st.dictionaries(st.sampled_from([*NUMBERS, "BG-1", "BG-20", "BG-23", "BG-25"]), st.one_of(TEXTS, GROUPS)))
def test_no_terms_break_the_page(terms):
    with Flask(__name__).test_request_context():  # the language of means of payment is the request's
        readable = invoice_view.read(terms, terms)
    assert all(isinstance(text, str) for _, text in readable.totals + readable.payment)
