"""Organisation on the bus."""

from typing import Any

from pupitre_bus import Service, audit, every, on_event, rpc
from pupitre_contracts import account_life, history
from pupitre_contracts import annuaire_files as files
from pupitre_contracts import bank_details as accounts
from pupitre_contracts import directory as public
from pupitre_contracts import habilitations as rights_of_users
from pupitre_contracts import mandats as letting
from pupitre_contracts import organisation as calls
from pupitre_contracts import rattachements as people
from pupitre_contracts import requests as asking
from pupitre_contracts import structure_documents as documents
from pupitre_contracts import structure_export as everything
from pupitre_contracts import structures as affairs
from pupitre_contracts import technical_accounts as machines

from . import (
    annuaire,
    annuaire_files,
    annuaire_enrolments,
    approbations,
    bank_details,
    decisions,
    departures,
    directory,
    espaces,
    habilitations,
    histories,
    mandats,
    members,
    rattachements,
    reference_data,
    resources,
    structure_changes,
    structure_documents,
    structure_export,
    structure_requests,
    structure_services,
    tables,
    use_cases,
)


class OrganisationService(Service):
    name = "organisation"
    package = "pupitre_organisation"

    @staticmethod
    def build_resources(settings: Any) -> resources.Resources:
        return resources.build(settings)

    @rpc(calls.CreateStructure)
    def create_structure(self, request, scope):
        return use_cases.create_structure(request, scope)

    @rpc(calls.SetParameters)
    def set_parameters(self, request, scope):
        return use_cases.set_parameters(request, scope)

    @rpc(calls.CreateStructureService)
    def create_structure_service(self, request, scope):
        return structure_services.create_structure_service(request, scope)

    @rpc(calls.FindStructures)
    def find_structures(self, request, scope):
        return annuaire.find_structures(request, scope)

    @rpc(calls.GetStructure)
    def get_structure(self, request, scope):
        return annuaire.get_structure(request, scope)

    @rpc(calls.ResolveRecipients)
    def resolve_recipients(self, request, scope):
        return annuaire.resolve_recipients(request, scope)

    @rpc(calls.AttachUser)
    def attach_user(self, request, scope):
        return rattachements.attach_user(request, scope)

    @rpc(calls.SetHabilitation)
    def set_habilitation(self, request, scope):
        return habilitations.set_habilitation(request, scope)

    @rpc(calls.RightsOfActor)
    def rights_of_actor(self, request, scope):
        return rattachements.rights_of_actor(request, scope)

    @rpc(calls.MembersOfEspace)
    def members_of_espace(self, request, scope):
        return rattachements.members_of_espace(request, scope)

    @rpc(people.AskRattachement)
    def ask_rattachement(self, request, scope):
        return approbations.ask_rattachement(request, scope)

    @rpc(people.AskHabilitation)
    def ask_habilitation(self, request, scope):
        return approbations.ask_habilitation(request, scope)

    @rpc(people.ListApprobations)
    def list_approbations(self, request, scope):
        return approbations.list_approbations(request, scope)

    @rpc(people.GetApprobation)
    def get_approbation(self, request, scope):
        return approbations.get_approbation(request, scope)

    @rpc(people.DecideApprobations)
    def decide_approbations(self, request, scope):
        return decisions.decide_approbations(request, scope)

    @rpc(people.CancelApprobation)
    def cancel_approbation(self, request, scope):
        return approbations.cancel_approbation(request, scope)

    @rpc(people.ListMembers)
    def list_members(self, request, scope):
        return members.list_members(request, scope)

    @rpc(people.Detach)
    def detach(self, request, scope):
        return members.detach(request, scope)

    @rpc(people.TransferGestionnairePrincipal)
    def transfer_gestionnaire_principal(self, request, scope):
        return members.transfer_gestionnaire_principal(request, scope)

    @rpc(calls.ListEspaces)
    def list_espaces(self, request, scope):
        return espaces.list_espaces(request, scope)

    @rpc(calls.EspacesOfStructures)
    def espaces_of_structures(self, request, scope):
        return espaces.espaces_of_structures(request, scope)

    @rpc(calls.OpenEspace)
    def open_espace(self, request, scope):
        return espaces.open_espace(request, scope)

    @rpc(calls.CloseEspace)
    def close_espace(self, request, scope):
        return espaces.close_espace(request, scope)

    @rpc(machines.GetGestionnairePrincipal)
    def get_gestionnaire_principal(self, request, scope):
        return members.get_gestionnaire_principal(request, scope)

    @rpc(affairs.GetStructureSheet)
    def get_structure_sheet(self, request, scope):
        return structure_changes.get_structure_sheet(request, scope)

    @rpc(affairs.ChangeStructure)
    def change_structure(self, request, scope):
        return structure_changes.change_structure(request, scope)

    @rpc(affairs.ReplaceIdentifier)
    def replace_identifier(self, request, scope):
        return structure_changes.replace_identifier(request, scope)

    @rpc(affairs.UpdateFromSirene)
    def update_from_sirene(self, request, scope):
        return structure_changes.update_from_sirene(request, scope)

    @rpc(affairs.AskStructureState)
    def ask_structure_state(self, request, scope):
        return structure_requests.ask_structure_state(request, scope)

    @rpc(affairs.AskPublicStructure)
    def ask_public_structure(self, request, scope):
        return structure_requests.ask_public_structure(request, scope)

    @rpc(affairs.DecideStructureRequest)
    def decide_structure_request(self, request, scope):
        return structure_requests.decide_structure_request(request, scope)

    @rpc(affairs.ListStructureRequests)
    def list_structure_requests(self, request, scope):
        return structure_requests.list_structure_requests(request, scope)

    @rpc(affairs.RateStructureRequest)
    def rate_structure_request(self, request, scope):
        return structure_requests.rate_structure_request(request, scope)

    @rpc(affairs.ChangeStructureService)
    def change_structure_service(self, request, scope):
        return structure_services.change_structure_service(request, scope)

    @rpc(history.ListHistory)
    def list_history(self, request, scope):
        return histories.list_history(request, scope)

    @rpc(everything.ExportStructure)
    def export_structure(self, request, scope):
        return structure_export.export_structure(request, scope)

    @rpc(everything.ExportStructureHistory)
    def export_structure_history(self, request, scope):
        return structure_export.export_history(request, scope)

    @every(seconds=3600, lease="anchor-history")
    def anchor_history(self, scope):
        audit.anchor(scope, tables.HISTORY)

    @rpc(accounts.ListBankDetails)
    def list_bank_details(self, request, scope):
        return bank_details.list_bank_details(request, scope)

    @rpc(accounts.GetBankDetails)
    def get_bank_details(self, request, scope):
        return bank_details.get_bank_details(request, scope)

    @rpc(accounts.GetAccountToPay)
    def get_account_to_pay(self, request, scope):
        return bank_details.get_account_to_pay(request, scope)

    @rpc(accounts.AddBankDetails)
    def add_bank_details(self, request, scope):
        return bank_details.add_bank_details(request, scope)

    @rpc(accounts.ChangeBankDetails)
    def change_bank_details(self, request, scope):
        return bank_details.change_bank_details(request, scope)

    @rpc(accounts.RemoveBankDetails)
    def remove_bank_details(self, request, scope):
        return bank_details.remove_bank_details(request, scope)

    @rpc(documents.ListStructureDocuments)
    def list_structure_documents(self, request, scope):
        return structure_documents.list_structure_documents(request, scope)

    @rpc(documents.AddStructureDocument)
    def add_structure_document(self, request, scope):
        return structure_documents.add_structure_document(request, scope)

    @rpc(documents.ChangeStructureDocument)
    def change_structure_document(self, request, scope):
        return structure_documents.change_structure_document(request, scope)

    @rpc(documents.RemoveStructureDocuments)
    def remove_structure_documents(self, request, scope):
        return structure_documents.remove_structure_documents(request, scope)

    @rpc(documents.CitedFiles)
    def cited_files(self, request, scope):
        return structure_documents.cited_files(request, scope)

    @rpc(people.HandOverRoles)
    def hand_over_roles(self, request, scope):
        return departures.hand_over_roles(request, scope)

    @on_event(account_life.UserErased)
    def user_erased(self, event, scope):
        departures.forget_erased(event, scope)

    @rpc(public.SearchDirectory)
    def search_directory(self, request, scope):
        return directory.search_directory(request, scope)

    @rpc(public.GetDirectoryEntry)
    def get_directory_entry(self, request, scope):
        return directory.get_directory_entry(request, scope)

    @rpc(public.ReadDirectory)
    def read_directory(self, request, scope):
        return directory.read_directory(request, scope)

    @rpc(public.ImportStructures)
    def import_structures(self, request, scope):
        return reference_data.import_structures(request, scope)

    @rpc(rights_of_users.AttachByAddress)
    def attach_by_address(self, request, scope):
        return rattachements.attach_by_address(request, scope)

    @rpc(rights_of_users.ListHabilitations)
    def list_habilitations(self, request, scope):
        return habilitations.list_habilitations(request, scope)

    @rpc(rights_of_users.RemoveHabilitations)
    def remove_habilitations(self, request, scope):
        return habilitations.remove_habilitations(request, scope)

    @rpc(rights_of_users.SetGestionnaireSecondaire)
    def set_gestionnaire_secondaire(self, request, scope):
        return habilitations.set_gestionnaire_secondaire(request, scope)

    @rpc(letting.GiveMandat)
    def give_mandat(self, request, scope):
        return mandats.give_mandat(request, scope)

    @rpc(letting.EndMandat)
    def end_mandat(self, request, scope):
        return mandats.end_mandat(request, scope)

    @rpc(letting.ListMandats)
    def list_mandats(self, request, scope):
        return mandats.list_mandats(request, scope)

    @on_event(asking.RequestEffectAsked)
    def request_effect_asked(self, event, scope):
        annuaire_enrolments.take_effect(event, scope)

    @every(seconds=60, lease="annuaire-files", when=annuaire_files.any_due)
    def make_annuaire_files(self, scope):
        annuaire_files.run(scope)

    @rpc(files.ListAnnuaireFiles)
    def list_annuaire_files(self, request, scope):
        return annuaire_files.list_annuaire_files(request, scope)

    @rpc(files.GetAnnuaireFile)
    def get_annuaire_file(self, request, scope):
        return annuaire_files.get_annuaire_file(request, scope)

    @rpc(files.EndAnnuaireEnrolment)
    def end_annuaire_enrolment(self, request, scope):
        return annuaire_enrolments.end_annuaire_enrolment(request, scope)
