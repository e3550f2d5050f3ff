"""The three ways to be helped: the assistant, a written request, and a conversation with an agent where a plugin brings one (R252)."""

from pupitre_espaces import Html, PageContent, PageRequest

BODY = Html(
    '<ul class="list-group"><li class="list-group-item"><a href="{assistant}">{talk}</a><br>{always}</li>'
    '<li class="list-group-item"><a href="{new}">{write}</a><br>{followed}</li>'
    '<li class="list-group-item">{agent}<br>{elsewhere}</li></ul>'
)
TEXTS = {
    "fr": {
        "title": "Nous contacter",
        "talk": "Parler à l'assistant",
        "always": "À toute heure, sept jours sur sept.",
        "write": "Envoyer une demande",
        "followed": "Au support ou au service qui traite la facture ; vous en suivez la réponse ici.",
        "agent": "Discuter avec un agent",
        "elsewhere": "Cette plateforme ne propose pas de conversation avec un agent ; un plugin peut l'ajouter.",
    },
    "en": {
        "title": "Contact us",
        "talk": "Talk to the assistant",
        "always": "At any hour, seven days a week.",
        "write": "Send a request",
        "followed": "To the support or to the service that processes the invoice; you follow its answer here.",
        "agent": "Chat with an agent",
        "elsewhere": "This platform offers no conversation with an agent; a plugin may add one.",
    },
}


def contact(request: PageRequest) -> PageContent:
    """Show the three ways."""
    words = TEXTS[request.context.language]
    return PageContent(
        words["title"], BODY.format(assistant=request.link("assistant"), new=request.link("demandes"), **words)
    )
