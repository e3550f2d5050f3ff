"""What the help centre and the mail say of the espace."""

from pupitre_espaces import Article, Html, Label, MessageTemplate

OPENED = MessageTemplate(
    "espace.opened.v1",
    subject=Label(
        "Mémoires de frais de justice : l'espace est ouvert pour {structure_name}",
        "Court costs: the espace is open for {structure_name}",
    ),
    body=Label(
        "{structure_name} peut déposer ses mémoires de frais de justice. Un mémoire s'envoie dans l'année qui "
        "suit la fin de la mission. Préparez "
        "la réquisition ou l'ordonnance, l'attestation de mission et les justificatifs de frais.",
        "{structure_name} can deposit its mémoires of court costs. A mémoire is sent within a year of the end of "
        "the mission. Have the requisition "
        "or order, the certificate of the mission and the proofs of expenses at hand.",
    ),
)

ARTICLES = (
    Article(
        "deposer-un-memoire",
        Label("Déposer un mémoire de frais de justice", "Deposit a mémoire of court costs"),
        Html(
            "<p>Un mémoire demande le paiement d'une prestation ordonnée par l'autorité judiciaire ou par un "
            "officier de police judiciaire. Ne sont pas des "
            "frais de justice : les affaires avec aide juridictionnelle, les expertises avec consignation, les "
            "témoins, jurés et parties civiles, les "
            "réquisitions de la préfecture. Le formulaire le demande d'abord.</p>"
            "<ol><li>Enregistrez l'en-tête : juridiction de la décision qui vous a désigné, catégorie, affaire, "
            "dates.</li>"
            "<li>Ajoutez les lignes de prestation ; le prix au tarif se remplit de lui-même, le prix d'un devis "
            "se saisit.</li>"
            "<li>Joignez les pièces, désignées par leur nom.</li><li>Envoyez : le mémoire est « mis à disposition "
            "» et ne se modifie plus.</li></ol>"
            "<p>Le greffe certifie, le magistrat taxe s'il y a lieu, puis le mémoire est mis en paiement. « À "
            "compléter » demande une pièce ; "
            "« À recycler » signale une mauvaise juridiction, que vous corrigez sans changer le numéro.</p>"
        ),
        Html(
            "<p>A mémoire asks to be paid for a service ordered by the judicial authority or by a police officer "
            "of the justice system. No court costs are: "
            "cases with legal aid, expertises with a deposit of the parties, witnesses, jurors and civil parties, "
            "requisitions of the préfecture. The form asks "
            "that first.</p>"
            "<ol><li>Keep the header: the court of the decision that appointed you, category, case, dates.</li>"
            "<li>Add the services; a price of the tariff fills itself in, the price of a quote is typed.</li>"
            "<li>Attach the documents, designated by their name.</li><li>Send it: the mémoire is “made available” "
            "and changes no more.</li></ol>"
            "<p>The registry certifies, the magistrate taxes where needed, then it is put into payment. “To be "
            "completed” asks for a document; “to be "
            "recycled” means a wrong court, which you correct without a new number.</p>"
        ),
    ),
    Article(
        "frais-divers",
        Label("Déclarer ses frais de déplacement et d'affranchissement", "State expenses of travel and postage"),
        Html(
            "<p>Là où leur remboursement est possible, les frais divers réunissent les indemnités de mission "
            "(repas, hébergement, kilomètres), les transports "
            "(titre de transport, péage) et l'affranchissement.</p>"
            "<p>Le plus simple : remplissez le calcul de la ligne. Le total se reporte dans « Frais divers » et "
            "le bordereau se joint de lui-même. Sinon, "
            "« Détail des frais divers » donne le bordereau à remplir : reportez le total de la case F30 et "
            "joignez le fichier à la ligne.</p>"
        ),
        Html(
            "<p>Where they are refunded, expenses (frais divers) are mission indemnities (meals, accommodation, "
            "kilometres), transport (ticket, toll) and "
            "postage.</p>"
            "<p>The simplest way: fill in the calculation of the line. The total goes into “Frais divers” and the "
            "bordereau attaches itself. Else “Detail of "
            "expenses” gives the bordereau to be filled in: enter the total of cell F30 and attach the file to "
            "the line.</p>"
        ),
    ),
    Article(
        "forclusion-et-memoires-groupes",
        Label("Délai d'un an et mémoires groupés", "The year, and grouped mémoires"),
        Html(
            "<p>Un mémoire s'envoie dans l'année qui suit la fin de la mission, pour les missions terminées "
            "depuis le 31 décembre 2020. La page « Échéances » "
            "compte les jours ; un avertissement paraît à onze mois.</p>"
            "<p>Un mémoire groupé réunit plusieurs missions : cochez la case, datez chaque ligne et joignez le "
            "bordereau des mémoires groupés. Le délai court "
            "pour chaque mission.</p>"
        ),
        Html(
            "<p>A mémoire is sent within a year of the end of the mission, for missions that ended since 31 "
            "December 2020. The page “Deadlines” counts the "
            "days; a warning appears at eleven months.</p>"
            "<p>A grouped mémoire holds several missions: tick the box, date each line and attach the list of the "
            "grouped missions. The year runs for "
            "each mission.</p>"
        ),
    ),
)
