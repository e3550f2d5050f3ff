"""PDFs that the engine makes in a second, and what each costs: processor milliseconds, memory and size, in one warm process."""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pupitre_invoicing.engine import readable, report
from pupitre_invoicing.engine.limits import Policy
from pupitre_invoicing.engine.writing_facturx import facturx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import invoice_factory

WARM = 3
RUNS = {3: 100, 40: 40, 500: 5}
"""How often an invoice of so many lines is drawn, each time with another number."""


def measure() -> Iterator[str]:
    """Draw invoices as the readable PDF and as Factur-X, without the rules that judge the latter."""
    for count, runs in RUNS.items():
        lines = [invoice_factory.Line(f"Ramette de papier A4 80 g, blanc, carton de cinq, référence {each}") for each in range(count)]
        xml = invoice_factory.cii(lines=lines)
        invoice, _ = report.readable_invoice(xml, Policy())
        for kind in ("readable", "facturx"):
            for _ in range(WARM):
                _drawn(kind, invoice, xml)
            spent, began = time.process_time(), time.monotonic()
            for run in range(runs):
                made = _drawn(kind, invoice | {"number": f"FA-{run}"}, xml)
            spent, took = (time.process_time() - spent) / runs, (time.monotonic() - began) / runs
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield (
                f"{kind}, {count} lines: {1 / took:.1f} a second, {spent * 1000:.1f} ms of processor each, {len(made)} octets, "
                f"the process has had {memory:.0f} MiB"
            )


def _drawn(kind: str, invoice: dict, xml: bytes) -> bytes:
    return readable.pdf(invoice, "fr") if kind == "readable" else facturx(xml, invoice, "fr")
