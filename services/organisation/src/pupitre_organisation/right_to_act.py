"""The right to act, as data: who may do what, by action, relation to the structure, type of structure and level (R121 to R127).

Each action has one cell for each relation. Every call of organisation has a row here under its method's name; some have a second one
for what only some callers may ask of it. Nothing else in this service decides by role.
"""

from .model import PRIVATE, PUBLIC

OPERATOR = "operator"
SERVICE = "service"
GP = "gestionnaire principal"
ORGANISATION = "organisation modification"
GS_STRUCTURE = "gestionnaire secondaire, structure"
GS_USERS = "gestionnaire secondaire, users"
US = "simple user"
SERVICE_LEVEL = "user of services"
STRANGER = "other user"
TECHNICAL = "technical account"
ELSEWHERE = "technical account elsewhere"

#: What an actor can be to a structure. One who is several things may do what any of them may. Who is attached to chosen services only
#: manages nothing, whatever his profiles there: managing belongs to the level of the structure.
RELATIONS = (
    OPERATOR,
    SERVICE,
    GP,
    ORGANISATION,
    GS_STRUCTURE,
    GS_USERS,
    US,
    SERVICE_LEVEL,
    STRANGER,
    TECHNICAL,
    ELSEWHERE,
)

_USERS_OF_ANY_KIND = (GP, ORGANISATION, GS_STRUCTURE, GS_USERS, US, SERVICE_LEVEL, STRANGER)

YES = "yes"
#: On what is his own; otherwise forbidden, or not to be found.
OWN, OWN_OR_UNSEEN = "own", "own, otherwise unseen"
NO, UNSEEN = "no", "unseen"
_MARKS = {"Y": YES, "o": OWN, "u": OWN_OR_UNSEEN, "-": NO, "0": UNSEEN}
_FROM_MOST_TO_LEAST = (YES, OWN, OWN_OR_UNSEEN, NO, UNSEEN)

#     operator, service | GP, organisation, GS structure, GS users | US, of services, stranger | technical, elsewhere
_ALL = "YY YYYY YYY YY"
_STRUCTURE = "Y- YYY- --- --"
_USERS = "Y- YY-Y --- --"
_BOTH = "Y- YY-- --- --"
_GP = "Y- Y--- --- --"
_EXPORT = "Y0 Y--- --0 Y0"
_OPERATOR = "Y- ---- --- --"
_SERVICES = "YY ---- --- --"
_OWN_REQUESTS = "-- oooo ooo --"
_MEMBERS = "YY YYYY YY0 Y0"

