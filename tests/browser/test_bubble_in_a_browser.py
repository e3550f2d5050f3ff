"""The bubble of an espace in a real browser: it opens, keeps what was said from page to page, is reduced, enlarged and moved."""

import pytest
from selenium.webdriver.common.keys import Keys

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)
QUESTION = "Comment déposer une facture ?"


def _supplier(story):
    return next(each["key"] for each in story.people(story.supplier) if each["role"] == "GP")


def _panel(somebody):
    return somebody.find("#bulle-panneau")


def _does(somebody, what):
    return somebody.find(f"#bulle-panneau [data-does='{what}']")


def _asked(somebody):
    """Open the bubble and ask something; return what stands in the panel then."""
    somebody.find("#bulle").click()
    somebody.find(".bubble-body [name='text']").send_keys(QUESTION)
    somebody.find(".bubble-body .input-group button[type='submit']").click()
    somebody.until(lambda _: QUESTION in somebody.find(".bubble-body").text, "the answer in the panel")
    return somebody.find(".bubble-body").text


@pytest.mark.requirement("R255")
@embedded
def test_the_bubble_keeps_its_conversation_from_page_to_page(at_a_desk, story):
    somebody, _ = at_a_desk
    somebody.sign_in(_supplier(story))
    somebody.open("/domaines")
    said = _asked(somebody)
    assert somebody.driver.current_url.endswith("/domaines")

    somebody.open("/mon-compte")
    assert _panel(somebody).is_displayed()
    assert somebody.find(".bubble-body").text == said

    _does(somebody, "reduce").click()
    assert not _panel(somebody).is_displayed()
    somebody.open("/domaines")
    assert not _panel(somebody).is_displayed()
    somebody.find("#bulle").click()
    assert somebody.find(".bubble-body").text == said

    narrow = _panel(somebody).size["width"]
    _does(somebody, "size").click()
    assert _panel(somebody).size["width"] > narrow
    left = _panel(somebody).location["x"]
    _does(somebody, "move").send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert _panel(somebody).location["x"] == left - 40
    somebody.picture("bubble-open")


def _last_answer_is_in_view(somebody):
    """Whether the beginning of what was answered last is inside the panel, and there was something to scroll."""
    return somebody.driver.execute_script(
        "const body = document.querySelector('.bubble-body'), last = [...body.querySelectorAll('[data-last]')].pop().parentElement;"
        "const from = body.getBoundingClientRect(), at = last.getBoundingClientRect();"
        "return body.scrollHeight > body.clientHeight && body.scrollTop > 0 && at.top >= from.top - 1 && at.top < from.bottom"
    )


@pytest.mark.requirement("R255")
@embedded
def test_the_bubble_shows_the_last_answer_on_the_next_page_and_when_it_is_opened_again(at_a_desk, story):
    somebody, _ = at_a_desk
    somebody.sign_in(_supplier(story))
    somebody.open("/domaines")
    _asked(somebody)
    for _ in range(2):
        before = len(somebody.driver.find_elements("css selector", ".bubble-body .assistant-talk > li"))
        somebody.find(".bubble-body [name='text']").send_keys(QUESTION)
        somebody.find(".bubble-body .input-group button[type='submit']").click()
        said = ".bubble-body .assistant-talk > li"
        somebody.until(lambda driver: len(driver.find_elements("css selector", said)) > before, "one answer more")  # noqa: B023
    somebody.until(lambda _: _last_answer_is_in_view(somebody), "the last answer in view")
    somebody.open("/mon-compte")
    somebody.until(lambda _: _last_answer_is_in_view(somebody), "the last answer in view on the next page")
    _does(somebody, "reduce").click()
    somebody.open("/domaines")
    somebody.find("#bulle").click()
    somebody.until(lambda _: _last_answer_is_in_view(somebody), "the last answer in view once opened again")
    somebody.picture("bubble-last-answer")


@embedded
def test_the_bubble_fits_a_telephone(with_a_telephone, story):
    somebody = with_a_telephone
    somebody.sign_in(_supplier(story))
    somebody.open("/domaines")
    _asked(somebody)
    wide = somebody.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1]
    place = _panel(somebody).rect
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= wide[1]
    somebody.picture("bubble-telephone")
