"""The right to act, as data: who may ask invoicing for what (R101, R162, R280, RS-40).

A person's columns say what he is to the structure that a call names, or to the one on whose side he stands to an invoice, in that side's
espace; ``rights`` asks organisation for it. A mandat lets the mandataire's users do what *modification* does, for depositing and for
what they sent. An invoice and a flux of others are not there; a structure is, since the annuaire shows it.
"""

from pupitre_bus.admission import ANONYMOUS, FOR_SOMEBODY, OPERATOR, SERVICE, Admission

MODIFICATION = "modification"
CONSULTATION = "consultation"
NO_ESPACE = "user without the espace"
STRANGER = "other user"
TECHNICAL = "technical account"
ELSEWHERE = "technical account elsewhere"

#              operator, service, for somebody | modification, consultation, without the espace, other | technical, elsewhere | anonymous
_SERVICES = "YY- ---- -- -"
_OPERATING = "Y-- ---- -- -"
#: And the gestionnaire principal, whatever his espaces, whose column this table does not have: see rights.require_export.
_EXPORTING = "Y-p ---0 Y0 -"
_DEPOSITING = "--p Y--- Y- -"
_WORKING = "--p Y--0 Y0 -"
_OWN = "--p oooo oo -"
_READING = "--p YY-0 Y0 -"
_DOSSIER = "--p YY00 Y0 -"

RIGHTS = Admission(
    {
        OPERATOR: OPERATOR,
        SERVICE: SERVICE,
        FOR_SOMEBODY: FOR_SOMEBODY,
        MODIFICATION: "user",
        CONSULTATION: "user",
        NO_ESPACE: "user",
        STRANGER: "user",
        TECHNICAL: "technical",
        ELSEWHERE: "technical",
        ANONYMOUS: ANONYMOUS,
    },
    {
        "check_file": "YYY YYYY YY Y",
        "prepare_invoice": _DEPOSITING,
        "send_invoice": _WORKING,
        "delete_draft": _WORKING,
        "recycle_invoice": _WORKING,
        "move_invoice": _WORKING,
        # Typed invoices: a new one for a structure, then its draft.
        "save_entry": _DEPOSITING,
        "save_entry: draft": _WORKING,
        "get_entry": _READING,
        "confirm_entry": _WORKING,
        "copy_invoice": _WORKING,
        "read_pdf": _DEPOSITING,
        "keep_file": _DEPOSITING,
        "kept_files": _DEPOSITING,
        # Each line by itself: one that is refused is refused alone.
        "process_invoices": _WORKING,
        "acknowledge_returns": _WORKING,
        "treat_rejection": _WORKING,
        "list_returns": _OWN,
        "search_invoices": _READING,
        "search_invoices_of_role": _READING,
        "get_invoice": _READING,
        "document_file": _READING,
        "export_invoice": _READING,
        "original_files": _READING,
        "deposit_flux": _DEPOSITING,
        "get_flux": _READING,
        "read_flux_report": _READING,
        "search_flux": _READING,
        "count_work": _OWN,
        "export_invoices": _EXPORTING,
        "export_flux": _EXPORTING,
        "export_requests": _EXPORTING,
        "export_records": _EXPORTING,
        "verify_history": _SERVICES,
        "partners_of_structure": _SERVICES,
        # The end of keeping (RS-74).
        "list_expired": _OPERATING,
        "propose_elimination": _OPERATING,
        "record_visa": _OPERATING,
        "withdraw_elimination": _OPERATING,
        "eliminate_invoices": _OPERATING,
        "list_eliminations": _OPERATING,
        "get_elimination": _OPERATING,
        "place_hold": _OPERATING,
        "release_hold": _OPERATING,
        "list_holds": _OPERATING,
        # Requests: the side is that of the role's structure, in the espace where the role works.
        "save_request": _DEPOSITING,
        "save_request: draft": _WORKING,
        "send_request": _WORKING,
        "delete_request": _WORKING,
        "move_request": _WORKING,
        "get_request": _READING,
        "request_file": _READING,
        "search_requests": _READING,
        "get_dossier": _DOSSIER,
        "count_requests": _OWN,
        # Documents of espaces; operators, by a command of the espace.
        "get_record": f"Y{_READING[1:]}",
        "search_records": f"Y{_READING[1:]}",
        "put_record": f"Y{_WORKING[1:]}",
        "delete_record": f"Y{_WORKING[1:]}",
    },
    needed={MODIFICATION: "user, technical", SERVICE: "operator, service"},
)