_ROWS: dict[str, str | dict[str, str]] = {
    "find_structures": _ALL,
    "get_structure": _ALL,
    "resolve_recipients": _ALL,
    "create_structure": {PRIVATE: "Y- YYYY YYY --", PUBLIC: _OPERATOR},
    "set_parameters": _STRUCTURE,
    "create_structure_service": _STRUCTURE,
    # What other actions of the same kind go by.
    "manage_structure": _STRUCTURE,
    "manage_users": _USERS,
    "belong": _MEMBERS,
    # What every visitor reads; of a structure that INSEE keeps private only those who belong to it see all.
    "search_directory": _ALL,
    "get_directory_entry": _ALL,
    "read_directory": _ALL,
    "import_structures": _OPERATOR,
    "get_structure_sheet": "Y0 YYYY YY0 00",
    "change_structure": _STRUCTURE,
    "replace_identifier": _STRUCTURE,
    "update_from_sirene": _STRUCTURE,
    "change_structure_service": _STRUCTURE,
    "ask_structure_state": _STRUCTURE,
    "ask_public_structure": "-- YYYY YYY --",
    "decide_structure_request": _OPERATOR,
    "list_structure_requests": "Y- oooo ooo --",
    "rate_structure_request": "00 uuuu uuu 00",
    "list_history": "Y0 Y--- --0 00",
    # All that the structure has, members and accounts to be paid on included: for who answers for it, and for its own programs.
    "export_structure": _EXPORT,
    "export_structure_history": _EXPORT,
    "list_bank_details": _MEMBERS,
    "get_bank_details": _STRUCTURE,
    "get_account_to_pay": _SERVICES,
    "add_bank_details": _STRUCTURE,
    "change_bank_details": _STRUCTURE,
    "remove_bank_details": _STRUCTURE,
    "list_structure_documents": _MEMBERS,
    "add_structure_document": _STRUCTURE,
    "change_structure_document": _STRUCTURE,
    "remove_structure_documents": _STRUCTURE,
    "cited_files": _SERVICES,
    # Files of the annuaire (FAR37): for those who work for the structure, its programs above all.
    "list_annuaire_files": _MEMBERS,
    "get_annuaire_file": _MEMBERS,
    "end_annuaire_enrolment": "Y0 YYY0 000 00",
    "get_gestionnaire_principal": _SERVICES,
    # The service that keeps a leaving user's account says who follows him; no other service does.
    "hand_over_roles": "-o ---- --- --",
    "list_espaces": _MEMBERS,
    "open_espace": _STRUCTURE,
    "close_espace": _STRUCTURE,
    "attach_user": _USERS,
    "attach_by_address": _USERS,
    "attach_user: as GP": _OPERATOR,
    "detach": "Y- YYoY ooo --",
    "list_members": _USERS,
    "list_habilitations": _USERS,
    "set_habilitation": _USERS,
    "remove_habilitations": _USERS,
    # Whoever gives the right to manage could give it to himself: the two halves of managing do not add up by themselves.
    "set_habilitation: organisation": _BOTH,
    "set_habilitation: to oneself": _GP,
    # What one was given one may always do without (R031).
    "set_habilitation: given up": "-- oooo oo- --",
    "set_gestionnaire_secondaire": _BOTH,
    "transfer_gestionnaire_principal": {PRIVATE: _GP, PUBLIC: _OPERATOR},
    "ask_rattachement": _OWN_REQUESTS,
    "ask_habilitation": "-- oooo oo0 --",
    "list_approbations": _OWN_REQUESTS,
    "get_approbation": "-- YYuY uuu --",
    "decide_approbations": "Y0 YY0Y 000 00",
    "decide_approbations: organisation": "Y0 YY0- 000 00",
    # Nobody decides his own request, but the one above whom there is nobody.
    "decide_approbations: one's own": "Y0 Y-0- 000 00",
    "cancel_approbation": "-- uuuu uuu --",
    "rights_of_actor": "YY oooo ooo oo",
    "espaces_of_structures": _SERVICES,
    "members_of_espace": _SERVICES,
    "give_mandat": _STRUCTURE,
    "end_mandat": "Y0 YYY0 000 00",
    "list_mandats": "Y- YYY- --- --",
}


def _read(marks: str) -> dict[str, str]:
    cells = [_MARKS[mark] for mark in marks if mark != " "]
    return dict(zip(RELATIONS, cells, strict=True))


#: (action, type of structure) -> relation -> what he may.
TABLE: dict[tuple[str, str], dict[str, str]] = {
    (action, structure_type): _read(row if isinstance(row, str) else row[structure_type])
    for action, row in _ROWS.items()
    for structure_type in (PRIVATE, PUBLIC)
}


def cell(action: str, relations: frozenset[str], structure_type: str) -> str:
    """Return the most that any of ``relations`` may. Raises KeyError for an action without a row: nothing is allowed by default."""
    row = TABLE[action, structure_type]
    return min((row[relation] for relation in relations), key=_FROM_MOST_TO_LEAST.index)


def allows(action: str, relations: frozenset[str], structure_type: str, *, own: bool = False) -> bool:
    """Tell whether an actor may do this; ``own`` says that it is about himself, or about what he made."""
    found = cell(action, relations, structure_type)
    return found == YES or (own and found in (OWN, OWN_OR_UNSEEN))


def hides(action: str, relations: frozenset[str], structure_type: str) -> bool:
    """Tell whether a refusal says that there is nothing, rather than that it is forbidden."""
    return cell(action, relations, structure_type) in (UNSEEN, OWN_OR_UNSEEN)


def needed(action: str, structure_type: str) -> str:
    """Return what a refusal names: who among a structure's own users may, or the operator alone."""
    row = TABLE[action, structure_type]
    if row[GP] in (NO, UNSEEN):
        return OPERATOR if row[SERVICE] in (NO, UNSEEN) else SERVICE
    if row[SERVICE] == NO and len({row[relation] for relation in _USERS_OF_ANY_KIND}) == 1:
        return "user account"
    return "GP" if row[ORGANISATION] in (NO, UNSEEN) else "GP, organisation MODIFICATION"
