"""What the portal lends to the pages of plugins: calls of the services in the visitor's name, bound to one espace and one structure.

The service that owns the data decides, and its refusal reaches the plugin as :class:`PortRefused` in the visitor's language. Nothing
here widens a question: what a plugin names is asked within its espace and structure, whatever else it names.
"""

import functools
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pupitre_contracts import errors, flux_report, habilitations, invoice_parties, invoicing
from pupitre_contracts import requests as calls
from pupitre_espaces import Amounts, Label, Party, PortRefused, Ports, RequestView, Structure, forms
from pupitre_espaces.ports import FluxFault, FluxView, InvoiceView, Member, Record, Verdict

from . import bus, files, kinds, request_words
from .errors import message
from .languages import current

#: What one question may bring, whatever the plugin asks for; and pages of a list that are walked to the last one seen.
MOST, DEEPEST = 200, 20
#: The side of the invoices that the structure is named to validate.
VALIDATING = "validating"
_RECEIVED = "MISE_A_DISPOSITION"
#: A habilitation that holds, and the profile that lets its user act.
_IN_FORCE, _ACTS = "VALIDE", "MODIFICATION"
#: Habilitations that are read to find the members: one has a line for each service.
_MOST_LINES = 1000


def lent(key: str, structure: Any) -> Ports:
    """Return the ports of one espace and structure for the rest of this request."""
    return Ports(
        records=Records(key, structure.structure_id),
        requests=Requests(key, structure),
        invoices=Invoices(key, structure.structure_id),
        flux=Flux(structure.structure_id),
        members=Members(key, structure.structure_id),
    )


def _refusing(method: Callable) -> Callable:
    """Have a refusal of a service reach the plugin as one of the port, in words for the visitor."""

    @functools.wraps(method)
    def guarded(*args: Any, **values: Any) -> Any:
        try:
            return method(*args, **values)
        except errors.PupitreError as error:
            raise PortRefused(error.code, message(error)) from error

    return guarded


class Records:
    """The documents that the espace keeps for the structure; invoicing keeps them."""

    def __init__(self, key: str, structure_id: uuid.UUID) -> None:
        self._of = {"espace": key, "structure_id": structure_id}

    @_refusing
    def get(self, collection: str, key: str) -> Record | None:
        try:
            return _record(bus.call_with(calls.GetRecord, {**self._of, "collection": collection, "key": key}).record)
        except errors.NotFound:
            return None

    @_refusing
    def put(self, collection: str, key: str, document: Mapping[str, Any], *, version: int | None = None) -> Record:
        values = {**self._of, "collection": collection, "key": key, "document": dict(document)}
        at = {} if version is None else {"version": version}
        return _record(bus.call_with(calls.PutRecord, {**values, **at}).record)

    @_refusing
    def delete(self, collection: str, key: str) -> None:
        bus.call_with(calls.DeleteRecord, {**self._of, "collection": collection, "key": key})

    @_refusing
    def search(self, collection: str, text: str = "", *, limit: int = 50, after: str = "") -> tuple[Record, ...]:
        asked = {name: value for name, value in (("text", text), ("after", after)) if value}
        found = bus.call(calls.SearchRecords, **self._of, collection=collection, limit=_most(limit), **asked)
        return tuple(_record(each) for each in found.records)


class Requests:
    """The requests of the espace in which the structure has a role."""

    def __init__(self, key: str, structure: Any) -> None:
        self._key, self._structure = key, structure

    @_refusing
    def search(
        self, *, kind: str = "", status: str = "", text: str = "", to_do: bool = False, limit: int = 50
    ) -> tuple[RequestView, ...]:
        found = self._asked(kind=kind, status=status, text=text, to_do=to_do, limit=_most(limit), with_form=True)
        return tuple(self._view(each) for each in found.requests)

    @_refusing
    def get(self, request_id: uuid.UUID) -> RequestView | None:
        try:
            found = bus.call(calls.GetRequest, request_id=request_id, language=current()).request
        except errors.NotFound:
            return None
        mine = any(each.structure_id == self._structure.structure_id and each.role in found.roles for each in found.parties)
        here = self._key == found.espace or any(each.espace == self._key for each in found.parties)
        return self._view(found) if mine and here else None

    @_refusing
    def count(self, *, kind: str = "", status: str = "", to_do: bool = False) -> int:
        return self._asked(kind=kind, status=status, to_do=to_do, limit=1).total

    def _asked(self, **asked: Any) -> Any:
        wanted = {name: value for name, value in asked.items() if value}
        return bus.call(calls.SearchRequests, espace=self._key, structure_id=self._structure.structure_id, **wanted)

    def _view(self, each: Any) -> RequestView:
        kind = kinds.find(each.espace, each.kind)
        kept = each.form or {}
        line = kind.line if kind else None
        return RequestView(
            id=each.request_id,
            number=each.number,
            espace=each.espace,
            kind=each.kind,
            cadre=each.cadre,
            status=each.status,
            status_label=request_words.labels_of(each),
            sent_at=each.sent_at,
            status_at=each.status_at,
            dossier=each.dossier_number,
            parties=_parties(each.parties),
            form=forms.load(kind.form, kept) if kind else kept,
            amounts=Amounts(each.net, each.vat, each.gross) if each.gross is not None else None,
            # Of a list nothing but the form comes.
            lines=tuple(forms.load(line, values) for values in each.values.get("lines") or ()) if line else (),
        )


