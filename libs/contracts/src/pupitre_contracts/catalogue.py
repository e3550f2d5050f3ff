"""Every contract in one place: what tests freeze, documents are generated from, and the broker's topology is declared from."""

from types import ModuleType

from . import (
    account_documents,
    account_life,
    annuaire_files,
    bank_details,
    communication,
    directory,
    external_sign_in,
    flux_report,
    habilitations,
    history,
    identity,
    invoice_files,
    invoice_life,
    invoice_parties,
    invoice_search,
    invoicing,
    invoicing_entry,
    mandats,
    notifications,
    organisation,
    platform,
    rattachements,
    requests,
    retention,
    saved_filters,
    structure_documents,
    structure_export,
    structures,
    technical_accounts,
)
from .message import Call, Event

SERVICES = ("identity", "organisation", "invoicing", "notifications")

SUBSCRIPTIONS: dict[str, tuple[type[Event], ...]] = {
    "identity": (),
    "organisation": (account_life.UserErased, requests.RequestEffectAsked),
    # What espaces may react to: pupitre_espaces.events tells which of it they get.
    "invoicing": (
        invoicing.InvoiceSubmitted,
        invoicing.InvoiceMoved,
        invoice_parties.InvoicePassed,
        retention.InvoiceEliminated,
        invoicing.FluxProcessed,
        requests.RequestSent,
        requests.RequestMoved,
        requests.RequestReminded,
        retention.RequestEliminated,
        organisation.EspaceOpened,
        organisation.EspaceClosed,
        structures.StructureChanged,
        structures.StructureActivated,
        structures.StructureInactivated,
        structures.StructureServiceCreated,
        structures.StructureServiceChanged,
        mandats.MandatGiven,
        mandats.MandatEnded,
        identity.TechnicalAccountCreated,
        technical_accounts.TechnicalAccountRevoked,
    ),
    "notifications": (
        identity.AccountLinkAsked,
        identity.UserActivated,
        identity.SignUpRepeated,
        identity.PasswordChanged,
        account_life.UserDeactivated,
        account_life.UserReactivated,
        account_life.UserErased,
        account_life.SecondFactorEnabled,
        account_life.SecondFactorDisabled,
        account_life.SupportSollicitationSent,
        organisation.EspaceOpened,
        organisation.RattachementValidated,
        rattachements.RattachementRequested,
        rattachements.HabilitationRequested,
        rattachements.ApprobationDecided,
        rattachements.RattachementEnded,
        rattachements.GestionnairePrincipalTransferred,
        technical_accounts.TechnicalSecretRenewed,
        technical_accounts.TechnicalSecretExpiryAnnounced,
        habilitations.GestionnaireSecondaireNamed,
        mandats.MandatGiven,
        mandats.MandatEnded,
        annuaire_files.AnnuaireFileProduced,
        invoicing.InvoiceMoved,
        invoicing.InvoiceReminded,
        invoice_parties.InvoicePassed,
        invoice_parties.InvoiceAwaited,
        invoicing.FluxProcessed,
        requests.RequestSent,
        requests.RequestMoved,
        requests.RequestReminded,
    ),
}
"""Which events each service consumes: the bindings of its queue, and what the relay may not leave undelivered."""

CALLEES: dict[str, tuple[str, ...]] = {
    "identity": ("organisation",),
    "organisation": ("identity",),
    "invoicing": ("identity", "organisation"),
    "notifications": ("identity", "invoicing", "organisation"),
    "portal": SERVICES,
}
"""Which services each one calls. Whoever hears a service's events asks it for those that were missed, beside these."""


def _defined(module: ModuleType, base: type) -> list[type]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base and value.__module__ == module.__name__
    ]


_MODULES = (
    identity,
    technical_accounts,
    organisation,
    structures,
    rattachements,
    habilitations,
    mandats,
    history,
    invoicing,
    invoice_life,
    invoicing_entry,
    invoice_files,
    flux_report,
    invoice_search,
    requests,
    retention,
    structure_export,
    invoice_parties,
    notifications,
    communication,
    platform,
    bank_details,
    structure_documents,
    account_documents,
    external_sign_in,
    account_life,
    directory,
    annuaire_files,
    saved_filters,
)


CALLS: tuple[type[Call], ...] = tuple(call for module in _MODULES for call in _defined(module, Call))
EVENTS: dict[str, type[Event]] = {event.type: event for module in _MODULES for event in _defined(module, Event)}


def events_of(owner: str) -> tuple[type[Event], ...]:
    """The events that a service publishes."""
    return tuple(event for event in EVENTS.values() if event.owner == owner)


def callees_of(service: str) -> tuple[str, ...]:
    """The services that ``service`` may call: those it asks things of, those whose events it hears, and itself."""
    sources = {event.owner for event in SUBSCRIPTIONS.get(service, ())}
    return tuple(sorted({service, *CALLEES.get(service, ()), *sources}))


def consumers_of(event_type: str) -> tuple[str, ...]:
    """The services that must hear an event type; empty when nobody in Pupitre does."""
    return tuple(
        service for service, events in SUBSCRIPTIONS.items() if any(event.type == event_type for event in events)
    )
