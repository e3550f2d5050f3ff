"""The nameko entrypoints of invoicing."""

# The first import makes the process green; everything after it may open sockets.
import pupitre_bus.patch  # noqa: F401

from collections.abc import Sequence
from typing import Any

from pupitre_bus import Service, every, on_event, rpc
from pupitre_bus.guests import for_guests
from pupitre_bus.scope import Received
from pupitre_contracts import flux_report as flux_report_contract
from pupitre_contracts import invoice_files, invoice_parties
from pupitre_contracts import invoice_search as search
from pupitre_contracts import invoicing as contract
from pupitre_contracts import invoicing_entry as entry
from pupitre_contracts import requests as asking
from pupitre_contracts import retention as keeping
from pupitre_contracts import structure_export as everything

from . import (
    citing,
    eliminating,
    entries,
    entry_confirming,
    entry_files,
    entry_pdf,
    flux,
    flux_report,
    formats_out,
    mass,
    moves,
    originals,
    party_queries,
    processing,
    public_events,
    queries,
    reactions,
    records,
    reminders,
    request_moving,
    request_reading,
    request_saving,
    request_sending,
    request_timers,
    resources,
    retention,
    returns,
    right_to_act,
    structure_export,
    role_invoices,
    use_cases,
    validating,
)


class InvoicingService(Service):
    """Owns invoices, flux and their history."""

    name = "invoicing"
    package = "pupitre_invoicing"
    admission = right_to_act.RIGHTS

    @staticmethod
    def build_resources(settings: Any) -> resources.Resources:
        return resources.build(settings)

    @rpc(contract.CheckFile)
    def check_file(self, request: contract.CheckFile.Request, scope: Any) -> contract.CheckFile.Reply:
        return use_cases.check_file(request, scope)

    @rpc(contract.PrepareInvoice)
    def prepare_invoice(self, request: contract.PrepareInvoice.Request, scope: Any) -> contract.PrepareInvoice.Reply:
        return use_cases.prepare_invoice(request, scope)

    @rpc(contract.SendInvoice)
    def send_invoice(self, request: contract.SendInvoice.Request, scope: Any) -> contract.SendInvoice.Reply:
        return use_cases.send_invoice(request, scope)

    @rpc(contract.DeleteDraft)
    def delete_draft(self, request: contract.DeleteDraft.Request, scope: Any) -> contract.DeleteDraft.Reply:
        return use_cases.delete_draft(request, scope)

    @rpc(contract.SearchInvoices)
    def search_invoices(self, request: contract.SearchInvoices.Request, scope: Any) -> contract.SearchInvoices.Reply:
        return use_cases.search_invoices(request, scope)

    @rpc(invoice_parties.SearchInvoicesOfRole)
    def search_invoices_of_role(
        self, request: invoice_parties.SearchInvoicesOfRole.Request, scope: Any
    ) -> invoice_parties.SearchInvoicesOfRole.Reply:
        return role_invoices.search(request, scope)

    @rpc(search.OriginalFiles)
    def original_files(self, request: search.OriginalFiles.Request, scope: Any) -> search.OriginalFiles.Reply:
        return originals.original_files(request, scope)

    @rpc(contract.GetInvoice)
    def get_invoice(self, request: contract.GetInvoice.Request, scope: Any) -> contract.GetInvoice.Reply:
        return use_cases.get_invoice(request, scope)

    @rpc(contract.DocumentFile)
    def document_file(self, request: contract.DocumentFile.Request, scope: Any) -> contract.DocumentFile.Reply:
        return use_cases.document_file(request, scope)

    @rpc(invoice_files.ExportInvoice)
    def export_invoice(
        self, request: invoice_files.ExportInvoice.Request, scope: Any
    ) -> invoice_files.ExportInvoice.Reply:
        return formats_out.export_invoice(request, scope)

    @rpc(everything.ExportInvoices)
    def export_invoices(self, request: everything.ExportInvoices.Request, scope: Any) -> everything.ExportInvoices.Reply:
        return structure_export.export_invoices(request, scope)

    @rpc(everything.ExportFlux)
    def export_flux(self, request: everything.ExportFlux.Request, scope: Any) -> everything.ExportFlux.Reply:
        return structure_export.export_flux(request, scope)

    @rpc(everything.ExportRequests)
    def export_requests(self, request: everything.ExportRequests.Request, scope: Any) -> everything.ExportRequests.Reply:
        return structure_export.export_requests(request, scope)

    @rpc(everything.ExportRecords)
    def export_records(self, request: everything.ExportRecords.Request, scope: Any) -> everything.ExportRecords.Reply:
        return structure_export.export_records(request, scope)

    @rpc(contract.CountWork)
    def count_work(self, request: contract.CountWork.Request, scope: Any) -> contract.CountWork.Reply:
        return use_cases.count_work(request, scope)

    @rpc(contract.PartnersOfStructure)
    def partners_of_structure(self, request: contract.PartnersOfStructure.Request, scope: Any) -> contract.PartnersOfStructure.Reply:
        return use_cases.partners_of_structure(request, scope)

    @rpc(contract.VerifyHistory)
    def verify_history(self, request: contract.VerifyHistory.Request, scope: Any) -> contract.VerifyHistory.Reply:
        return use_cases.verify_history(request, scope)

    @rpc(contract.MoveInvoice)
    def move_invoice(self, request: contract.MoveInvoice.Request, scope: Any) -> contract.MoveInvoice.Reply:
        return moves.move_invoice(request, scope)

    @rpc(contract.RecycleInvoice)
    def recycle_invoice(self, request: contract.RecycleInvoice.Request, scope: Any) -> contract.RecycleInvoice.Reply:
        return moves.recycle_invoice(request, scope)

    @rpc(contract.ProcessInvoices)
    def process_invoices(self, request: contract.ProcessInvoices.Request, scope: Any) -> contract.ProcessInvoices.Reply:
        return mass.process_invoices(request, scope)

    @rpc(contract.ListReturns)
    def list_returns(self, request: contract.ListReturns.Request, scope: Any) -> contract.ListReturns.Reply:
        return returns.list_returns(request, scope)

    @rpc(contract.AcknowledgeReturns)
    def acknowledge_returns(self, request: contract.AcknowledgeReturns.Request, scope: Any) -> contract.AcknowledgeReturns.Reply:
        return returns.acknowledge_returns(request, scope)

    @rpc(contract.TreatRejection)
    def treat_rejection(self, request: contract.TreatRejection.Request, scope: Any) -> contract.TreatRejection.Reply:
        return returns.treat_rejection(request, scope)

    @rpc(contract.DepositFlux)
    def deposit_flux(self, request: contract.DepositFlux.Request, scope: Any) -> contract.DepositFlux.Reply:
        return flux.deposit_flux(request, scope)

    @rpc(contract.GetFlux)
    def get_flux(self, request: contract.GetFlux.Request, scope: Any) -> contract.GetFlux.Reply:
        return flux.get_flux(request, scope)

    @rpc(flux_report_contract.ReadFluxReport)
    def read_flux_report(
        self, request: flux_report_contract.ReadFluxReport.Request, scope: Any
    ) -> flux_report_contract.ReadFluxReport.Reply:
        return flux_report.read(request, scope)

    @rpc(contract.SearchFlux)
    def search_flux(self, request: contract.SearchFlux.Request, scope: Any) -> contract.SearchFlux.Reply:
        return flux.search_flux(request, scope)

    @rpc(entry.SaveEntry)
    def save_entry(self, request: entry.SaveEntry.Request, scope: Any) -> entry.SaveEntry.Reply:
        return entries.save_entry(request, scope)

    @rpc(entry.GetEntry)
    def get_entry(self, request: entry.GetEntry.Request, scope: Any) -> entry.GetEntry.Reply:
        return entries.get_entry(request, scope)

    @rpc(entry.ConfirmEntry)
    def confirm_entry(self, request: entry.ConfirmEntry.Request, scope: Any) -> entry.ConfirmEntry.Reply:
        return entry_confirming.confirm_entry(request, scope)

    @rpc(entry.CopyInvoice)
    def copy_invoice(self, request: entry.CopyInvoice.Request, scope: Any) -> entry.CopyInvoice.Reply:
        return entries.copy_invoice(request, scope)

    @rpc(entry.KeepFile)
    def keep_file(self, request: entry.KeepFile.Request, scope: Any) -> entry.KeepFile.Reply:
        return entry_files.keep_file(request, scope)

    @rpc(entry.KeptFiles)
    def kept_files(self, request: entry.KeptFiles.Request, scope: Any) -> entry.KeptFiles.Reply:
        return entry_files.kept_files(request, scope)

    @rpc(entry.ReadPdf)
    def read_pdf(self, request: entry.ReadPdf.Request, scope: Any) -> entry.ReadPdf.Reply:
        return entry_pdf.read_pdf(request, scope)

    @rpc(keeping.ListExpired)
    def list_expired(self, request: keeping.ListExpired.Request, scope: Any) -> keeping.ListExpired.Reply:
        return retention.list_expired(request, scope)

    @rpc(keeping.ProposeElimination)
    def propose_elimination(self, request: keeping.ProposeElimination.Request, scope: Any) -> keeping.ProposeElimination.Reply:
        return retention.propose(request, scope)

    @rpc(keeping.RecordVisa)
    def record_visa(self, request: keeping.RecordVisa.Request, scope: Any) -> keeping.RecordVisa.Reply:
        return retention.record_visa(request, scope)

    @rpc(keeping.WithdrawElimination)
    def withdraw_elimination(self, request: keeping.WithdrawElimination.Request, scope: Any) -> keeping.WithdrawElimination.Reply:
        return retention.withdraw(request, scope)

    @rpc(keeping.EliminateInvoices)
    def eliminate_invoices(self, request: keeping.EliminateInvoices.Request, scope: Any) -> keeping.EliminateInvoices.Reply:
        return eliminating.eliminate(request, scope)

    @rpc(keeping.ListEliminations)
    def list_eliminations(self, request: keeping.ListEliminations.Request, scope: Any) -> keeping.ListEliminations.Reply:
        return retention.list_eliminations(request, scope)

    @rpc(keeping.GetElimination)
    def get_elimination(self, request: keeping.GetElimination.Request, scope: Any) -> keeping.GetElimination.Reply:
        return retention.get_elimination(request, scope)

    @rpc(keeping.PlaceHold)
    def place_hold(self, request: keeping.PlaceHold.Request, scope: Any) -> keeping.PlaceHold.Reply:
        return retention.place_hold(request, scope)

    @rpc(keeping.ReleaseHold)
    def release_hold(self, request: keeping.ReleaseHold.Request, scope: Any) -> keeping.ReleaseHold.Reply:
        return retention.release_hold(request, scope)

    @rpc(keeping.ListHolds)
    def list_holds(self, request: keeping.ListHolds.Request, scope: Any) -> keeping.ListHolds.Reply:
        return retention.list_holds(request, scope)

    @rpc(asking.SaveRequest)
    def save_request(self, request: asking.SaveRequest.Request, scope: Any) -> asking.SaveRequest.Reply:
        return request_saving.save_request(request, scope)

    @rpc(asking.SendRequest)
    def send_request(self, request: asking.SendRequest.Request, scope: Any) -> asking.SendRequest.Reply:
        return request_sending.send_request(request, scope)

    @rpc(asking.MoveRequest)
    def move_request(self, request: asking.MoveRequest.Request, scope: Any) -> asking.MoveRequest.Reply:
        return request_moving.move_request(request, scope)

    @rpc(asking.DeleteRequest)
    def delete_request(self, request: asking.DeleteRequest.Request, scope: Any) -> asking.DeleteRequest.Reply:
        return request_saving.delete_request(request, scope)

    @rpc(asking.GetRequest)
    def get_request(self, request: asking.GetRequest.Request, scope: Any) -> asking.GetRequest.Reply:
        return request_reading.get_request(request, scope)

    @rpc(asking.SearchRequests)
    def search_requests(self, request: asking.SearchRequests.Request, scope: Any) -> asking.SearchRequests.Reply:
        return request_reading.search_requests(request, scope)

    @rpc(asking.CountRequests)
    def count_requests(self, request: asking.CountRequests.Request, scope: Any) -> asking.CountRequests.Reply:
        return request_reading.count_requests(request, scope)

    @rpc(asking.GetDossier)
    def get_dossier(self, request: asking.GetDossier.Request, scope: Any) -> asking.GetDossier.Reply:
        return request_reading.get_dossier(request, scope)

    @rpc(asking.RequestFile)
    def request_file(self, request: asking.RequestFile.Request, scope: Any) -> asking.RequestFile.Reply:
        return request_reading.request_file(request, scope)

    @rpc(asking.GetRecord)
    def get_record(self, request: asking.GetRecord.Request, scope: Any) -> asking.GetRecord.Reply:
        return records.get_record(request, scope)

    @rpc(asking.PutRecord)
    def put_record(self, request: asking.PutRecord.Request, scope: Any) -> asking.PutRecord.Reply:
        return records.put_record(request, scope)

    @rpc(asking.DeleteRecord)
    def delete_record(self, request: asking.DeleteRecord.Request, scope: Any) -> asking.DeleteRecord.Reply:
        return records.delete_record(request, scope)

    @rpc(asking.SearchRecords)
    def search_records(self, request: asking.SearchRecords.Request, scope: Any) -> asking.SearchRecords.Reply:
        return records.search_records(request, scope)

    @on_event(*public_events.HEARD, together=True)
    def tell_espaces(self, received: Sequence[Received], scope: Any) -> None:
        reactions.distribute(received, scope)

    @for_guests
    def react(self, espace: str, received: Received, scope: Any) -> None:
        reactions.react(espace, received, scope)

    @every(seconds=1, lease="process-flux", when=queries.flux_is_open)
    def process_flux(self, scope: Any) -> None:
        processing.process_flux(scope)

    @every(seconds=60, lease="pass-time", when=request_timers.is_due)
    def pass_time(self, scope: Any) -> None:
        request_timers.pass_time(scope)

    @every(seconds=3600, lease="anchor-history")
    def anchor_history(self, scope: Any) -> None:
        use_cases.anchor_history(scope)

    @every(seconds=900, lease="announce-waiting")
    def announce_waiting(self, scope: Any) -> None:
        reminders.announce(scope)

    @every(seconds=30, lease="wake-invoices", when=party_queries.anything_wakes)
    def wake_invoices(self, scope: Any) -> None:
        validating.wake(scope)

    @every(seconds=86400, lease="sweep-files")
    def sweep_files(self, scope: Any) -> None:
        citing.sweep(scope)