class Invoices:
    """The ordinary invoices of the structure, on the side that is asked for; those that it validates are those that wait for it in this
    espace, or did."""

    def __init__(self, key: str, structure_id: uuid.UUID) -> None:
        self._key, self._structure_id = key, structure_id

    @_refusing
    def search(
        self, side: str, *, number: str = "", status: str = "", engagement: str = "", limit: int = 20
    ) -> tuple[InvoiceView, ...]:
        found = self._asked(side, number=number, statuses=[status] if status else [], engagement=engagement, page_size=_most(limit))
        return tuple(_invoice(each) for each in found.invoices)

    @_refusing
    def count(self, side: str, *, status: str = "") -> int:
        return self._asked(side, statuses=[status] if status else [], page_size=1).total

    @_refusing
    def get(self, invoice_id: uuid.UUID) -> InvoiceView | None:
        try:
            found = bus.call(invoicing.GetInvoice, invoice_id=invoice_id, language=current()).invoice
        except errors.NotFound:
            return None
        if self._structure_id not in (found.supplier_structure_id, found.recipient_structure_id):
            return None
        came = [each.at for each in found.history if each.status_to == _RECEIVED]
        return replace(_invoice(found), received_at=came[-1] if came else found.deposited_at)

    def _asked(self, side: str, **asked: Any) -> Any:
        wanted = {name: value for name, value in asked.items() if value}
        if side == VALIDATING:
            return bus.call(invoice_parties.SearchInvoicesOfRole, espace=self._key, structure_id=self._structure_id, **wanted)
        return bus.call(invoicing.SearchInvoices, side=side, structure_id=self._structure_id, **wanted)


class Members:
    """The users of the structure who have a habilitation in the espace; organisation says who may know."""

    def __init__(self, key: str, structure_id: uuid.UUID) -> None:
        self._of = {"espace": key, "structure_id": structure_id}

    @_refusing
    def all(self) -> tuple[Member, ...]:
        found = bus.call(habilitations.ListHabilitations, **self._of, page_size=_MOST_LINES).habilitations
        members: dict[str, Member] = {}
        for each in found:
            if each.standing == _IN_FORCE:
                acts = each.profile == _ACTS and each.structure_service_id is None
                known = members.get(str(each.user_id))
                members[str(each.user_id)] = Member(str(each.user_id), each.user_name, acts or (known is not None and known.may_act))
        return tuple(sorted(members.values(), key=lambda each: (each.name, each.id))[:MOST])


class Flux:
    """The flux that the structure deposited, and the check of one file."""

    def __init__(self, structure_id: uuid.UUID) -> None:
        self._structure_id = structure_id

    @_refusing
    def search(self, *, limit: int = 50, after: str = "") -> tuple[FluxView, ...]:
        size, seen = _most(limit), []
        # Flux are found by pages: the one after `after` is walked to, newest first, as far as a reader would go.
        for page in range(1, DEEPEST + 1):
            found = bus.call(invoicing.SearchFlux, structure_id=self._structure_id, page=page, page_size=size).flux
            seen += found
            begin = next((index for index, each in enumerate(seen, 1) if each.numero_flux == after), None) if after else 0
            is_last = len(found) < size
            if begin is not None and (is_last or len(seen) >= begin + size):
                return tuple(_flux(each) for each in seen[begin : begin + size])
            if is_last:
                break
        return ()

    @_refusing
    def faults(self, numero: str) -> tuple[FluxFault, ...]:
        asked = {"numero_flux": numero, "language": current(), "outcome": "refused", "page_size": MOST}
        found = bus.call(flux_report.ReadFluxReport, **asked)
        if found.flux.structure_id != self._structure_id:
            raise errors.NotFound(what=f"flux {numero}")
        technical = [each for each in found.flux.errors if each.technical]
        return tuple(_fault(each) for each in (*technical, *(fault for file in found.files for fault in file.errors)))

    @_refusing
    def check(self, name: str, content: bytes) -> Verdict:
        stored = files.store(name, content)
        asked = {"sha256": stored.sha256, "name": stored.name, "content_type": stored.mime, "language": current()}
        report = bus.call(invoicing.CheckFile, **asked).report
        findings = tuple((each.rule, each.severity, each.message, each.remedy or "") for each in report.findings)
        return Verdict(report.verdict, report.stage, report.format, report.profile, findings, report.terms)


def _most(limit: int) -> int:
    return max(1, min(int(limit), MOST))


def _record(each: Any) -> Record:
    return Record(each.collection, each.key, each.document, each.version, each.changed_at, each.changed_by)


def _parties(known: Iterable[Any]) -> tuple[Party, ...]:
    places: Counter[str] = Counter()
    found = []
    for each in known:
        places[each.role] += 1
        of = Structure(id=str(each.structure_id), siret=each.identifier, name=each.name, type=each.type or "private")
        found.append(Party(each.role, of, each.code_service, place=places[each.role]))
    return tuple(found)


def _invoice(each: Any) -> InvoiceView:
    return InvoiceView(
        id=each.invoice_id,
        number=each.number,
        cadre=each.cadre,
        status=each.status,
        status_label=Label(each.status_label_fr, each.status_label_en),
        issue_date=each.issue_date,
        supplier_name=each.supplier_name,
        recipient_name=each.recipient_name or "",
        engagement=each.engagement,
        currency=each.currency,
        gross=each.gross,
        portal_number=each.portal_number,
        code_service=each.code_service,
        supplier_siret=each.supplier_identifier,
        due_on=each.due_on,
    )


def _flux(each: Any) -> FluxView:
    return FluxView(
        each.numero_flux, each.state, each.syntaxe_flux, each.file_name, each.deposited_at, each.total, each.accepted, each.refused
    )


def _fault(each: Any) -> FluxFault:
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
