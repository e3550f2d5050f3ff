"""The form by which a person deposits a flux."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import FileField, SelectChoice, SelectField

from .forms import Needed, file_chosen
from .languages import N_, gettext

SYNTAXES = {
    "FLUX_MIXTE": N_("Reconnaître chaque fichier à son contenu"),
    "IN_DP_E1_UBL_INVOICE": "UBL",
    "IN_DP_E1_CII_16B": "CII",
    "IN_DP_E2_CII_FACTURX": "Factur-X",
}


class FluxForm(FlaskForm):
    """A file, or an archive of up to 500 invoices, in whose name it is deposited, and what it holds."""

    structure = SelectField(N_("Structure qui émet les factures"), [Needed(N_("Choisissez la structure qui émet les factures."))])
    syntaxe = SelectField(N_("Format des factures"))
    file = FileField(
        N_("Fichier du flux"),
        [file_chosen],
        description=N_("Une archive .zip ou .tar.gz de 500 factures au plus, ou une seule facture ; 1 Go au plus."),
        render_kw={"accept": ".zip,.tar.gz,.tgz,.gz,.xml,.pdf"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.syntaxe.choices = [SelectChoice(code, gettext(label)) for code, label in SYNTAXES.items()]
