"""What the espace says, in both languages."""

from pupitre_espaces import Label

NAME = Label("DUME", "ESPD (DUME)")
DESCRIPTION = Label(
    "Ce qu'est le document unique de marché européen, et où le remplir.",
    "What the European Single Procurement Document is, and where to fill it in.",
)
TITLE = Label("Document unique de marché européen", "European Single Procurement Document")
#: What it is, one paragraph each: article 59 of directive 2014/24/UE, implementing regulation (UE) 2016/7, articles R. 2143-3 and
#: R. 2143-4 of the Code de la commande publique.
WHAT = (
    Label(
        "Le document unique de marché européen (DUME) est une déclaration sur l'honneur de l'entreprise qui candidate à un marché "
        "public : elle n'est "
        "dans aucun cas d'exclusion et remplit les conditions de la candidature. Son modèle est celui du règlement d'exécution (UE) "
        "2016/7.",
        "The European Single Procurement Document (in French DUME) is a declaration on honour of the firm that applies for a public "
        "contract: no "
        "ground of exclusion applies to it, and it meets the conditions. Its form is that of implementing regulation (EU) 2016/7.",
    ),
    Label(
        "L'acheteur l'accepte à la place des déclarations et attestations de l'article R. 2143-3 du code de la commande publique "
        "(article R. 2143-4). Les preuves elles-mêmes sont demandées à l'attributaire seul.",
        "The buyer accepts it in place of the declarations and certificates of article R. 2143-3 of the Code de la commande publique "
        "(article R. 2143-4). The proofs themselves are asked of the winner alone.",
    ),
    Label(
        "Il se remplit sur un service à part : ce portail n'en crée, n'en reçoit et n'en conserve aucun.",
        "It is filled in with a service of its own: this portal makes, receives and keeps none.",
    ),
)
GO = Label("Ouvrir : {name}", "Open: {name}")
LEAVES = Label("Ce lien quitte le portail et mène à {host}.", "This link leaves the portal and leads to {host}.")
NONE = Label(
    "L'exploitant du portail n'a pas indiqué de service DUME. Demandez à l'acheteur celui qu'il emploie : son avis de marché ou son "
    "profil d'acheteur le dit.",
    "The operator of the portal has named no DUME service. Ask the buyer which one he uses: his contract notice or his buyer profile "
    "tells.",
)
