"""What is lent to the reaction of an espace of invoices and flux: those of one structure, read only, in nobody's name.

A structure reads here what it has open: what it issued and the flux that it deposited with *Factures émises*, what it received with
*Factures reçues*, and what it is named to validate in the espace that reacts.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from pupitre_contracts import errors, invoice_parties, organisation
from pupitre_contracts import invoicing as contract
from pupitre_espaces import PortRefused
from pupitre_espaces.ports import FluxFault, FluxView, InvoiceView, Verdict

from . import archives, espace_invoices, flux_report, party_queries, queries, searching, views
from .rights import ESPACE_OF_SIDE, ISSUED

#: What one question may bring, whatever the plugin asks for.
MOST = 200
#: The side of the invoices that the structure is named to validate.
VALIDATING = "validating"


class Invoices:
    """The ordinary invoices of the structure, on the side that is asked for."""

    def __init__(self, scope: Any, espace: str, structure: organisation.Structure) -> None:
        self._scope, self._espace, self._structure = scope, espace, structure

    def search(
        self, side: str, *, number: str = "", status: str = "", engagement: str = "", limit: int = 20
    ) -> tuple[InvoiceView, ...]:
        rows, _ = self._found(side, number=number, statuses=_statuses(status), engagement=engagement, page_size=most(limit))
        return tuple(espace_invoices.view(row, self._scope.resources.espaces) for row in rows)

    def get(self, invoice_id: uuid.UUID) -> InvoiceView | None:
        with self._scope.reading() as db:
            row = queries.invoice_row(db, invoice_id=invoice_id)
            if row is None or not self._sees(row):
                return None
            return espace_invoices.whole(db, row, self._scope.resources.espaces)

    def _sees(self, row: Mapping[str, Any]) -> bool:
        """Tell whether the structure issued or received it, and has open what that is seen in."""
        mine, opened = self._structure.structure_id, self._structure.espaces
        return any(row[f"{side}_structure_id"] == mine and ESPACE_OF_SIDE[side] in opened for side in ("supplier", "recipient"))

    def count(self, side: str, *, status: str = "") -> int:
        return self._found(side, statuses=_statuses(status), page_size=1)[1]

    def _found(self, side: str, **asked: Any) -> tuple[Any, int]:
        wanted = {name: value for name, value in asked.items() if value}
        mine = self._structure.structure_id
        try:
            if side == VALIDATING:
                request = invoice_parties.SearchInvoicesOfRole.Request(espace=self._espace, structure_id=mine, **wanted)
                with self._scope.reading() as db:
                    return party_queries.search(db, {self._espace: [mine]}, request)
            if side not in ESPACE_OF_SIDE:
                raise errors.Invalid(what="invoices", fields={"side": [f"{side} : inconnu / unknown"]})
            require_open(self._structure, ESPACE_OF_SIDE[side])
            request = contract.SearchInvoices.Request(side=side, structure_id=mine, **wanted)
            finished = archives.Finished(self._scope.resources.espaces)
            with self._scope.reading() as db:
                found = searching.search(db, request, {mine: None}, self._scope.clock.now(), finished)
            return found.rows, found.total
        except errors.Invalid as error:
            raise PortRefused(error.code, str(error)) from error


class Flux:
    """The flux that the structure deposited, and what is wrong with them; no file is checked for a reaction."""

    def __init__(self, scope: Any, structure: organisation.Structure, language: str) -> None:
        self._scope, self._structure, self._language = scope, structure, language

    def search(self, *, limit: int = 50, after: str = "") -> tuple[FluxView, ...]:
        require_open(self._structure, ISSUED)
        with self._scope.reading() as db:
            before = self._row(db, after) if after else None
            if after and before is None:
                return ()
            rows = queries.flux_after(db, self._structure.structure_id, before, most(limit))
            outcomes = queries.flux_outcomes(db, [row["flux_id"] for row in rows])
        return tuple(self._view(row, outcomes.get(row["flux_id"], {})) for row in rows)

    def faults(self, numero: str) -> tuple[FluxFault, ...]:
        require_open(self._structure, ISSUED)
        with self._scope.reading() as db:
            row = self._row(db, numero)
            if row is None:
                raise PortRefused(errors.NotFound.code, f"flux {numero}")
            refused = flux_report.refused_files(db, row["flux_id"], MOST)
        return tuple(_fault(each) for each in views.flux(row, {}, refused, self._language).errors)

    def check(self, name: str, content: bytes) -> Verdict:
        raise PortRefused("no-port", "no file is checked for a reaction: it reads what has happened")

    def _row(self, db: Any, numero: str) -> Mapping[str, Any] | None:
        row = queries.flux_row(db, numero_flux=numero)
        return row if row is not None and row["structure_id"] == self._structure.structure_id else None

    def _view(self, row: Mapping[str, Any], outcomes: Mapping[str, int]) -> FluxView:
        shown = views.flux(row, outcomes, (), self._language)
        return FluxView(
            shown.numero_flux,
            shown.state,
            shown.syntaxe_flux,
            shown.file_name,
            shown.deposited_at,
            shown.total,
            shown.accepted,
            shown.refused,
        )


def most(limit: int) -> int:
    """Return how many rows a question brings."""
    return max(1, min(int(limit), MOST))


def require_open(structure: organisation.Structure, espace: str) -> None:
    """Raise PortRefused unless the structure has an espace open: what it may not read itself, nothing reads for it."""
    if espace not in structure.espaces:
        raise PortRefused(errors.Forbidden.code, f"{structure.name}: {espace} n'est pas ouvert / is not open")


def _statuses(status: str) -> list[str]:
    return [status] if status else []


def _fault(each: contract.FluxError) -> FluxFault:
    return FluxFault(
        code=each.code or "",
        code_label=each.code_label or "",
        field=each.field or "",
        value=each.value or "",
        rule=each.rule,
        message=each.message,
        remedy=each.remedy or "",
        number=each.number,
        file=each.file,
    )
