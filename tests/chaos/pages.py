"""People at the pages, who move invoices where no program can: in the embedded run the bus is inside the process that is killed."""

import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import eventlet
import lxml.html
import requests
from support.visitor import SECONDS, Page, Visitor

from .clients import BY_SUPPLIER, UNKNOWN_BELOW_500, WITH_MOTIVE, GaveUp, Repeating
from .journal import FAILED, OK, UNKNOWN

MOTIVE = "Motif de l'essai"
#: A page is opened and a form sent, each within the visitor's patience.
MOVE_SECONDS = 2 * SECONDS
FIND_SECONDS = 120
_SIDES = {True: "/factures-emises/", False: "/factures-recues/"}


class PageClient:
    """One signed-in person, who sends a form again as it was first shown: under the same key, for the same version."""

    def __init__(self, base_url: str, person: dict[str, str], repeating: Repeating) -> None:
        self._visitor = Visitor(SimpleNamespace(base_url=base_url))
        self._person, self._repeating = person, repeating

    def move(self, number: str, to: str, patient: bool) -> None:
        """Move the invoice of this number, as soon as the lists show it. Raises GaveUp and Refused as all clients do."""
        address = self._address(number, to)
        words = {"comment": MOTIVE} if to == "COMPLETEE" else {"to": to, "motive": MOTIVE if to in WITH_MOTIVE else ""}
        shown: list[lxml.html.FormElement] = []

        def attempt() -> tuple[str, str, Any]:
            try:
                if not shown:
                    shown.append(self._form(address, to))
                return self._outcome(self._visitor.submit(shown[0], **words))
            except (requests.RequestException, _NotShown) as error:
                return UNKNOWN, type(error).__name__, ""
            except AssertionError as error:
                return FAILED, "not-offered", str(error)

        self._repeating.run(
            attempt, kind="move", key=f"{number}-{to}", numbers=(number,), to=to, limit=MOVE_SECONDS, patient=patient
        )

    def _address(self, number: str, to: str) -> str:
        """Where the invoice is, once its flux has been processed."""
        listing = _SIDES[to in BY_SUPPLIER]
        deadline = time.monotonic() + FIND_SECONDS
        while True:
            try:
                page = self._open(listing, onglet="tout", number=number)
                return next(urljoin(page.url, each.get("href")) for each in page.tree.xpath("//main//a") if each.text == number)
            except (requests.RequestException, _NotShown, StopIteration):
                if time.monotonic() > deadline or self._repeating.over:
                    raise GaveUp(f"{number} is not in {listing}") from None
                eventlet.sleep(0.5)

    def _form(self, address: str, to: str) -> lxml.html.FormElement:
        page = self._open(address)
        return page.form("/complement") if to == "COMPLETEE" else page.form("/statut", to=to)

    def _open(self, path: str, **query: str) -> Page:
        page = self._visitor.open(path, **query)
        if "/connexion" in page.url:
            self._visitor.sign_in(self._person["email"], self._person["password"])
            page = self._visitor.open(path, **query)
        if page.status != 200 or "/connexion" in page.url:
            raise _NotShown
        return page

    @staticmethod
    def _outcome(page: Page) -> tuple[str, str, Any]:
        if page.status == 200 and "/connexion" not in page.url:
            return OK, "", ""
        unsure = page.status >= 500 or page.status in UNKNOWN_BELOW_500 or page.status == 200
        return (UNKNOWN if unsure else FAILED), str(page.status), "" if unsure else page.main[:500]


class _NotShown(Exception):
    """The page could not be had."""
