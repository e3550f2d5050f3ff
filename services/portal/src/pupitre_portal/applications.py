"""The applications of the portal (R003), as one table: what the menu, the pages of the domains, the breadcrumb, the search and the
public home are made from. Which of them somebody may open is worked out in ``navigation``.
"""

from dataclasses import dataclass

from .domains import EVERYBODY, PUBLIC_BODY, SUPPLIERS
from .languages import N_


@dataclass(frozen=True)
class Application:
    """One thing that a visitor may do.

    ``espace``: a habilitation in it is needed, in a structure of ``structure_type`` where one is named; ``also``: other espaces that
    open the application too. Without an espace it is for everybody who is signed in, or ``for_gestionnaires`` alone; ``is_public`` is for
    those as well who are not. ``endpoint`` is its page; without one, the espace's plugin has it. ``parts``: the blueprints whose
    pages belong to it. ``is_tab``: its espace puts it into the menu (R011 to R013), and ``is_tab_with_also`` the others
    do too. ``words``: what else people call it.
    """

    key: str
    domain: str
    label: str
    summary: str
    help: str
    words: str = ""
    espace: str | None = None
    also: tuple[str, ...] = ()
    endpoint: str | None = None
    parts: tuple[str, ...] = ()
    structure_type: str | None = None
    for_gestionnaires: bool = False
    is_public: bool = False
    is_tab: bool = False
    is_tab_with_also: bool = False
    visitors: frozenset[str] = EVERYBODY


