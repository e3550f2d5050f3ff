"""The sollicitation: to the support, or to the service that processes an invoice (R250, R251, G.4)."""

from __future__ import annotations

from collections.abc import Iterator

import marshmallow
from pupitre_espaces import (
    Cadre,
    Completed,
    Finding,
    Label,
    Lifecycle,
    RequestDraft,
    RequestKind,
    Role,
    Transition,
    forms,
)
from pupitre_espaces.lifecycle import AFTER, PARIS, SYSTEM
from pupitre_espaces.requests import PLATFORM

from . import reference

RECEIVED = "sollicitations-recues"
TO_SUPPORT, TO_SERVICE = "SUP", "MET"
#: Days after which an answer that satisfied closes the sollicitation by itself.
CLOSES_AFTER = 15
NAME = Label("Sollicitations", "Sollicitations")
KIND = Label("Sollicitation", "Sollicitation")
STATUSES = {
    "SOUMISE": Label("Soumise", "Submitted"),
    "EN_COURS": Label("En cours", "In progress"),
    "ATTENTE_INFORMATION": Label("En attente d'information", "Waiting for information"),
    "INFORMATION_DONNEE": Label("Complétée par le demandeur", "Completed by who asked"),
    "TRANSFEREE": Label("Transférée au support", "Handed to the support"),
    "REPONDUE": Label("Répondue", "Answered"),
    "RENVOYEE": Label("Renvoyée : la réponse ne convient pas", "Sent again: the answer does not satisfy"),
    "CLOTUREE": Label("Clôturée", "Closed"),
}
ASKER, SERVICE, SUPPORT, SECOND = "asker", "service", "support", "second-support"
_TAKE, _ANSWER = Label("Prendre en charge", "Take in charge"), Label("Répondre", "Answer")
_ASK = Label("Demander une précision", "Ask for details")
_TAKE_BACK = Label("Reprendre", "Take back")
_TRANSFER, _GIVE_BACK = (
    Label("Transférer au support", "Hand to the support"),
    Label("Rendre au service", "Give back to the service"),
)


def form_of(known: dict[str, reference.Category]) -> type[marshmallow.Schema]:
    """Return the form, with the categories as its choices."""

    class Form(marshmallow.Schema):
        """What somebody asks."""

        category = forms.choice(
            Label("Catégorie", "Category"), {code: each.label for code, each in known.items()}, needed=True
        )
        subject = forms.text(Label("Objet", "Subject"), needed=True, longest=200)
        description = forms.text(Label("Description", "Description"), needed=True, longest=2000, rows=6)
        invoice = forms.text(Label("Numéro de la facture concernée", "Number of the invoice concerned"), longest=50)

    return Form


def _complete(known: dict[str, reference.Category], draft: RequestDraft) -> Completed:
    return Completed(draft.form, findings=tuple(_findings(known, draft)))


def _findings(known: dict[str, reference.Category], draft: RequestDraft) -> Iterator[Finding]:
    category = known.get(draft.form.get("category", ""))
    if category is None:
        return
    if category.until < draft.clock.now().astimezone(PARIS).date():
        yield Finding(
            "category-over",
            "error",
            Label("Cette catégorie n'est plus proposée.", "This category is not offered any more."),
            Label("Choisissez-en une autre.", "Choose another one."),
            term="category",
        )
    right = TO_SUPPORT if category.to == reference.SUPPORT else TO_SERVICE
    if draft.cadre != right:
        cadre = CADRES[right]
        yield Finding(
            "category-goes-elsewhere",
            "error",
            Label(
                f"« {category.label.fr} » s'adresse ailleurs : {cadre.fr}.",
                f"“{category.label.en}” goes elsewhere: {cadre.en}.",
            ),
            Label("Recommencez avec cette destination.", "Begin again with that destination."),
            term="category",
        )


CADRES = {
    TO_SUPPORT: Label("Au support de la plateforme", "To the platform's support"),
    TO_SERVICE: Label(
        "Au service qui traite la facture ou la demande", "To the service that processes the invoice or request"
    ),
}


