"""A person in front of the pages, without a browser: forms are read from the page and sent back as a browser would."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import lxml.html
import requests

from support.installation import Installation

SECONDS = 60


class Page:
    """What came back."""

    def __init__(self, response: requests.Response) -> None:
        self.response, self.status, self.url = response, response.status_code, response.url
        is_html = "html" in response.headers.get("Content-Type", "") and response.text.strip()
        self.tree = lxml.html.fromstring(response.text, base_url=response.url) if is_html else None

    @property
    def text(self) -> str:
        """The words of the page, blanks squeezed."""
        return " ".join(self.tree.text_content().split()) if self.tree is not None else self.response.text

    @property
    def main(self) -> str:
        """The words of the page without its menu and footer."""
        [main] = self.tree.xpath("//main")
        return " ".join(main.text_content().split())

    @property
    def forms(self) -> list[lxml.html.FormElement]:
        return list(self.tree.forms) if self.tree is not None else []

    def form(self, action: str, **holding: str) -> lxml.html.FormElement:
        """The form whose address ends with ``action`` and that has, or offers, the values ``holding``."""
        fitting = [form for form in self.forms if (form.get("action") or self.url).split("#")[0].split("?")[0].endswith(action)]
        fitting = [form for form in fitting if all(value in offered(form, name) for name, value in holding.items())]
        assert fitting, (
            f"{self.url} has no form to {action} with {holding}: {[form.get('action') for form in self.forms]}"
        )
        return fitting[0]

    def offers(self, action: str, **holding: str) -> bool:
        try:
            self.form(action, **holding)
        except AssertionError:
            return False
        return True

    def link(self, containing: str) -> str:
        """The address of the first link of the content whose address or words contain this.

        Not of the header: its language switch repeats the whole address of the page, and so anything that was asked for.
        """
        for found in self.tree.xpath("//main//a[@href]"):
            if containing in found.get("href") or containing in " ".join(found.text_content().split()):
                return urljoin(self.url, found.get("href"))
        raise AssertionError(f"{self.url} has no link with {containing!r}: {self.main}")

    @property
    def timeline(self) -> list[str]:
        """The entries of the history, in the order of the page."""
        found = self.tree.xpath("//*[@id='historique' or @class='timeline' or contains(@class, 'timeline')]//li")
        return [" ".join(entry.text_content().split()) for entry in found]


def offered(form: lxml.html.FormElement, name: str) -> set[str]:
    """The values that a field has or lets one choose, buttons included."""
    values: set[str] = set()
    for field in form.xpath(f".//*[@name='{name}']"):
        values |= {option.get("value", option.text or "") for option in field.xpath(".//option")}
        if field.get("value") is not None:
            values.add(field.get("value"))
    return values


class Visitor:
    """One person, signed in or not; cookies are kept as a browser keeps them."""

    def __init__(self, installation: Installation) -> None:
        self.base_url, self.session = installation.base_url, requests.Session()

    @classmethod
    def signed_in(cls, installation: Installation, key: str) -> "Visitor":
        """The persona ``key`` of the demonstration, signed in."""
        visitor, persona = cls(installation), installation.persona(key)
        page = visitor.sign_in(persona["email"], persona["password"])
        assert page.status == 200, f"{key}: {page.status} {page.text}"
        return visitor

    def sign_in(self, email: str, password: str) -> Page:
        return self.submit(self.open("/connexion").form("/connexion"), email=email, password=password)

    def open(self, path: str, **query: str) -> Page:
        return Page(self.session.get(urljoin(self.base_url, path), params=query, timeout=SECONDS))

    def submit(
        self,
        form: lxml.html.FormElement,
        files: Mapping[str, Any] | list | None = None,
        without: tuple[str, ...] = (),
        **values: Any,
    ) -> Page:
        """Fill the form in and send it; ``without`` leaves fields out, as only an attacker would."""
        sent = {name: value for name, value in form.form_values() if name not in without} | values
        address = urljoin(form.base_url or self.base_url, form.get("action") or "")
        # Multipart where the form says so, even without a file.
        multipart = form.get("enctype") == "multipart/form-data"
        return Page(
            self.session.post(
                address, data=sent, files=files or ({"": ("", b"")} if multipart else None), timeout=SECONDS
            )
        )
