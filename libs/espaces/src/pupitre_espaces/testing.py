"""The kit for authors of espaces: contexts to call hooks with, a host to load them in, and one check of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from .commands import CommandCall, left_out, lines
from .context import EspaceContext, Structure, User
from .discovery import Source
from .hooks import HOOKS, KINDS, Kind
from .host import PASSAGES, EspaceSilent, Host
from .operations import OperationRequest
from .pages import PageRequest, Profile
from .ports import InvoiceView, PortRefused
from .problems import Problem
from .testing_ports import memory_ports
from .values import LANGUAGES, DepositedInvoice, Label, Language


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)) -> None:
        self.time = now

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.time


def a_structure(**changes: Any) -> Structure:
    """Return a structure, private unless told otherwise."""
    values = {"id": "3f1c", "siret": "12345678200010", "name": "Atelier Duval", "type": "private"}
    return Structure(**(values | changes))


def a_context(language: Language = "fr", **changes: Any) -> EspaceContext:
    """Return a context for a user of `a_structure()`."""
    values = {"structure": a_structure(), "user": User("7a2e", "Camille Duval"), "clock": FixedClock()} | changes
    values.setdefault("ports", memory_ports(values["clock"]))
    return EspaceContext(language=language, **values)


def a_request(
    key: str,
    language: Language = "fr",
    profile: Profile = "MODIFICATION",
    query: dict[str, str] | None = None,
    **changes: Any,
) -> PageRequest:
    """Return a request of a page of the espace `key`; `changes` go to the context."""
    return PageRequest(a_context(language, **changes), profile, _addresses_of(key), query or {})


def an_invoice(**changes: Any) -> DepositedInvoice:
    """Return a deposited invoice with every value filled in."""
    values: dict[str, Any] = {
        "number": "F-2024-17",
        "cadre": "A1",
        "issue_date": date(2024, 3, 14),
        "currency": "EUR",
        "amount_due": Decimal("120.00"),
        "seller_siret": "12345678200010",
        "recipient_siret": "21750001600019",
        "code_service": "VOIRIE",
        "engagement": "E-88",
        "terms": {"BT-1": "F-2024-17", "BT-13": "E-88"},
    }
    return DepositedInvoice(**(values | changes))


def a_received_invoice(**changes: Any) -> InvoiceView:
    """Return an invoice as `espace_passages` sees it: received, with every value filled in."""
    values: dict[str, Any] = {
        "id": UUID(int=17),
        "number": "F-2024-17",
        "cadre": "A1",
        "status": "MISE_A_DISPOSITION",
        "status_label": Label("Mise à disposition du destinataire", "Made available to the recipient"),
        "issue_date": date(2024, 3, 14),
        "supplier_name": "Fournitures du Quai",
        "recipient_name": "Atelier Duval",
        "engagement": "E-88",
        "currency": "EUR",
        "gross": Decimal("120.00"),
        "portal_number": 17,
        "code_service": "VOIRIE",
        "supplier_siret": "90000001000012",
        "due_on": date(2024, 4, 14),
        "received_at": datetime(2024, 3, 15, 9, 30, tzinfo=UTC),
    }
    return InvoiceView(**(values | changes))


def a_host(plugin: Any, kind: Kind = "portal", **options: Any) -> Host:
    """Return a host with this plugin alone: a module, an instance or a `Source`."""
    source = plugin if isinstance(plugin, Source) else Source.of(plugin)
    return Host(kind, plugins=[source], discover=False, **options)


def operate(
    plugin: Any,
    operation: str,
    sent: Mapping[str, Any] | None = None,
    *,
    path: Mapping[str, str] | None = None,
    language: Language = "fr",
    **changes: Any,
) -> dict[str, Any]:
    """Return what an operation of the plugin gives a program, as JSON: `sent` is what its schema reads, `path` what stands in its address,
    and `changes` go to the context. Raises InputRefused, PortRefused, or AssertionError with what is wrong with the plugin."""
    host = a_host(plugin)
    found = [(key, each) for key, operations in host.operations().items() for each in operations if each.key == operation]
    if not found:
        raise AssertionError(host.problems() or f"no operation {operation}")
    [(key, wanted)] = found
    try:
        return host.operate(key, wanted, OperationRequest(a_context(language, **changes), path or {}), sent or {})
    except EspaceSilent as silent:
        raise AssertionError(host.problems()) from silent


def run_command(
    plugin: Any, command: str, options: Mapping[str, Any] | None = None, *, by: str = "Camille Duval", **changes: Any
) -> list[str]:
    """Return the lines that a command of the plugin prints: `options` by name, as the command line would read them; `changes` go to the
    context of a command that works for a structure. Raises what the command raises, or AssertionError with what is wrong with the plugin.
    """
    host = a_host(plugin)
    found = [each for commands in host.commands().values() for each in commands if each.key == command]
    if not found:
        raise AssertionError(host.problems() or f"no command {command}")
    [wanted] = found
    values, given = left_out(wanted), dict(options or {})
    missing = {each.name for each in wanted.options if each.required} - set(given)
    if missing or set(given) - set(values):
        raise AssertionError(f"{command} has the options {sorted(values)}, and wants {sorted(missing)}")
    context = a_context("en", user=None, **changes)
    return [*lines(wanted, CommandCall(by, context.clock, values | given, context if wanted.for_structure else None))]


def problems_of(plugin: Any, **options: Any) -> list[Problem]:
    """Load the plugin in every kind of host, call all its hooks and pages in both languages; return what went wrong.

    An espace without problems gives an empty list: `assert problems_of(my_plugin) == []`.
    """
    return [problem for kind in KINDS for problem in _exercise(a_host(plugin, kind, **options))]


def _addresses_of(key: str) -> Callable[[str], str]:
    return lambda slug: f"/espaces/{key}/{slug}"


def _exercise(host: Host) -> list[Problem]:
    for installed in host.catalogue():
        for structure_type in sorted(installed.manifest.structure_types):
            for context in (a_context(language, structure=a_structure(type=structure_type)) for language in LANGUAGES):
                for hook, arguments in _calls(host.kind, context):
                    host.call(hook, **arguments)
                if "espace_pages" in installed.hooks and host.kind == "portal":
                    _visit(host, installed.key, context)
        host.health()
    return host.problems()


def _calls(kind: Kind, context: EspaceContext) -> Iterator[tuple[str, dict[str, Any]]]:
    given = {"context": context, "invoice": an_invoice(), "structure": context.structure, "at": context.clock.now()}
    of_passages = {"invoice": a_received_invoice(), "status_to": "MANDATEE"}
    for hook in HOOKS.values():
        if kind in hook.hosts:
            values = given | of_passages if hook.name == PASSAGES else given
            yield hook.name, {name: values[name] for name in hook.arguments}


def _visit(host: Host, key: str, context: EspaceContext) -> None:
    try:
        for page in host.pages(key, context):
            with suppress(PortRefused):  # this context lends no ports
                host.page(key, page.slug, PageRequest(context, "CONSULTATION", _addresses_of(key)))
    except EspaceSilent:
        pass  # what went wrong is among the host's problems
