"""The nameko entrypoints of notifications."""

from collections.abc import Sequence
from typing import Any

from pupitre_bus import Service, every, on_event, rpc
from pupitre_bus.scope import Received
from pupitre_contracts import (
    account_life,
    annuaire_files,
    communication,
    habilitations,
    identity,
    invoice_parties,
    invoicing,
    mandats,
    organisation,
    rattachements,
)
from pupitre_contracts import notifications as contract
from pupitre_contracts import requests as asking
from pupitre_contracts import technical_accounts as machines

from . import (
    account_mails,
    annuaire_mails,
    membership_mails,
    news,
    partner_messages,
    preferences,
    queries,
    reminder_mails,
    request_mails,
    resources,
    right_to_act,
    scheduled,
    technical_mails,
    use_cases,
    validation_mails,
)


class NotificationsService(Service):
    name = "notifications"
    package = "pupitre_notifications"
    admission = right_to_act.RIGHTS

    @staticmethod
    def build_resources(settings: Any) -> resources.Resources:
        return resources.build(settings)

    @on_event(invoicing.InvoiceMoved, together=True)
    def invoices_moved(self, received: Sequence[Received], scope: Any) -> None:
        use_cases.tell_of_moves(received, scope)

    @on_event(invoicing.InvoiceReminded)
    def invoice_reminded(self, event: invoicing.InvoiceReminded, scope: Any) -> None:
        reminder_mails.remind(event, scope)

    @on_event(invoice_parties.InvoicePassed)
    def invoice_passed(self, event: invoice_parties.InvoicePassed, scope: Any) -> None:
        validation_mails.tell_of_passage(event, scope)

    @on_event(invoice_parties.InvoiceAwaited)
    def invoice_awaited(self, event: invoice_parties.InvoiceAwaited, scope: Any) -> None:
        validation_mails.remind(event, scope)

    @on_event(asking.RequestSent)
    def request_sent(self, event: asking.RequestSent, scope: Any) -> None:
        request_mails.tell_of_sending(event, scope)

    @on_event(asking.RequestMoved)
    def request_moved(self, event: asking.RequestMoved, scope: Any) -> None:
        request_mails.tell_of_move(event, scope)

    @on_event(asking.RequestReminded)
    def request_reminded(self, event: asking.RequestReminded, scope: Any) -> None:
        request_mails.remind(event, scope)

    @on_event(invoicing.FluxProcessed)
    def flux_processed(self, event: invoicing.FluxProcessed, scope: Any) -> None:
        use_cases.tell_of_flux(event, scope)

    @on_event(organisation.EspaceOpened)
    def espace_opened(self, event: organisation.EspaceOpened, scope: Any) -> None:
        use_cases.tell_of_espace(event, scope)

    @on_event(identity.AccountLinkAsked)
    def account_link_asked(self, event: identity.AccountLinkAsked, scope: Any) -> None:
        account_mails.tell_of_link(event, scope)

    @on_event(identity.UserActivated)
    def user_activated(self, event: identity.UserActivated, scope: Any) -> None:
        account_mails.tell_of_activation(event, scope)

    @on_event(identity.SignUpRepeated)
    def sign_up_repeated(self, event: identity.SignUpRepeated, scope: Any) -> None:
        account_mails.tell_of_repeated_sign_up(event, scope)

    @on_event(identity.PasswordChanged)
    def password_changed(self, event: identity.PasswordChanged, scope: Any) -> None:
        account_mails.tell_of_password(event, scope)

    @on_event(account_life.UserDeactivated)
    def user_deactivated(self, event: account_life.UserDeactivated, scope: Any) -> None:
        account_mails.tell_of_deactivation(event, scope)

    @on_event(account_life.UserReactivated)
    def user_reactivated(self, event: account_life.UserReactivated, scope: Any) -> None:
        account_mails.tell_of_reactivation(event, scope)

    @on_event(account_life.UserErased)
    def user_erased(self, event: account_life.UserErased, scope: Any) -> None:
        account_mails.forget(event, scope)

    @on_event(account_life.SecondFactorEnabled, account_life.SecondFactorDisabled)
    def second_factor_changed(self, event: Any, scope: Any) -> None:
        account_mails.tell_of_second_factor(event, scope)

    @on_event(account_life.SupportSollicitationSent)
    def support_sollicitation_sent(self, event: account_life.SupportSollicitationSent, scope: Any) -> None:
        account_mails.tell_support(event, scope)

    @on_event(rattachements.RattachementRequested, rattachements.HabilitationRequested)
    def approbation_requested(self, event: Any, scope: Any) -> None:
        membership_mails.tell_approvers(event, scope)

    @on_event(rattachements.ApprobationDecided)
    def approbation_decided(self, event: rattachements.ApprobationDecided, scope: Any) -> None:
        membership_mails.tell_requester(event, scope)

    @on_event(organisation.RattachementValidated)
    def rattachement_validated(self, event: organisation.RattachementValidated, scope: Any) -> None:
        membership_mails.tell_attached(event, scope)

    @on_event(rattachements.RattachementEnded)
    def rattachement_ended(self, event: rattachements.RattachementEnded, scope: Any) -> None:
        membership_mails.tell_detached(event, scope)

    @on_event(rattachements.GestionnairePrincipalTransferred)
    def gestionnaire_principal_transferred(self, event: rattachements.GestionnairePrincipalTransferred, scope: Any) -> None:
        membership_mails.tell_of_transfer(event, scope)

    @on_event(machines.TechnicalSecretRenewed)
    def technical_secret_renewed(self, event: machines.TechnicalSecretRenewed, scope: Any) -> None:
        technical_mails.tell_of_renewal(event, scope)

    @on_event(machines.TechnicalSecretExpiryAnnounced)
    def technical_secret_expiry_announced(self, event: machines.TechnicalSecretExpiryAnnounced, scope: Any) -> None:
        technical_mails.tell_of_expiry(event, scope)

    @on_event(habilitations.GestionnaireSecondaireNamed)
    def gestionnaire_secondaire_named(self, event: habilitations.GestionnaireSecondaireNamed, scope: Any) -> None:
        membership_mails.tell_secondary(event, scope)

    @on_event(mandats.MandatGiven, mandats.MandatEnded)
    def mandat_changed(self, event: Any, scope: Any) -> None:
        membership_mails.tell_of_mandat(event, scope)

    @on_event(annuaire_files.AnnuaireFileProduced)
    def annuaire_file_produced(self, event: annuaire_files.AnnuaireFileProduced, scope: Any) -> None:
        annuaire_mails.tell_of_file(event, scope)

    @every(seconds=1, lease="send-mails", when=queries.any_due)
    def send_due_mails(self, scope: Any) -> None:
        use_cases.send_due_mails(scope)

    @rpc(contract.MyMails)
    def my_mails(self, request: Any, scope: Any) -> Any:
        return use_cases.my_mails(request, scope)

    @rpc(contract.GetMail)
    def get_mail(self, request: Any, scope: Any) -> Any:
        return use_cases.get_mail(request, scope)

    @rpc(contract.LocalMailbox)
    def local_mailbox(self, request: Any, scope: Any) -> Any:
        return use_cases.local_mailbox(request, scope)

    @rpc(contract.LocalMail)
    def local_mail(self, request: Any, scope: Any) -> Any:
        return use_cases.local_mail(request, scope)

    @every(seconds=5, lease="send-what-is-due", when=scheduled.any_due)
    def send_what_is_due(self, scope: Any) -> None:
        scheduled.run(scope)

    @every(seconds=86400, lease="forget-what-was-said")
    def forget_what_was_said(self, scope: Any) -> None:
        scheduled.forget(scope)

    @rpc(communication.PublishNews)
    def publish_news(self, request: Any, scope: Any) -> Any:
        return news.publish(request, scope)

    @rpc(communication.WithdrawNews)
    def withdraw_news(self, request: Any, scope: Any) -> Any:
        return news.withdraw(request, scope)

    @rpc(communication.ListNews)
    def list_news(self, request: Any, scope: Any) -> Any:
        return news.list_news(request, scope)

    @rpc(communication.GetNews)
    def get_news(self, request: Any, scope: Any) -> Any:
        return news.get_news(request, scope)

    @rpc(communication.ListAllNews)
    def list_all_news(self, request: Any, scope: Any) -> Any:
        return news.list_all_news(request, scope)

    @rpc(communication.SendMessage)
    def send_message(self, request: Any, scope: Any) -> Any:
        return partner_messages.send(request, scope)

    @rpc(communication.SentMessages)
    def sent_messages(self, request: Any, scope: Any) -> Any:
        return partner_messages.sent(request, scope)

    @rpc(communication.ReceivedMessages)
    def received_messages(self, request: Any, scope: Any) -> Any:
        return partner_messages.received(request, scope)

    @rpc(communication.ReadMessage)
    def read_message(self, request: Any, scope: Any) -> Any:
        return partner_messages.read(request, scope)

    @rpc(communication.MyPreferences)
    def my_preferences(self, request: Any, scope: Any) -> Any:
        return preferences.my_preferences(request, scope)

    @rpc(communication.SetPreferences)
    def set_preferences(self, request: Any, scope: Any) -> Any:
        return preferences.set_preferences(request, scope)
