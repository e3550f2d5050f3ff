"""The right to act, as data: who may ask identity for what (R027, R126, R233, RS-40). Nothing else in this service decides by kind or role.

A technical account belongs to a structure; its rows say what one is to that structure. Everything else a person asks for is about his
own account, or is for services and operators.
"""

from pupitre_bus.admission import ANONYMOUS, FOR_SOMEBODY, OPERATOR, SERVICE, Admission

#: The service that sends the mails, whoever it sends them for.
SENDER = "notifications"
GP = "gestionnaire principal"
MEMBER = "other user of the structure"
GP_ELSEWHERE = "gestionnaire principal elsewhere"
STRANGER = "other user"
TECHNICAL = "technical account"
ELSEWHERE = "technical account elsewhere"

_COLUMNS = {
    OPERATOR: OPERATOR,
    SENDER: f"service:{SENDER}",
    SERVICE: SERVICE,
    FOR_SOMEBODY: FOR_SOMEBODY,
    GP: "user",
    MEMBER: "user",
    GP_ELSEWHERE: "user",
    STRANGER: "user",
    TECHNICAL: "technical",
    ELSEWHERE: "technical",
    ANONYMOUS: ANONYMOUS,
}

#           operator, notifications, service, for somebody | GP, member, GP elsewhere, other | technical, elsewhere | anonymous
_ANYBODY = "YYYY YYYY YY Y"
_OWN_ACCOUNT = "---- oooo -- -"
_SERVICES = "YYYY ---- -- -"
_SENDER = "-Y-- ---- -- -"
_OPERATOR = "Y--- ---- -- -"
_MANAGED = "Y00p Y-00 00 -"

RIGHTS = Admission(
    _COLUMNS,
    {
        # What proves itself by a secret, or is asked before anybody is known.
        "sign_in": _ANYBODY,
        "sign_in_with_code": _ANYBODY,
        "resume_session": _ANYBODY,
        "sign_out": _ANYBODY,
        "sign_up": _ANYBODY,
        "ask_for_link": _ANYBODY,
        "activate_account": _ANYBODY,
        "reset_password": _ANYBODY,
        "describe_link": _ANYBODY,
        "ask_reactivation": _ANYBODY,
        "reactivate_account": _ANYBODY,
        "begin_external_sign_in": _ANYBODY,
        "complete_external_sign_in": _ANYBODY,
        "external_profile": _ANYBODY,
        "confirm_external_profile": _ANYBODY,
        "issue_access_token": _ANYBODY,
        "resume_access_token": _ANYBODY,
        "ask_support": _ANYBODY,
        # What is a person's own; no call names another's account.
        "get_account": _OWN_ACCOUNT,
        "change_personal_data": _OWN_ACCOUNT,
        "change_password": _OWN_ACCOUNT,
        "list_sessions": _OWN_ACCOUNT,
        "end_sessions": _OWN_ACCOUNT,
        "list_account_documents": _OWN_ACCOUNT,
        "add_account_document": _OWN_ACCOUNT,
        "change_account_document": _OWN_ACCOUNT,
        "remove_account_documents": _OWN_ACCOUNT,
        "list_saved_filters": _OWN_ACCOUNT,
        "save_filter": _OWN_ACCOUNT,
        "delete_saved_filter": _OWN_ACCOUNT,
        "deactivate_account": _OWN_ACCOUNT,
        "set_secret_question": _OWN_ACCOUNT,
        "start_second_factor": _OWN_ACCOUNT,
        "pending_second_factor": _OWN_ACCOUNT,
        "confirm_second_factor": _OWN_ACCOUNT,
        "renew_recovery_codes": _OWN_ACCOUNT,
        "disable_second_factor": _OWN_ACCOUNT,
        # Who has a structure to hand over may look for somebody; nobody else searches people.
        "find_successors": "---- Y-Y- -- -",
        # Technical accounts of a structure.
        "create_technical_account": "Y--p Y--- -- -",
        "list_technical_accounts": _MANAGED,
        "renew_technical_secrets": _MANAGED,
        "revoke_technical_account": _MANAGED,
        "take_connection_data": _MANAGED,
        # What services show of people they have let in themselves.
        "users_by_ids": _SERVICES,
        "user_by_email": _SERVICES,
        "news_readers": _SERVICES,
        "cited_account_files": _SERVICES,
        "link_to_send": _SENDER,
        "sollicitation_to_send": _SENDER,
        # Support: whoever runs the platform.
        "create_user": _OPERATOR,
        "list_users": _OPERATOR,
        "reopen_account": _OPERATOR,
        "remove_second_factor": _OPERATOR,
        "list_sollicitations": _OPERATOR,
    },
    needed={STRANGER: "user account", GP: "GP", SERVICE: "service", SENDER: SENDER},
)
