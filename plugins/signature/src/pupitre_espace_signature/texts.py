"""What the espace says, in both languages."""

from __future__ import annotations

from pupitre_espaces import Label

NAME = Label("Signature électronique", "Electronic signature")
DESCRIPTION = Label(
    "Vérifie les signatures électroniques d'un PDF, sans le conserver.",
    "Verifies the electronic signatures of a PDF, without keeping it.",
)
VERIFY = Label("Vérifier un PDF signé", "Verify a signed PDF")
VERIFY_SUMMARY = Label("Vérifier les signatures électroniques d'un PDF", "Verify the electronic signatures of a PDF")

#: Verdict -> its name, and what it means.
VERDICTS = {
    "unsigned": (
        Label("Aucune signature", "No signature"),
        Label(
            "Ce PDF ne porte aucune signature électronique. L'image d'une signature ou d'un tampon n'en est pas une.",
            "This PDF bears no electronic signature. The picture of a signature or of a stamp is none.",
        ),
    ),
    "valid": (
        Label("Valide", "Valid"),
        Label(
            "Le document est tel qu'il a été signé, et le certificat du signataire remonte à une autorité que l'exploitant du portail "
            "reconnaît.",
            "The document is as it was signed, and the signer's certificate leads to an authority that the operator of the portal "
            "recognises.",
        ),
    ),
    "intact": (
        Label("Intègre, authenticité non vérifiée", "Intact, authenticity not verified"),
        Label(
            "Le document est tel qu'il a été signé, mais rien ne dit par qui : aucune autorité n'est reconnue sur ce portail, et chacun "
            "peut "
            "fabriquer un certificat au nom d'un autre.",
            "The document is as it was signed, but nothing tells by whom: this portal recognises no authority, and anybody can make a "
            "certificate in somebody else's name.",
        ),
    ),
    "not-anchored": (
        Label("Intègre, signataire non reconnu", "Intact, signer not recognised"),
        Label(
            "Le document est tel qu'il a été signé, mais le certificat ne remonte à aucune autorité que l'exploitant du portail "
            "reconnaît pour "
            "cet usage : le nom du signataire n'est pas établi.",
            "The document is as it was signed, but the certificate leads to no authority that the operator of the portal recognises for "
            "this "
            "use: the signer's name is not established.",
        ),
    ),
    "out-of-time": (
        Label("Intègre, certificat hors validité", "Intact, certificate not in force"),
        Label(
            "Le document est tel qu'il a été signé, mais rien ne prouve que le certificat était valide à ce moment : la date est hors "
            "de sa "
            "période, ou il a expiré et aucun horodatage reconnu ne prouve une signature antérieure.",
            "The document is as it was signed, but nothing proves that the certificate was valid then: the date is outside its period, "
            "or it "
            "has expired and no recognised timestamp proves that the signature is older.",
        ),
    ),
    "weak": (
        Label("Procédé trop faible", "Too weak a method"),
        Label(
            "La signature emploie un procédé qui peut être contrefait (SHA-1, clé trop courte) : elle ne prouve rien. Demandez un "
            "document signé "
            "de nouveau.",
            "The signature uses a method that can be forged (SHA-1, too short a key): it proves nothing. Ask for the document to be "
            "signed again.",
        ),
    ),
    "changed": (
        Label("Modifié après la signature", "Changed after it was signed"),
        Label(
            "Ce qui a été signé est intact, mais le document a ensuite reçu des changements que la signature ne couvre pas et n'admet "
            "pas. Ce qui "
            "s'affiche peut différer de ce qui a été signé : demandez l'original.",
            "What was signed is intact, but the document then received changes that the signature neither covers nor allows. What is "
            "shown may "
            "differ from what was signed: ask for the original.",
        ),
    ),
    "broken": (
        Label("Altérée", "Broken"),
        Label(
            "Les octets signés ne sont plus ceux qui ont été signés, ou la signature n'est pas celle de ce certificat. Ne vous fiez pas "
            "à ce "
            "document : demandez l'original.",
            "The signed bytes are not those that were signed, or the signature is not that of this certificate. Do not rely on this "
            "document: "
            "ask for the original.",
        ),
    ),
    "unreadable": (
        Label("Illisible", "Unreadable"),
        Label(
            "Cette signature ne peut pas être lue : elle est endommagée, ou d'une forme qui n'est pas celle des PDF d'aujourd'hui. Elle "
            "ne prouve rien.",
            "This signature cannot be read: it is damaged, or of a form that is not that of today's PDFs. It proves nothing.",
        ),
    ),
}
#: Why a file is not judged, and what to do.
FAULTS = {
    "missing": Label("Choisissez un fichier PDF.", "Choose a PDF file."),
    "empty": Label("Le fichier est vide. Choisissez-en un autre.", "The file is empty. Choose another one."),
    "too-large": Label("Le fichier dépasse 10 Mo.", "The file is larger than 10 MB."),
    "not-pdf": Label(
        "Ce fichier n'est pas un PDF. Choisissez le PDF signé lui-même.",
        "This file is no PDF. Choose the signed PDF itself.",
    ),
    "not-base64": Label(
        "« content » n'est pas du base64. Envoyez les octets du PDF, encodés en base64.",
        "“content” is not base64. Send the bytes of the PDF, encoded in base64.",
    ),
    "encrypted": Label(
        "Ce PDF est chiffré : il ne peut pas être vérifié ici. Demandez une copie sans mot de passe, signée.",
        "This PDF is encrypted: it cannot be verified here. Ask for a signed copy without a password.",
    ),
    "damaged": Label(
        "Ce PDF est endommagé ou mal construit : ses signatures ne peuvent pas être vérifiées. Téléchargez-le de nouveau, ou demandez "
        "l'original.",
        "This PDF is damaged or badly made: its signatures cannot be verified. Download it again, or ask for the original.",
    ),
    "too-many": Label(
        "Ce PDF porte plus de 40 signatures : il n'est pas vérifié.",
        "This PDF bears more than 40 signatures: it is not verified.",
    ),
    "too-much": Label(
        "Ce PDF demande trop de temps ou de mémoire : il n'est pas vérifié. Demandez un document plus simple.",
        "This PDF takes too much time or memory: it is not verified. Ask for a simpler document.",
    ),
    "busy": Label(
        "D'autres vérifications sont en cours. Réessayez dans un instant.",
        "Other files are being verified. Try again in a moment.",
    ),
}
KINDS = {
    "signature": Label("Signature", "Signature"),
    "stamp": Label("Horodatage du document", "Timestamp of the document"),
    "unreadable": Label("Signature", "Signature"),
}
COVERS = {
    "none": Label("Tout le document.", "The whole document."),
    "permitted": Label(
        "Tout le document tel qu'il était alors. Ce qui a été ajouté ensuite est admis : autre signature, horodatage, champ de "
        "formulaire rempli.",
        "The whole document as it was then. What was added later is allowed: another signature, a timestamp, a field of a form filled "
        "in.",
    ),
    "forbidden": Label(
        "Pas tout le document : des changements non admis ont suivi, ou la signature laisse de côté une partie du fichier.",
        "Not the whole document: changes that are not allowed followed, or the signature leaves out a part of the file.",
    ),
}
TRUST = {
    "anchored": Label("Remonte à une autorité reconnue : {anchor}", "Leads to a recognised authority: {anchor}"),
    "unknown-issuer": Label("Ne remonte à aucune autorité reconnue.", "Leads to no recognised authority."),
    "out-of-time": Label(
        "Le certificat n'est pas valide à la date qui compte.", "The certificate is not valid on the day that counts."
    ),
    "not-for-signing": Label(
        "Le certificat n'est pas fait pour signer des documents.", "The certificate is not meant for signing documents."
    ),
    "weak": Label("Un procédé trop faible est employé.", "Too weak a method is used."),
    "unchecked": Label(
        "Non examinée : la signature n'est pas celle de ce certificat.",
        "Not examined: the signature is not that of this certificate.",
    ),
    "other": Label("La chaîne de certificats n'est pas recevable.", "The chain of certificates is not acceptable."),
}
NO_ANCHOR = Label(
    "Authenticité non vérifiée : l'exploitant du portail n'a désigné aucune autorité. Seule l'intégrité est contrôlée.",
    "Authenticity not verified: the operator of the portal has named no authority. Only integrity is checked.",
)
ILL_ANCHORS = Label(
    "Authenticité non vérifiée : les autorités désignées par l'exploitant du portail ne peuvent pas être lues. Seule l'intégrité est "
    "contrôlée.",
    "Authenticity not verified: the authorities that the operator of the portal has named cannot be read. Only integrity is checked.",
)
ANCHORS = Label("Autorités reconnues sur ce portail : {count}.", "Authorities recognised on this portal: {count}.")
REVOCATION = Label(
    "La révocation des certificats n'a pas été recherchée : le portail n'interroge aucun serveur d'autorité.",
    "Revocation of the certificates was not looked up: the portal asks no server of an authority.",
)
TEXTS = {
    "fr": {
        "try": "Le fichier est lu, jugé et oublié : rien n'est conservé. 10 Mo au plus.",
        "choose": "PDF signé",
        "send": "Vérifier",
        "document": "Verdict sur le document :",
        "subject": "Signataire",
        "issuer": "Délivré par",
        "serial": "Numéro de série",
        "claimed": "Date déclarée",
        "claimed_note": "{at} (par le signataire, non prouvée)",
        "stamped": "Horodatage",
        "stamp_good": "{at}, par {by} (autorité reconnue)",
        "stamp_unknown": "{at}, par {by} (autorité non reconnue : date non prouvée)",
        "stamp_broken": "{at}, par {by} (altéré : ne prouve rien)",
        "no_stamp": "Aucun",
        "no_date": "Aucune",
        "at": "Date",
        "integrity": "Octets signés",
        "whole": "Intacts",
        "altered": "Altérés",
        "covers": "Ce qui est couvert",
        "validity": "Certificat",
        "period": "Valable du {first} au {last}.",
        "in_time": "Valide à la date de signature.",
        "not_in_time": "Non valide à la date de signature.",
        "no_time": "Aucune date de signature.",
        "expired": "Non valide aujourd'hui.",
        "trust": "Chaîne",
        "digest": "Empreinte",
        "field": "Champ",
    },
    "en": {
        "try": "The file is read, judged and forgotten: nothing is kept. 10 MB at most.",
        "choose": "Signed PDF",
        "send": "Verify",
        "document": "Verdict on the document:",
        "subject": "Signer",
        "issuer": "Issued by",
        "serial": "Serial number",
        "claimed": "Stated time",
        "claimed_note": "{at} (by the signer, not proven)",
        "stamped": "Timestamp",
        "stamp_good": "{at}, by {by} (recognised authority)",
        "stamp_unknown": "{at}, by {by} (authority not recognised: time not proven)",
        "stamp_broken": "{at}, by {by} (broken: proves nothing)",
        "no_stamp": "None",
        "no_date": "None",
        "at": "Time",
        "integrity": "Signed bytes",
        "whole": "Intact",
        "altered": "Altered",
        "covers": "What is covered",
        "validity": "Certificate",
        "period": "Valid from {first} to {last}.",
        "in_time": "Valid on the date of the signature.",
        "not_in_time": "Not valid on the date of the signature.",
        "no_time": "No date of signature.",
        "expired": "Not valid today.",
        "trust": "Chain",
        "digest": "Digest",
        "field": "Field",
    },
}