def _answering(role: str, *, first: str, cadre: str) -> list[Transition]:
    """Return what whoever answers may do, from where it comes to him, and after each word of who asked."""
    only = frozenset({cadre})
    rows = [Transition(first, "EN_COURS", role, label=_TAKE, cadres=only)]
    for source in (first, "EN_COURS", "INFORMATION_DONNEE", "RENVOYEE"):
        rows += [
            Transition(source, "REPONDUE", role, motive="required", documents=True, label=_ANSWER, cadres=only),
            Transition(source, "ATTENTE_INFORMATION", role, motive="required", label=_ASK, cadres=only),
        ]
    return rows


def _lifecycle() -> Lifecycle:
    both = [
        Transition("BROUILLON", "SOUMISE", ASKER, call="send"),
        Transition(
            "ATTENTE_INFORMATION",
            "INFORMATION_DONNEE",
            ASKER,
            motive="required",
            documents=True,
            label=Label("Préciser", "Give details"),
        ),
        Transition(
            "REPONDUE", "RENVOYEE", ASKER, motive="required", documents=True, label=Label("Renvoyer", "Send again")
        ),
        Transition("REPONDUE", "CLOTUREE", ASKER, label=Label("Clôturer", "Close")),
        Transition("REPONDUE", "CLOTUREE", SYSTEM, call=AFTER, days=CLOSES_AFTER, remind=(5,)),
        *(
            Transition(source, "CLOTUREE", ASKER, awaited=False, label=Label("Clôturer", "Close"))
            for source in ("SOUMISE", "EN_COURS", "ATTENTE_INFORMATION")
        ),
    ]
    service = frozenset({TO_SERVICE})
    transfers = [
        Transition(source, "TRANSFEREE", SERVICE, motive="required", cadres=service, label=_TRANSFER)
        for source in ("SOUMISE", "EN_COURS")
    ]
    taken_over = [
        Transition("TRANSFEREE", "REPONDUE", SECOND, motive="required", documents=True, label=_ANSWER, cadres=service),
        Transition("TRANSFEREE", "EN_COURS", SERVICE, awaited=False, label=_TAKE_BACK, cadres=service),
        Transition("TRANSFEREE", "EN_COURS", SECOND, motive="required", label=_GIVE_BACK, cadres=service),
    ]
    to_support = _answering(SUPPORT, first="SOUMISE", cadre=TO_SUPPORT)
    to_service = _answering(SERVICE, first="SOUMISE", cadre=TO_SERVICE)
    return Lifecycle("sollicitation", [*both, *to_support, *to_service, *transfers, *taken_over], labels=STATUSES)


def kind() -> RequestKind:
    """Return the kind, with the categories of today's data. Raises `dated.WrongData`."""
    known = reference.categories()
    support = Label("Support de la plateforme", "Platform's support")
    return RequestKind(
        key="sollicitation",
        label=KIND,
        roles=(
            Role(ASKER, Label("Demandeur", "Who asks")),
            Role(
                SERVICE,
                Label("Service destinataire", "Service asked"),
                espace=RECEIVED,
                structure_types=frozenset({"public"}),
                has_service=True,
            ),
            Role(SUPPORT, support, espace=RECEIVED, always=PLATFORM),
            Role(SECOND, support, espace=RECEIVED, always=PLATFORM, sees_from=frozenset({"TRANSFEREE"})),
        ),
        cadres=(
            Cadre(TO_SERVICE, CADRES[TO_SERVICE], maker=ASKER, needs=(SERVICE,), may_name=(SECOND,)),
            Cadre(TO_SUPPORT, CADRES[TO_SUPPORT], maker=ASKER, needs=(SUPPORT,)),
        ),
        lifecycles=(_lifecycle(),),
        form=form_of(known),
        complete=lambda draft: _complete(known, draft),
        prefix="SOL",
    )