APPLICATIONS = (
    Application(
        "dume",
        "marche",
        N_("DUME"),
        N_("Comprendre le document unique de marché européen, et aller le remplir."),
        N_(
            "Le document unique de marché européen remplace les attestations d'une candidature ; il se remplit sur un service à part. "
            "Un gestionnaire ouvre l'espace pour la structure."
        ),
        words=N_("candidature marché public appel d'offres"),
        espace="dume",
        visitors=SUPPLIERS | {PUBLIC_BODY},
    ),
    Application(
        "engagements",
        "commande",
        N_("Engagements"),
        N_("Consulter les engagements : marchés et bons de commande."),
        N_("Chaque engagement porte le numéro que la facture doit citer. Cherchez-le par numéro, acheteur ou date."),
        words=N_("engagement juridique bon de commande marché"),
        espace="engagements",
        is_tab=True,
    ),
    Application(
        "factures-emises",
        "facturation",
        N_("Factures émises"),
        N_("Saisir ou déposer des factures et suivre leur traitement."),
        N_(
            "Saisissez la facture ou déposez un fichier, relisez, puis envoyez. La synthèse montre ce qui attend "
            "une action de votre part ; chaque facture garde l'historique de ses statuts."
        ),
        words=N_("déposer saisir facture avoir fournisseur brouillon statut"),
        espace="factures-emises",
        endpoint="issued.listing",
        parts=("issued", "entry", "entry_pdf", "returns"),
        is_tab=True,
    ),
    Application(
        "factures-recues",
        "facturation",
        N_("Factures reçues"),
        N_("Consulter et traiter les factures reçues par une entité publique."),
        N_(
            "Ouvrez une facture pour la lire et changer son statut. Suspendre, recycler ou rejeter demande un "
            "motif, que le fournisseur lit. Réservé aux structures publiques."
        ),
        words=N_("recevoir traiter suspendre rejeter mandater destinataire"),
        espace="factures-recues",
        endpoint="received.listing",
        parts=("received", "mass"),
        structure_type="PUBLIC",
        is_tab=True,
        visitors=frozenset({PUBLIC_BODY}),
    ),
    Application(
        "factures-a-valider",
        "facturation",
        N_("Factures à valider"),
        N_("Viser les factures des sous-traitants et des cotraitants."),
        N_("Le titulaire ou le mandataire dispose de quinze jours pour valider ou refuser la demande de paiement."),
        words=N_("sous-traitant cotraitant titulaire mandataire paiement direct"),
        espace="factures-a-valider",
        is_tab=True,
    ),
    Application(
        "factures-travaux",
        "facturation",
        N_("Factures de travaux"),
        N_("Échanger les pièces des marchés de travaux."),
        N_(
            "Projets de décompte, états d'acompte et décomptes passent de l'entreprise au maître d'œuvre, puis à "
            "l'acheteur."
        ),
        words=N_("travaux décompte acompte maître d'œuvre chantier CCAG"),
        espace="factures-travaux",
        is_tab=True,
    ),
    Application(
        "frais-de-justice",
        "facturation",
        N_("Mémoires de frais de justice"),
        N_("Déposer les mémoires des prestations ordonnées par la justice."),
        N_("Le mémoire se saisit en quatre étapes et part à la juridiction qui a ordonné la prestation."),
        words=N_("mémoire expert interprète tribunal juridiction"),
        espace="frais-de-justice",
        is_tab=True,
    ),
    Application(
        "remboursement-tic",
        "facturation",
        N_("Demande de remboursement TIC"),
        N_("Demander le remboursement de taxes sur les carburants agricoles."),
        N_("La demande reprend les factures de carburant de l'année ; le taux dépend de l'année de livraison."),
        words=N_("remboursements de taxes accise gazole agricole TICPE"),
        espace="remboursement-tic",
        is_tab=True,
    ),
    Application(
        "souscrire-mandat",
        "facturation",
        N_("Souscrire un mandat de facturation"),
        N_("Confier l'émission de ses factures à un mandataire."),
        N_("Le mandat dit qui facture au nom de qui, et jusqu'à quand."),
        words=N_("mandat mandataire déléguer"),
        endpoint="mandats.give",
        for_gestionnaires=True,
        visitors=SUPPLIERS,
    ),
    Application(
        "gerer-mandat",
        "facturation",
        N_("Gérer un mandat de facturation"),
        N_("Suivre et terminer les mandats de facturation."),
        N_("La liste donne les mandats reçus et donnés, leur état et leur terme."),
        words=N_("mandat mandataire déléguer"),
        endpoint="mandats.listing",
        parts=("mandats",),
        for_gestionnaires=True,
        visitors=SUPPLIERS,
    ),
    Application(
        "mes-messages",
        "facturation",
        N_("Mes messages"),
        N_("Écrire aux fournisseurs d'une entité publique."),
        N_(
            "Le message parvient à tous les fournisseurs qui ont envoyé une facture à la structure. Ils le lisent "
            "sous Communication ; ils ne peuvent pas y répondre."
        ),
        words=N_("message diffusion fournisseurs communication"),
        espace="mes-messages",
        also=("factures-recues",),
        endpoint="communication.sent",
        structure_type="PUBLIC",
        is_tab=True,
        is_tab_with_also=True,
        visitors=frozenset({PUBLIC_BODY}),
    ),
    Application(
        "sollicitations-emises",
        "facturation",
        N_("Sollicitations émises"),
        N_("Interroger le support ou une entité publique."),
        N_("Une sollicitation se suit jusqu'à sa réponse."),
        words=N_("ticket question réclamation support assistance"),
        espace="sollicitations-emises",
        is_tab=True,
    ),
    Application(
        "sollicitations-recues",
        "facturation",
        N_("Sollicitations reçues"),
        N_("Répondre aux questions des fournisseurs."),
        N_("Chaque sollicitation attend une réponse de la structure ; réservé aux structures publiques."),
        words=N_("ticket question réclamation répondre"),
        espace="sollicitations-recues",
        structure_type="PUBLIC",
        is_tab=True,
        visitors=frozenset({PUBLIC_BODY}),
    ),
    Application(
        "structures",
        "organisation",
        N_("Structures"),
        N_("Consulter et administrer ses structures, leurs services et leurs espaces."),
        N_(
            "La page d'une structure montre ses paramètres, ses services et ses espaces. Un gestionnaire y ouvre "
            "ou ferme les espaces."
        ),
        words=N_("SIRET service espace paramètres activités du gestionnaire coordonnées bancaires"),
        endpoint="structures.listing",
        parts=("structures", "structure_manage", "structure_services", "bank_details", "structure_documents", "annuaire_files", "history"),
    ),
    Application(
        "creer-structure",
        "organisation",
        N_("Créer une structure"),
        N_("Faire entrer une entreprise ou une association sur le portail."),
        N_(
            "Cherchez d'abord l'identifiant : si la structure existe, demandez un rattachement. Qui la crée en "
            "devient gestionnaire principal."
        ),
        words=N_("nouvelle entreprise SIRET inscription"),
        endpoint="structures.create",
        visitors=SUPPLIERS,
    ),
    Application(
        "demander-structure-publique",
        "organisation",
        N_("Demander une structure publique"),
        N_("Demander une entité publique que l'annuaire ne connaît pas."),
        N_("La demande va à l'exploitant du portail ; la page montre ce qu'elle devient."),
        words=N_("nouvelle mairie collectivité annuaire absente"),
        endpoint="structure_manage.ask_public",
    ),
    Application(
        "activites-du-gestionnaire",
        "organisation",
        N_("Activités du gestionnaire"),
        N_("Retrouver ce qui est à gérer, structure par structure."),
        N_("Chaque structure mène à ses espaces, à ses utilisateurs, à leurs habilitations et aux demandes qui attendent."),
        words=N_("gestionnaire principal secondaire espaces demandes à traiter"),
        endpoint="managing.activities",
        parts=("managing",),
        for_gestionnaires=True,
    ),
    Application(
        "utilisateurs",
        "organisation",
        N_("Utilisateurs"),
        N_("Voir les utilisateurs d'une structure, les habiliter, les détacher."),
        N_(
            "Choisissez la structure : la liste donne rôle, dates et habilitations de chacun. Réservé aux "
            "gestionnaires."
        ),
        words=N_("rattachement rattacher détacher habilitation abonnement collègue gestionnaire"),
        endpoint="managing.users",
        parts=("members", "member_habilitations"),
        for_gestionnaires=True,
    ),
    Application(
        "approbations",
        "organisation",
        N_("Approbations"),
        N_("Décider des demandes de rattachement et d'habilitation."),
        N_("Approuver prend effet aussitôt ; refuser demande un motif, que le demandeur lit."),
        words=N_("rattachement habilitation abonnement demande approuver refuser valider"),
        endpoint="approbations.listing",
        parts=("approbations",),
        for_gestionnaires=True,
        visitors=frozenset(),
    ),
    Application(
        "demander-rattachement",
        "organisation",
        N_("Demander un rattachement"),
        N_("Demander à agir pour une structure qui existe déjà."),
        N_(
            "Cherchez la structure par son SIRET, puis envoyez la demande : son gestionnaire l'approuve ou la "
            "refuse."
        ),
        words=N_("rattacher rejoindre SIRET entreprise collègue"),
        endpoint="rattachements.search",
    ),
    Application(
        "mes-rattachements",
        "organisation",
        N_("Mes rattachements"),
        N_("Suivre ses demandes et quitter une structure."),
        N_("La liste donne l'état de chaque demande ; un refus y montre son motif."),
        words=N_("rattachement détacher quitter demande structure"),
        endpoint="rattachements.listing",
        parts=("rattachements",),
    ),
    Application(
        "mes-habilitations",
        "organisation",
        N_("Mes habilitations"),
        N_("Voir ce que l'on peut faire, structure par structure."),
        N_("Chaque ligne donne une structure, un service et un profil : consultation ou modification."),
        words=N_("abonnement profil droits consultation modification espaces"),
        endpoint="habilitations.mine",
        parts=("habilitations",),
    ),
    Application(
        "annuaire",
        "organisation",
        N_("Annuaire des structures publiques"),
        N_("Trouver une entité publique, ses services et ce qu'elle exige d'une facture."),
        N_("Cherchez par SIRET, nom ou ville ; l'astérisque remplace une suite de lettres."),
        words=N_("destinataire SIRET code service mairie collectivité recherche"),
        endpoint="directory.search",
        parts=("directory",),
    ),
    Application(
        "suivi-des-flux",
        "raccordements",
        N_("Suivi des flux"),
        N_("Suivre les fichiers déposés en une fois et leurs comptes rendus."),
        N_("Chaque flux garde son numéro, son état et, facture par facture, la raison d'un refus."),
        words=N_("flux EDI compte rendu lot archive qualification"),
        espace="suivi-des-flux",
        also=("factures-emises",),
        endpoint="flux.listing",
        parts=("flux",),
        is_tab=True,
    ),
    Application(
        "raccordements",
        "raccordements",
        N_("Raccordements EDI et API"),
        N_("Demander le raccordement d'un logiciel, par EDI ou par API."),
        N_("La demande dit le protocole, les formats et les contacts techniques ; elle suit une qualification."),
        words=N_("EDI API raccordement logiciel éditeur connexion certificat"),
        espace="raccordements",
        is_tab=True,
    ),
    Application(
        "compte-technique",
        "raccordements",
        N_("Compte technique"),
        N_("Créer et renouveler les comptes des logiciels."),
        N_(
            "Un compte technique n'ouvre que l'API. Son secret est montré une seule fois ; il expire, et le "
            "gestionnaire principal en est averti."
        ),
        words=N_("API mot de passe technique secret jeton logiciel"),
        endpoint="technical.ask",
        parts=("technical",),
        for_gestionnaires=True,
    ),
    Application(
        "signature",
        "outils",
        N_("Signature électronique"),
        N_("Vérifier les signatures électroniques d'un PDF."),
        N_(
            "La page dit qui a signé, quand, et si le document a changé depuis. Rien n'est conservé. Un gestionnaire ouvre l'espace pour "
            "la structure."
        ),
        words=N_("vérifier signer signé signature certificat horodatage PDF intégrité authenticité"),
        espace="signature",
    ),
    Application(
        "controler-un-fichier",
        "outils",
        N_("Contrôler un fichier"),
        N_("Vérifier une facture sans la déposer."),
        N_(
            "Le rapport nomme chaque règle qui n'est pas respectée et dit comment corriger. Rien n'est conservé ; "
            "aucun compte n'est nécessaire."
        ),
        words=N_("validation vérifier Factur-X UBL CII XML contrôle schematron"),
        endpoint="validation.check",
        parts=("validation",),
        is_public=True,
    ),
)
