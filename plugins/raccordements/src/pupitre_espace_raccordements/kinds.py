"""Asking for a technical connection: by EDI or by the API, in qualification first and then in production (G.2)."""

from __future__ import annotations

from collections.abc import Iterator

import marshmallow
from pupitre_espaces import (
    Cadre,
    Completed,
    Effect,
    Finding,
    Label,
    Lifecycle,
    Motive,
    RequestDraft,
    RequestKind,
    Role,
    Transition,
    forms,
)
from pupitre_espaces.lifecycle import ANNUAIRE_SUBSCRIBE, ANNUAIRE_UNSUBSCRIBE, PARIS
from pupitre_espaces.requests import PLATFORM

EDI, API = "EDI", "API"
MODES = {EDI: Label("EDI", "EDI"), API: Label("API", "API")}
PROTOCOLS = {
    "SFTP": Label("SFTP", "SFTP"),
    "PESIT": Label("PeSIT", "PeSIT"),
    "AS2": Label("AS/2", "AS/2"),
}
NAME = Label("Raccordement EDI et API", "EDI and API connections")
KIND = Label("Demande de raccordement", "Connection request")
STATUSES = {
    "SOUMISE": Label("Soumise", "Submitted"),
    "EN_TEST": Label("En test (qualification)", "Being tested (qualification)"),
    "VALIDEE_QUALIFICATION": Label("Validée en qualification", "Accepted in qualification"),
    "PRODUCTION_DEMANDEE": Label("Passage en production demandé", "Production asked for"),
    "VALIDEE_PRODUCTION": Label("Validée en production", "Accepted in production"),
    "REFUSEE": Label("Refusée", "Refused"),
    "RACCORDEMENT_SUSPENDU": Label("Raccordement suspendu", "Connection suspended"),
    "RESILIEE": Label("Résiliée", "Terminated"),
}
MOTIVES = (
    Motive(
        "CERTIFICAT",
        Label(
            "Certificat absent, expiré ou insuffisant", "Certificate missing, expired or of too low a level"
        ),
    ),
    Motive("ADRESSE", Label("Adresse ou protocole inutilisable", "Address or protocol that cannot be used")),
    Motive("COMPTE_TECHNIQUE", Label("Compte technique absent", "Technical account missing")),
    Motive("TESTS", Label("Tests non concluants", "Tests without success")),
    Motive("AUTRE", Label("Autre", "Other")),
)


class Form(marshmallow.Schema):
    """What the applicant says of his system; which fields are needed follows from the mode."""

    mode = forms.choice(Label("Mode", "Mode"), MODES, needed=True)
    system = forms.text(Label("Outil raccordé", "System to be connected"), needed=True)
    contact = forms.text(
        Label("Adresse du contact technique", "Address of the technical contact"),
        needed=True,
        pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+",
    )
    protocol = forms.choice(Label("Protocole (EDI)", "Protocol (EDI)"), PROTOCOLS)
    address = forms.text(
        Label("Adresse IP ou nom du serveur (EDI)", "IP address or name of the server (EDI)"), longest=253
    )
    certificate_until = forms.day(Label("Certificat valable jusqu'au (EDI)", "Certificate valid until (EDI)"))
    application = forms.text(Label("Code de l'application (API)", "Code of the application (API)"))
    technical_account = forms.text(Label("Compte technique (API)", "Technical account (API)"))
    sends_invoices = forms.tick(Label("Envoie des factures", "Sends invoices"))
    reads_statuses = forms.tick(Label("Reçoit les statuts", "Receives statuses"))
    far37 = forms.tick(
        Label(
            "S'abonne au flux FAR37 (annuaire des structures)", "Subscribes to the flux FAR37 (annuaire of structures)"
        )
    )
    comment = forms.text(Label("Commentaire", "Comment"), longest=2000, rows=4)


_NEEDED = {EDI: ("protocol", "address", "certificate_until"), API: ("application", "technical_account")}


def complete(draft: RequestDraft) -> Completed:
    """Say what the mode demands and is missing: an address, protocol and valid certificate for EDI, an application and account for API."""
    return Completed(draft.form, findings=tuple(_findings(draft)))


