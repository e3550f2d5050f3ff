import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espaces.html import Html, escape

MARKUP = set("<>\"'")


@given(st.text(), st.text())
def test_no_markup_of_a_value_survives_format(first, second):
    shown = Html("{}|{b}").format(first, b=second)
    assert not MARKUP & set(shown)


@given(st.text())
def test_escaping_twice_is_escaping_once(text):
    assert escape(escape(text)) == escape(text)


@given(st.text())
def test_what_is_added_on_either_side_is_escaped(text):
    assert not MARKUP & set(Html("") + text)
    assert not MARKUP & set(text + Html(""))
    assert isinstance(text + Html(""), Html)


def test_html_inside_html_stays_html():
    assert Html("<p>{}</p>").format(Html("<b>x</b>")) == "<p><b>x</b></p>"
    assert Html("<p>{!s}</p>").format(Html("<b>x</b>")) == "<p><b>x</b></p>"


def test_a_format_and_a_conversion_are_obeyed_and_escaped():
    assert Html("{:>4}").format("<") == "   &lt;"
    assert Html("{!r}").format("<") == "&#x27;&lt;&#x27;"


def test_join_escapes_the_parts_that_are_text():
    assert Html(", ").join(["<i>", Html("<b>")]) == "&lt;i&gt;, <b>"


def test_the_percent_sign_is_refused_because_it_would_not_escape():
    with pytest.raises(TypeError, match=r"Html\.format"):
        Html("%s") % "<b>"


def test_markup_of_a_template_engine_is_recognised():
    class Markup(str):
        def __html__(self):
            return str(self)

    assert escape(Markup("<b>")) == "<b>"


def test_a_method_of_str_gives_text_which_is_escaped_again():
    assert escape(Html("<b>").upper()) == "&lt;B&gt;"
