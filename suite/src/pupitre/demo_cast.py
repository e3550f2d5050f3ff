"""Who plays in the demonstration: structures, the people in them, and the accounts of their programs.

First the story of invoices, then those with whom the espaces can be tried: a works contract, a farm and who examines its requests, a court
and an expert, a service of the State that orders, and the operator of the platform. Names and numbers are invented.
"""

from typing import Any

#: The structure of the platform's operator, which PUPITRE_PLATFORM_SIRET names in the demonstration.
PLATFORM_SIRET = "13009952600019"

STRUCTURES: list[dict[str, Any]] = [
    {
        "key": "papeterie",
        "identifier": "82140973700011",
        "name": "Papeterie des Quais",
        "type": "PRIVATE",
        "vat_number": "FR95821409737",
        "address": {"line": "4 quai du Port", "postal_code": "44000", "city": "Nantes", "country": "FR"},
        "espaces": ["bonjour", "dume", "engagements", "raccordements", "signature", "suivi-des-flux"],
    },
    {
        "key": "traiteur",
        "identifier": "90215368300013",
        "name": "Traiteur Belle Rive",
        "type": "PRIVATE",
        "address": {"line": "18 rue des Tilleuls", "postal_code": "49000", "city": "Angers", "country": "FR"},
    },
    {
        "key": "commune",
        "identifier": "21750119600018",
        "name": "Commune de Valbourg",
        "type": "PUBLIC",
        "address": {"line": "1 place de l'Hôtel-de-Ville", "postal_code": "44999", "city": "Valbourg", "country": "FR"},
        "parameters": {"requires_service": True, "requires_engagement": True},
        "services": [
            {"code": "TECHNIQUE", "label": "Services techniques", "requires_engagement": True},
            {"code": "ECOLES", "label": "Écoles et périscolaire"},
            {"code": "ANCIEN", "label": "Ancien service des fêtes", "active": False},
        ],
    },
    {
        "key": "mediatheque",
        "identifier": "20009347400027",
        "name": "Médiathèque intercommunale du Val",
        "type": "PUBLIC",
        "address": {"line": "7 rue des Lavoirs", "postal_code": "44998", "city": "Saint-Val", "country": "FR"},
    },
    {
        "key": "batisseurs",
        "identifier": "81730452000015",
        "name": "Bâtisseurs du Val",
        "type": "PRIVATE",
        "address": {"line": "12 rue des Forges", "postal_code": "44000", "city": "Nantes", "country": "FR"},
        "espaces": ["factures-travaux", "factures-a-valider"],
    },
    {
        "key": "charpentes",
        "identifier": "83951067400014",
        "name": "Charpentes Lemoine",
        "type": "PRIVATE",
        "address": {"line": "3 chemin du Bois", "postal_code": "44300", "city": "Nantes", "country": "FR"},
        "espaces": ["factures-travaux"],
    },
    {
        "key": "electricite",
        "identifier": "80264913700014",
        "name": "Électricité Aubry",
        "type": "PRIVATE",
        "address": {"line": "27 boulevard de l'Ouest", "postal_code": "49000", "city": "Angers", "country": "FR"},
        "espaces": ["factures-travaux"],
    },
    {
        "key": "architecte",
        "identifier": "84017526900017",
        "name": "Atelier Horizon, architectes",
        "type": "PRIVATE",
        "address": {"line": "5 place des Arts", "postal_code": "44000", "city": "Nantes", "country": "FR"},
        "espaces": ["factures-travaux"],
    },
    {
        "key": "syndicat",
        "identifier": "20008641100010",
        "name": "Syndicat d'aménagement du Val",
        "type": "PUBLIC",
        "address": {"line": "2 quai des Mariniers", "postal_code": "44999", "city": "Valbourg", "country": "FR"},
        "parameters": {"moa_presence": "AVEC_MOA"},
        "services": [
            {"code": "TRAVAUX", "label": "Direction des travaux (MOA)"},
            {"code": "FINANCES", "label": "Service financier"},
        ],
        "espaces": ["factures-travaux", "processus-de-validation"],
    },
    {
        "key": "ferme",
        "identifier": "79835214200011",
        "name": "EARL des Trois Chênes",
        "type": "PRIVATE",
        "address": {"line": "Lieu-dit Les Trois Chênes", "postal_code": "49120", "city": "Chemillé", "country": "FR"},
        "espaces": ["remboursement-tic"],
    },
    {
        "key": "ddt",
        "identifier": "13009841100015",
        "name": "Direction départementale des territoires du Val",
        "type": "PUBLIC",
        "address": {"line": "10 rue de la Préfecture", "postal_code": "49999", "city": "Saint-Val", "country": "FR"},
        "services": [{"code": "TIC", "label": "Remboursements de taxes"}],
        "espaces": ["remboursement-tic"],
    },
    {
        "key": "expert",
        "identifier": "85326041200012",
        "name": "Cabinet Sorel, interprètes et experts",
        "type": "PRIVATE",
        "address": {"line": "9 rue du Palais", "postal_code": "44000", "city": "Nantes", "country": "FR"},
        "espaces": ["frais-de-justice"],
    },
    {
        "key": "tribunal",
        "identifier": "17440982100017",
        "name": "Tribunal judiciaire de Valbourg",
        "type": "PUBLIC",
        "address": {"line": "1 place du Palais", "postal_code": "44999", "city": "Valbourg", "country": "FR"},
        "services": [{"code": "FRAIS", "label": "Service des frais de justice"}],
        "espaces": ["frais-de-justice"],
    },
    {
        "key": "prefecture",
        "identifier": "17449901200014",
        "name": "Préfecture du Val",
        "type": "PUBLIC",
        "address": {"line": "1 rue de la Préfecture", "postal_code": "44999", "city": "Valbourg", "country": "FR"},
        "espaces": ["engagements"],
    },
    {
        "key": "plateforme",
        "identifier": PLATFORM_SIRET,
        "name": "Agence du portail Pupitre",
        "type": "PUBLIC",
        "address": {"line": "100 avenue du Réseau", "postal_code": "75999", "city": "Paris", "country": "FR"},
        "espaces": ["raccordements", "sollicitations-recues"],
    },
]