def _findings(draft: RequestDraft) -> Iterator[Finding]:
    form, mode = draft.form, draft.form.get("mode")
    for name in _NEEDED.get(mode, ()):
        if not form.get(name):
            label = next(each.label for each in forms.describe(Form) if each.name == name)
            yield Finding(
                "mode-needs",
                "error",
                Label(
                    f"{label.fr} : nécessaire pour un raccordement {mode}.",
                    f"{label.en}: needed for a connection by {mode}.",
                ),
                Label("Renseignez-le.", "Fill it in."),
                term=name,
            )
    today = draft.clock.now().astimezone(PARIS).date()
    if mode == EDI and form.get("certificate_until") and form["certificate_until"] < today:
        yield Finding(
            "certificate-expired",
            "error",
            Label("Le certificat n'est plus valable.", "The certificate is no longer valid."),
            Label("Indiquez un certificat en cours de validité.", "Name a certificate that is valid."),
            term="certificate_until",
        )
    if mode == EDI and not any(each.says(".p7b", ".p7c", "pkcs7", "certificat") for each in draft.attachments):
        yield Finding(
            "certificate-missing",
            "error",
            Label(
                "La partie publique du certificat (PKCS#7) n'est pas jointe.",
                "The public part of the certificate (PKCS#7) is missing.",
            ),
            Label("Joignez-la à la demande.", "Attach it to the request."),
            term="files",
        )
    if mode and not any(form.get(name) for name in ("sends_invoices", "reads_statuses", "far37")):
        yield Finding(
            "nothing-exchanged",
            "error",
            Label("Rien n'est à échanger.", "There is nothing to exchange."),
            Label("Cochez au moins un échange.", "Tick at least one exchange."),
            term="sends_invoices",
        )


def _refusals(*sources: str) -> list[Transition]:
    return [
        Transition(
            source, "REFUSEE", "administrator", motive="required", motives=MOTIVES, label=Label("Refuser", "Refuse")
        )
        for source in sources
    ]


#: The annuaire's file comes while the connection is open in production, if the box is ticked.
SUBSCRIBED = (Effect(ANNUAIRE_SUBSCRIBE, when="far37"),)
UNSUBSCRIBED = (Effect(ANNUAIRE_UNSUBSCRIBE, when="far37"),)

LIFECYCLE = Lifecycle(
    "raccordement",
    [
        Transition("BROUILLON", "SOUMISE", "applicant", call="send"),
        Transition(
            "SOUMISE", "EN_TEST", "administrator", label=Label("Ouvrir la qualification", "Open the qualification")
        ),
        *_refusals("SOUMISE", "EN_TEST", "PRODUCTION_DEMANDEE"),
        *(
            Transition(source, "A_COMPLETER", "administrator", motive="required", awaited=source != "EN_TEST")
            for source in ("SOUMISE", "EN_TEST", "PRODUCTION_DEMANDEE")
        ),
        Transition("A_COMPLETER", "@before", "applicant", documents=True, label=Label("Compléter", "Complete")),
        Transition("EN_TEST", "VALIDEE_QUALIFICATION", "administrator"),
        Transition(
            "VALIDEE_QUALIFICATION",
            "PRODUCTION_DEMANDEE",
            "applicant",
            documents=True,
            label=Label("Demander la production", "Ask for production"),
        ),
        Transition("PRODUCTION_DEMANDEE", "VALIDEE_PRODUCTION", "administrator", effects=SUBSCRIBED),
        Transition(
            "VALIDEE_PRODUCTION",
            "RACCORDEMENT_SUSPENDU",
            "administrator",
            motive="required",
            motives=MOTIVES,
            awaited=False,
            effects=UNSUBSCRIBED,
        ),
        Transition(
            "RACCORDEMENT_SUSPENDU",
            "VALIDEE_PRODUCTION",
            "administrator",
            label=Label("Rétablir", "Restore"),
            effects=SUBSCRIBED,
        ),
        *(
            Transition(
                source,
                "RESILIEE",
                "applicant",
                motive="required",
                awaited=False,
                label=Label("Résilier", "Terminate"),
                effects=UNSUBSCRIBED if source == "VALIDEE_PRODUCTION" else (),
            )
            for source in ("VALIDEE_QUALIFICATION", "VALIDEE_PRODUCTION", "RACCORDEMENT_SUSPENDU")
        ),
    ],
    labels=STATUSES,
)

CONNECTION = RequestKind(
    key="raccordement",
    label=KIND,
    roles=(
        Role("applicant", Label("Demandeur", "Applicant")),
        Role("administrator", Label("Exploitant de la plateforme", "Operator of the platform"), always=PLATFORM),
    ),
    cadres=(Cadre("RAC", KIND, maker="applicant", needs=("administrator",)),),
    lifecycles=(LIFECYCLE,),
    form=Form,
    complete=complete,
    prefix="RAC",
)
