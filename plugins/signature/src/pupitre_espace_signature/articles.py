"""The help of the espace."""

from __future__ import annotations

from pupitre_espaces import Article, Html, Label

ARTICLES = (
    Article(
        "verifier-un-pdf-signe",
        Label("Vérifier un PDF signé", "Verify a signed PDF"),
        Html(
            "<p>Choisissez le PDF sur la page <em>Vérifier un PDF signé</em>. Le portail lit chaque signature et chaque horodatage, et "
            "dit :</p>"
            "<ul><li>qui a signé, d'après son certificat, et qui l'a délivré ;</li>"
            "<li>quand : la date que le signataire déclare, et celle qu'un horodatage prouve ;</li>"
            "<li>si les octets signés sont intacts, si la signature couvre tout le document, et si ce qui a suivi est admis ;</li>"
            "<li>si le certificat était valide alors, et s'il remonte à une autorité que l'exploitant du portail reconnaît.</li></ul>"
            "<p><strong>Intègre ne veut pas dire authentique.</strong> Sans autorité reconnue, chacun peut signer au nom d'un autre. "
            "La révocation des certificats n'est jamais recherchée : le portail n'interroge aucun serveur extérieur.</p>"
            "<p>Le fichier n'est pas conservé. Un PDF chiffré, endommagé ou de plus de 10 Mo n'est pas vérifié, et le portail dit "
            "pourquoi.</p>"
        ),
        Html(
            "<p>Choose the PDF on the page <em>Verify a signed PDF</em>. The portal reads each signature and each timestamp, and "
            "tells:</p>"
            "<ul><li>who signed, by his certificate, and who issued that;</li>"
            "<li>when: the time that the signer states, and the one that a timestamp proves;</li>"
            "<li>whether the signed bytes are intact, whether the signature covers the whole document, and whether what followed is "
            "allowed;</li>"
            "<li>whether the certificate was valid then, and leads to an authority that the operator of the portal recognises.</li></ul>"
            "<p><strong>Intact does not mean authentic.</strong> Without a recognised authority anybody can sign in somebody else's "
            "name. "
            "Revocation of certificates is never looked up: the portal asks no outside server.</p>"
            "<p>The file is not kept. A PDF that is encrypted, damaged or larger than 10 MB is not verified, and the portal says why.</p>"
        ),
    ),
)
