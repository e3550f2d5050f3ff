"""Our own espaces stay under the budget of port calls, however much there is for their user to see."""

import contextlib
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import metadata

import pytest
from pupitre_espaces import Label, Ports, RequestView, forms
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host, PageUnknown
from pupitre_espaces.operations import InputRefused, OperationRequest
from pupitre_espaces.ports import FluxFault, FluxView, InvoiceView, Record
from pupitre_espaces.testing import a_context, a_request, a_structure
from pupitre_espaces.watching import PORT_CALLS

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
OURS = sorted(
    (each for each in metadata.entry_points(group="pupitre.espaces") if each.dist.name.startswith("pupitre-espace-")),
    key=lambda each: each.name,
)
#: Those that show the same to everybody, or what they are given alone.
ASK_NOTHING = ("bonjour", "dume", "signature")
_SAMPLES = {"text": "x", "number": Decimal(1), "money": Decimal("1.00"), "date": date(2026, 11, 2), "tick": True}


_STEPS = [{"validators": [{"id": "7a2e", "name": "Camille Duval"}], "by": None, "at": None}]
#: Documents of collections whose pages read more than figures.
_KEPT = {
    "regles": {
        "code_service": None, "from_amount": "1000.00", "supplier_siret": None, "steps": [_STEPS[0]["validators"]],
        "since": "2026-11-01T08:00:00+00:00", "made_by": "Camille Duval", "until": None, "ended_by": None,
    },
    "factures": {
        "invoice_id": str(uuid.UUID(int=1)), "number": "F-1", "supplier": "A", "supplier_siret": None, "code_service": None,
        "currency": "EUR", "gross": "1.00", "due_on": "2026-12-01",
        "status": "MISE_A_DISPOSITION", "status_fr": "Mise à disposition", "status_en": "Available",
        "received_at": "2026-11-01T08:00:00+00:00", "rule": "regle-0001", "rule_fr": "règle 1", "rule_en": "rule 1", "steps": _STEPS,
        "state": "etat-attente", "acts": [],
    },
}  # fmt: skip


class _Full:
    """A port of a structure that has as much as anybody asks for."""

    def __init__(self, one):
        self._one = one

    def search(self, *asked, limit=50, **values):
        return tuple(self._one(number, *asked, **values) for number in range(limit))

    def get(self, *asked):
        return self._one(0, *asked)

    def count(self, *asked, **values):
        return 1000

    def faults(self, numero):
        return (FluxFault("F-1", "Faute", "BT-1", "x", "PUP-X", "Faux.", "Corrigez.", "F-1", "f.xml"),) * 50

    def put(self, collection, key, document, *, version=None):
        return _record(0, collection)


def _record(number, collection, *asked, **values):
    document = _KEPT.get(collection) or dict.fromkeys(("flux", "accepted", "refused", "up", "down"), 1)
    return Record(collection, f"2026-{number % 12 + 1:02d}", document, 1, NOW, "Camille Duval")


def _invoice(number, *asked, **values):
    label = Label("Déposée", "Submitted")
    return InvoiceView(uuid.UUID(int=number), f"F-{number}", "A1", "DEPOSEE", label, NOW.date(), "A", "B", "E-1", "EUR", Decimal("1.00"))


def _flux(number, *asked, **values):
    return FluxView(f"CPP{number}", "IN_REJETE", "IN_DP_E1_UBL_INVOICE", "f.xml", NOW, 1, 0, 1)


def _requests(host):
    """Return a maker of requests of the espace's own kinds, with every field of their forms filled in."""
    kinds = list(host.kinds().items())

    def one(number, *asked, kind="", **values):
        if not kinds:
            return None
        (espace, key), found = next((each for each in kinds if each[0][1] == kind), kinds[number % len(kinds)])
        form = {each.name: next(iter(each.choices)) if each.choices else _SAMPLES[each.shape] for each in forms.describe(found.form)}
        cadre, status, label = found.cadres[0].code, "PRIS_EN_COMPTE", Label("Pris en compte", "Taken")
        return RequestView(uuid.UUID(int=number), f"D-{number}", espace, key, cadre, status, label, NOW, NOW, "D-1", (), form)

    return one


def visited(host, key, context):
    """Open every page, card, bubble and operation of an espace."""
    for hook in ("espace_cards", "espace_bubble"):
        host.call(hook, [key], context=context)
    try:
        pages = host.pages(key, context)
    except PageUnknown:
        pages = ()
    values = {name: getattr(context, name) for name in ("structure", "user", "clock", "ports")}
    for page in pages:
        assert host.page(key, page.slug, a_request(key, context.language, **values)) is not None
    for operation in host.operations().get(key, ()):
        path = dict.fromkeys(operation.parameters, "2026")
        with contextlib.suppress(InputRefused):  # what it wants to be sent is its own
            host.operate(key, operation, OperationRequest(context, path), {})


@pytest.mark.parametrize("type_", ["private", "public"])
@pytest.mark.parametrize("entry", OURS, ids=lambda each: each.name)
def test_every_answer_of_ours_stays_under_the_budget(entry, type_):
    calls = []
    source = Source(entry.name, entry.dist.name, entry.dist.version, entry.load)
    host = Host("portal", plugins=[source], discover=False, tracer=calls.append, deadline=20)
    ports = Ports(_Full(_record), _Full(_requests(host)), _Full(_invoice), _Full(_flux))
    for language in ("fr", "en"):
        context = a_context(language, structure=a_structure(type=type_), ports=ports)
        visited(host, entry.name, context)
    assert host.problems() == []
    asked = [each.port_calls for each in calls]
    assert (entry.name in ASK_NOTHING) == (max(asked) == 0)
    assert max(asked) <= PORT_CALLS * 3 // 4
