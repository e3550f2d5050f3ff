"""Identity on the bus."""

from typing import Any

from pupitre_bus import Service, audit, every, rpc
from pupitre_contracts import account_life, communication
from pupitre_contracts import account_documents as kept
from pupitre_contracts import external_sign_in as external
from pupitre_contracts import identity as calls
from pupitre_contracts import saved_filters as filters
from pupitre_contracts import technical_accounts as machines

from . import (
    documents,
    external_sign_in,
    granting,
    leaving,
    links,
    own_account,
    queries,
    repository,
    resources,
    right_to_act,
    saved_filters,
    second_factor,
    secret_question,
    sign_in,
    signing_up,
    successors,
    support,
    tables,
    technical_accounts,
    technical_secrets,
    use_cases,
    wishes,
)


class IdentityService(Service):
    name = "identity"
    package = "pupitre_identity"
    admission = right_to_act.RIGHTS

    @staticmethod
    def build_resources(settings: Any) -> resources.Resources:
        return resources.build(settings)

    @rpc(calls.SignIn)
    def sign_in(self, request, scope):
        return sign_in.sign_in(request, scope)

    @rpc(calls.ResumeSession)
    def resume_session(self, request, scope):
        return sign_in.resume_session(request, scope)

    @rpc(calls.SignOut)
    def sign_out(self, request, scope):
        return sign_in.sign_out(request, scope)

    @rpc(calls.SignUp)
    def sign_up(self, request, scope):
        return signing_up.sign_up(request, scope)

    @rpc(calls.AskForLink)
    def ask_for_link(self, request, scope):
        return signing_up.ask_for_link(request, scope)

    @rpc(calls.ActivateAccount)
    def activate_account(self, request, scope):
        return signing_up.activate_account(request, scope)

    @rpc(calls.ResetPassword)
    def reset_password(self, request, scope):
        return signing_up.reset_password(request, scope)

    @rpc(calls.LinkToSend)
    def link_to_send(self, request, scope):
        return links.link_to_send(request, scope)

    @rpc(calls.GetAccount)
    def get_account(self, request, scope):
        return own_account.get_account(request, scope)

    @rpc(calls.ChangePersonalData)
    def change_personal_data(self, request, scope):
        return own_account.change_personal_data(request, scope)

    @rpc(calls.ChangePassword)
    def change_password(self, request, scope):
        return own_account.change_password(request, scope)

    @rpc(calls.ListSessions)
    def list_sessions(self, request, scope):
        return own_account.list_sessions(request, scope)

    @rpc(calls.EndSessions)
    def end_sessions(self, request, scope):
        return own_account.end_sessions(request, scope)

    @rpc(calls.IssueAccessToken)
    def issue_access_token(self, request, scope):
        return technical_accounts.issue_access_token(request, scope)

    @rpc(calls.ResumeAccessToken)
    def resume_access_token(self, request, scope):
        return technical_accounts.resume_access_token(request, scope)

    @rpc(calls.CreateTechnicalAccount)
    def create_technical_account(self, request, scope):
        return technical_accounts.create_technical_account(request, scope)

    @rpc(machines.ListTechnicalAccounts)
    def list_technical_accounts(self, request, scope):
        return technical_secrets.list_technical_accounts(request, scope)

    @rpc(machines.RenewTechnicalSecrets)
    def renew_technical_secrets(self, request, scope):
        return technical_secrets.renew(request, scope)

    @rpc(machines.RevokeTechnicalAccount)
    def revoke_technical_account(self, request, scope):
        return technical_secrets.revoke(request, scope)

    @rpc(machines.TakeConnectionData)
    def take_connection_data(self, request, scope):
        return technical_secrets.take_connection_data(request, scope)

    @every(seconds=60, lease="technical-expiries", when=queries.any_expiry_to_announce)
    def announce_expiries(self, scope):
        technical_secrets.announce_expiries(scope)

    @rpc(calls.CreateUser)
    def create_user(self, request, scope):
        return use_cases.create_user(request, scope)

    @rpc(calls.UsersByIds)
    def users_by_ids(self, request, scope):
        return use_cases.users_by_ids(request, scope)

    @rpc(calls.UserByEmail)
    def user_by_email(self, request, scope):
        return use_cases.user_by_email(request, scope)

    @rpc(calls.ListUsers)
    def list_users(self, request, scope):
        return use_cases.list_users(request, scope)

    @rpc(kept.CitedAccountFiles)
    def cited_account_files(self, request, scope):
        return documents.cited_files(request, scope)

    @rpc(kept.ListAccountDocuments)
    def list_account_documents(self, request, scope):
        return documents.list_documents(request, scope)

    @rpc(kept.AddAccountDocument)
    def add_account_document(self, request, scope):
        return documents.add_document(request, scope)

    @rpc(kept.ChangeAccountDocument)
    def change_account_document(self, request, scope):
        return documents.change_document(request, scope)

    @rpc(kept.RemoveAccountDocuments)
    def remove_account_documents(self, request, scope):
        return documents.remove_documents(request, scope)

    @rpc(filters.ListSavedFilters)
    def list_saved_filters(self, request, scope):
        return saved_filters.list_filters(request, scope)

    @rpc(filters.SaveFilter)
    def save_filter(self, request, scope):
        return saved_filters.save_filter(request, scope)

    @rpc(filters.DeleteSavedFilter)
    def delete_saved_filter(self, request, scope):
        return saved_filters.delete_filter(request, scope)

    @rpc(external.BeginExternalSignIn)
    def begin_external_sign_in(self, request, scope):
        return external_sign_in.begin(request, scope)

    @rpc(external.CompleteExternalSignIn)
    def complete_external_sign_in(self, request, scope):
        return external_sign_in.complete(request, scope)

    @rpc(external.ExternalProfile)
    def external_profile(self, request, scope):
        return external_sign_in.profile(request, scope)

    @rpc(external.ConfirmExternalProfile)
    def confirm_external_profile(self, request, scope):
        return external_sign_in.confirm(request, scope)

    @rpc(communication.NewsReaders)
    def news_readers(self, request, scope):
        return use_cases.news_readers(request, scope)

    @every(seconds=1, lease="grant-wishes", when=wishes.any_waits)
    def grant_wishes(self, scope):
        granting.grant(scope)

    @every(seconds=3600, lease="purge")
    def purge(self, scope):
        with scope.begin() as tx:
            repository.purge(tx)

    @every(seconds=3600, lease="anchor-history")
    def anchor_history(self, scope):
        audit.anchor(scope, tables.HISTORY)

    @rpc(account_life.FindSuccessors)
    def find_successors(self, request, scope):
        return successors.find_successors(request, scope)

    @rpc(account_life.DeactivateAccount)
    def deactivate_account(self, request, scope):
        return leaving.deactivate(request, scope)

    @rpc(account_life.AskReactivation)
    def ask_reactivation(self, request, scope):
        return leaving.ask_reactivation(request, scope)

    @rpc(account_life.DescribeLink)
    def describe_link(self, request, scope):
        return links.describe(request, scope)

    @rpc(account_life.ReactivateAccount)
    def reactivate_account(self, request, scope):
        return leaving.reactivate(request, scope)

    @rpc(account_life.ReopenAccount)
    def reopen_account(self, request, scope):
        return leaving.reopen(request, scope)

    @rpc(account_life.SetSecretQuestion)
    def set_secret_question(self, request, scope):
        return secret_question.set_question(request, scope)

    @rpc(account_life.StartSecondFactor)
    def start_second_factor(self, request, scope):
        return second_factor.start(request, scope)

    @rpc(account_life.PendingSecondFactor)
    def pending_second_factor(self, request, scope):
        return second_factor.pending(request, scope)

    @rpc(account_life.ConfirmSecondFactor)
    def confirm_second_factor(self, request, scope):
        return second_factor.confirm(request, scope)

    @rpc(account_life.RenewRecoveryCodes)
    def renew_recovery_codes(self, request, scope):
        return second_factor.renew_codes(request, scope)

    @rpc(account_life.DisableSecondFactor)
    def disable_second_factor(self, request, scope):
        return second_factor.disable(request, scope)

    @rpc(account_life.RemoveSecondFactor)
    def remove_second_factor(self, request, scope):
        return second_factor.remove(request, scope)

    @rpc(account_life.SignInWithCode)
    def sign_in_with_code(self, request, scope):
        return sign_in.sign_in_with_code(request, scope)

    @rpc(account_life.AskSupport)
    def ask_support(self, request, scope):
        return support.ask(request, scope)

    @rpc(account_life.SollicitationToSend)
    def sollicitation_to_send(self, request, scope):
        return support.to_send(request, scope)

    @rpc(account_life.ListSollicitations)
    def list_sollicitations(self, request, scope):
        return support.listing(request, scope)

    @every(seconds=10, lease="finish-leaving", when=leaving.somebody_waits)
    def finish_leaving(self, scope):
        leaving.finish(scope)

    @every(seconds=3600, lease="erase")
    def erase(self, scope):
        leaving.erase_due(scope)
