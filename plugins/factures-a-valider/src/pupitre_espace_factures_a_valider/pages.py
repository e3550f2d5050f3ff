"""The page of the espace: how much waits for an accord, and what the rules are."""

from __future__ import annotations

from dataclasses import dataclass

from pupitre_espaces import EspaceContext, Html, Label, PageContent, PageRequest, PortRefused

from . import delays

ASKED = ("A_VALIDER_1", "A_VALIDER_2")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many ordinary invoices and how many pieces of works wait for an accord of the structure."""

    invoices: int
    pieces: int


def count(context: EspaceContext) -> Waiting:
    """Ask the platform how much waits. Raises PortRefused."""
    ports = context.ports
    invoices = sum(ports.invoices.count("validating", status=each) for each in ASKED)
    return Waiting(invoices, ports.requests.count(to_do=True))


def waiting(found: Waiting) -> Label:
    """Say in a sentence how much waits."""
    if not found.invoices and not found.pieces:
        return Label("Rien n'attend votre accord.", "Nothing waits for your accord.")
    fr = [_many(found.invoices, "facture", "factures"), _many(found.pieces, "pièce de travaux", "pièces de travaux")]
    en = [_many(found.invoices, "invoice", "invoices"), _many(found.pieces, "works document", "works documents")]
    total = found.invoices + found.pieces
    return Label(
        f"{' et '.join(filter(None, fr))} {'attend' if total == 1 else 'attendent'} votre accord.",
        f"{' and '.join(filter(None, en))} {'waits' if total == 1 else 'wait'} for your accord.",
    )


def said(context: EspaceContext) -> Label:
    """Say how much waits, or what waits here while the service that counts is away."""
    try:
        return waiting(count(context))
    except PortRefused:
        return UNCOUNTED


def to_validate(request: PageRequest) -> PageContent:
    """Show how much waits, and what a valideur has to know."""
    language, texts = request.context.language, TEXTS[request.context.language]
    newest = delays.read("subcontracting")[-1]
    return PageContent(
        texts["title"],
        BODY.format(
            said=said(request.context).text(language),
            link=request.link("demandes"),
            pieces=texts["pieces"],
            subcontracting=texts["subcontracting"].format(days=newest.tacit_days),
            joint=texts["joint"],
            refusal=texts["refusal"],
        ),
    )


def _many(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}" if number else ""


UNCOUNTED = Label(
    "Les demandes de paiement qui attendent votre accord.", "The payment requests that wait for your accord."
)
BODY = Html("""<p class="lead">{said}</p>
<p><a href="{link}">{pieces}</a></p>
<ul>
<li>{subcontracting}</li>
<li>{joint}</li>
<li>{refusal}</li>
</ul>""")
TEXTS = {
    "fr": {
        "title": "À valider",
        "pieces": "Les pièces de travaux à valider",
        "subcontracting": "Sous-traitance : vous avez {days} jours pour répondre ; sans réponse, la demande est réputée acceptée.",
        "joint": "Cotraitance : sans l'accord du mandataire, la demande ne part pas, quel que soit le temps passé.",
        "refusal": "Un refus est motivé ; le fournisseur et l'acheteur en lisent le motif.",
    },
    "en": {
        "title": "To validate",
        "pieces": "The works documents to validate",
        "subcontracting": "Sub-contracting: you have {days} days to answer; without an answer the demand is deemed accepted.",
        "joint": "Joint contracting: without the accord of the mandataire the demand goes nowhere, however long it waits.",
        "refusal": "A refusal has its reasons; the supplier and the buyer read them.",
    },
}