PERSONAS: list[dict[str, str]] = [
    {"key": "fournisseur", "structure": "papeterie", "given_name": "Fanny", "family_name": "Quentin", "role": "GP"},
    {"key": "fournisseur-comptable", "structure": "papeterie", "given_name": "Karim", "family_name": "Lenoir", "role": "US"},
    {"key": "traiteur", "structure": "traiteur", "given_name": "Bastien", "family_name": "Rivet", "role": "GP"},
    {"key": "commune-gestionnaire", "structure": "commune", "given_name": "Claire", "family_name": "Vasseur", "role": "GP"},
    {"key": "commune-agent", "structure": "commune", "given_name": "Alain", "family_name": "Moreau", "role": "US"},
    {"key": "mediatheque-gestionnaire", "structure": "mediatheque", "given_name": "Margot", "family_name": "Prieur", "role": "GP"},
    {"key": "mediatheque-agent", "structure": "mediatheque", "given_name": "Hugo", "family_name": "Besson", "role": "US"},
    {"key": "titulaire", "structure": "batisseurs", "given_name": "Thomas", "family_name": "Guérin", "role": "GP"},
    {"key": "sous-traitant", "structure": "charpentes", "given_name": "Solène", "family_name": "Lemoine", "role": "GP"},
    {"key": "cotraitant", "structure": "electricite", "given_name": "Cédric", "family_name": "Aubry", "role": "GP"},
    {"key": "maitrise-oeuvre", "structure": "architecte", "given_name": "Mona", "family_name": "Ferrand", "role": "GP"},
    {"key": "maitrise-ouvrage", "structure": "syndicat", "given_name": "Odile", "family_name": "Marchand", "role": "GP"},
    {"key": "service-financier", "structure": "syndicat", "given_name": "Fabrice", "family_name": "Noël", "role": "US"},
    {"key": "agricultrice", "structure": "ferme", "given_name": "Agnès", "family_name": "Chauvin", "role": "GP"},
    {"key": "instructeur-tic", "structure": "ddt", "given_name": "Damien", "family_name": "Texier", "role": "GP"},
    {"key": "expert", "structure": "expert", "given_name": "Estelle", "family_name": "Sorel", "role": "GP"},
    {"key": "greffe", "structure": "tribunal", "given_name": "Grégoire", "family_name": "Blin", "role": "GP"},
    {"key": "prefecture", "structure": "prefecture", "given_name": "Pauline", "family_name": "Roy", "role": "GP"},
    {"key": "exploitant", "structure": "plateforme", "given_name": "Xavier", "family_name": "Morel", "role": "GP"},
]

#: The suppliers of the story of invoices, then whoever takes part in an espace.
TECHNICAL_ACCOUNTS = (
    "papeterie",
    "traiteur",
    "batisseurs",
    "charpentes",
    "electricite",
    "architecte",
    "syndicat",
    "ferme",
    "ddt",
    "expert",
    "tribunal",
    "prefecture",
    "plateforme",
)
