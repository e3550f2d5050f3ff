"""Help about internal validation."""

from pupitre_espaces import Article, Html, Label

ARTICLES = (
    Article(
        "valider-en-interne",
        Label("Faire valider une facture reçue avant de la payer", "Have an invoice received validated before it is paid"),
        Html(
            "<p>Un gestionnaire ouvre l'espace <em>Processus de validation</em>, habilite les valideurs (profil "
            "<em>modification</em>), puis ajoute des règles à la page <em>Règles</em> : par code service, à partir d'un montant "
            "TTC, pour un fournisseur, avec une ou deux étapes. Un seul des valideurs d'une étape suffit ; deux étapes demandent "
            "deux personnes.</p>"
            "<p>Une facture qu'une règle retient attend : elle ne peut être ni mandatée ni mise en paiement, par aucun moyen. Elle "
            "peut être prise en compte, suspendue, renvoyée ou rejetée. Le délai de paiement court : la liste dit les jours qui "
            "restent.</p>"
            "<p>Un refus porte un motif ; qui traite la facture le lit quand il veut la payer, et la renvoie. Une facture complétée "
            "ensuite par son fournisseur est validée de nouveau. Un gestionnaire confie l'étape d'un valideur absent à d'autres, et "
            "relance une validation refusée. Si l'espace est fermé, plus aucune facture n'attend.</p>"
        ),
        Html(
            "<p>A gestionnaire opens the espace <em>Validation process</em>, gives the validators a habilitation (profile "
            "<em>modification</em>), then adds rules on the page <em>Rules</em>: by code service, from an amount incl. tax, for a "
            "supplier, in one or two steps. One of the validators of a step is enough; two steps take two people.</p>"
            "<p>An invoice that a rule takes waits: its payment can be neither ordered nor made, by any way. It may be taken into "
            "account, suspended, sent back or rejected. The time to pay runs on: the list tells the days that are left.</p>"
            "<p>A refusal has a motive; who works on the invoice reads it when he wants to pay, and sends the invoice back. One "
            "that its supplier then completes is validated anew. A gestionnaire gives the step of an absent validator to others, "
            "and begins a refused validation again. Once the espace is closed no invoice waits any more.</p>"
        ),
    ),
)
