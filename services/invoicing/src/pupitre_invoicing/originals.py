"""Where the original files of several invoices lie."""

from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors
from pupitre_contracts import invoice_search as contract

from . import queries, rights
from .tables import document

MOST = 500


def original_files(request: contract.OriginalFiles.Request, scope: Any) -> contract.OriginalFiles.Reply:
    """Tell the file of each invoice, if the actor may read all of them; a draft that is still being typed has none."""
    wanted = list(dict.fromkeys(request.invoice_ids))
    if len(wanted) > MOST:
        raise errors.Invalid(what="OriginalFiles", fields={"invoice_ids": [f"au plus {MOST} / at most {MOST}"]})
    allowed = rights.ask(scope)
    with scope.reading() as db:
        found = queries.invoice_rows(db, wanted)
        for invoice_id in wanted:
            row = found.get(invoice_id)
            holds = row is not None and allowed.holds_mandat_of(row["supplier_structure_id"])
            seen = queries.for_mandataire(db, row, scope.actor.origin.reference, holds)
            allowed.check_visible(seen, f"invoice {invoice_id}")
        originals = sa.select(document).where(document.c.invoice_id.in_(wanted), document.c.kind == "original")
        files = {row["invoice_id"]: row for row in db.execute(originals).mappings()}
    return contract.OriginalFiles.Reply(
        files=[
            contract.OriginalFile(
                invoice_id=invoice_id,
                portal_number=found[invoice_id]["portal_number"],
                number=found[invoice_id]["number"],
                **{name: files[invoice_id][name] for name in ("name", "mime", "size", "sha256")},
            )
            for invoice_id in wanted
            if invoice_id in files
        ]
    )
