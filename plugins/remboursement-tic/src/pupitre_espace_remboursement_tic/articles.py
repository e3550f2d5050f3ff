"""What the help centre and the mail say of the espace."""

from pupitre_espaces import Article, Html, Label, MessageTemplate

OPENED = MessageTemplate(
    "espace.opened.v1",
    subject=Label(
        "Remboursement de taxes : l'espace est ouvert pour {structure_name}",
        "Tax refunds: the espace is open for {structure_name}",
    ),
    body=Label(
        "{structure_name} peut déposer ses demandes de remboursement des taxes sur les carburants. Préparez le "
        "RIB au nom de l'exploitation et les "
        "factures de carburant avec l'adresse de livraison. Une seule demande est admise par année : attendez la "
        "dernière livraison.",
        "{structure_name} can deposit its requests for a refund of the taxes on fuels. Have the RIB in the name "
        "of the farm and the fuel invoices "
        "with the address of delivery at hand. One request is admitted for a year: wait for the last delivery.",
    ),
)

ARTICLES = (
    Article(
        "deposer-une-demande-de-remboursement",
        Label("Déposer une demande de remboursement de taxes", "Deposit a request for a tax refund"),
        Html(
            "<p>Qui peut demander : agriculteurs (personnes et sociétés), CUMA, entreprises de travaux agricoles "
            "ou forestiers, GIE dont tous les "
            "membres sont agriculteurs, et les professions conchylicoles, piscicoles et forestières.</p>"
            "<ol><li>Enregistrez l'en-tête : année, coordonnées bancaires, service instructeur, attestation sur "
            "l'honneur.</li>"
            "<li>Ajoutez les livraisons une par une, ou importez un fichier CSV : numéro de facture, date de "
            "livraison, carburant, volume, unité. "
            "Les lignes lisibles sont gardées ; chaque ligne refusée est nommée avec son motif.</li>"
            "<li>Joignez le RIB (désigné « RIB ») et les factures.</li><li>Envoyez. Le statut devient « Mise à "
            "disposition » ; son absence signifie "
            "que l'envoi n'a pas abouti.</li></ol>"
            "<p>Les factures comptent par date de livraison, payées ou non. L'instruction prend d'ordinaire 3 à 6 "
            "semaines.</p>"
        ),
        Html(
            "<p>Who may ask: farmers (persons and companies), CUMA, agricultural or forestry contractors, GIE "
            "whose members are all farmers, and the "
            "shellfish, fish farming and forestry trades.</p>"
            "<ol><li>Keep the header: year, bank details, examining service, certificate on honour.</li>"
            "<li>Add the deliveries one by one, or import a CSV file: invoice number, day of delivery, fuel, "
            "volume, unit. Lines that can be read are "
            "kept; each line refused is named with its reason.</li>"
            "<li>Attach the RIB (designated “RIB”) and the invoices.</li><li>Send it. The status becomes “Made "
            "available”; if it does not, the request "
            "was not sent.</li></ol>"
            "<p>Invoices count by day of delivery, paid or not. Examination usually takes 3 to 6 weeks.</p>"
        ),
    ),
    Article(
        "delais-taux-et-avance",
        Label("Délais, taux et avance", "Deadlines, rates and advance"),
        Html(
            "<p>Une demande se dépose jusqu'au 31 décembre de la troisième année après celle des livraisons ; "
            "pour le GNR livré en 2021 et 2022, de la "
            "deuxième. La page « Échéances » compte les jours.</p>"
            "<p>Le taux dépend du carburant et de la date de livraison ; la page « Taux » les montre. Pour une "
            "date sans taux, la demande reste en "
            "brouillon jusqu'à ce que l'administrateur du portail le renseigne.</p>"
            "<p>Une demande sans ligne est admise : qui a reçu une avance déclare ainsi zéro, et évite de la "
            "reverser par défaut de dépôt.</p>"
        ),
        Html(
            "<p>A request is deposited by 31 December of the third year after that of the deliveries; for GNR "
            "delivered in 2021 and 2022, of the "
            "second. The page “Deadlines” counts the days.</p>"
            "<p>The rate depends on the fuel and the day of delivery; the page “Rates” shows them. For a day "
            "without a rate the request stays a draft "
            "until the administrator of the portal fills the rate in.</p>"
            "<p>A request without lines is admitted: who had an advance so states zero, and is not asked to pay "
            "it back for want of a request.</p>"
        ),
    ),
    Article(
        "deposer-pour-un-agriculteur",
        Label("Centre de gestion : déposer pour un agriculteur", "Accounting centre: deposit for a farmer"),
        Html(
            "<p>Le centre de gestion n'a pas besoin de cet espace pour sa propre structure. Ses utilisateurs "
            "demandent le rattachement à la structure "
            "de l'agriculteur, dont l'espace doit être ouvert, puis l'habilitation en modification dans cet "
            "espace. Ils déposent alors en son nom ; "
            "l'historique dit qui a agi.</p>"
        ),
        Html(
            "<p>The accounting centre does not need this espace for its own structure. Its users ask for a "
            "rattachement to the farmer's structure, "
            "whose espace must be open, then for the habilitation in modification in it. They then deposit in its "
            "name; the history says who acted.</p>"
        ),
    ),
)
