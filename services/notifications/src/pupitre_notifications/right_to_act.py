"""The right to act, as data: who may ask notifications for what (R007, R040, RS-40).

Mails, preferences and messages are a person's own. For messages of a structure, his columns say what he is to it, in the espace
*Mes messages*.
"""

from pupitre_bus.admission import ANONYMOUS, FOR_SOMEBODY, OPERATOR, SERVICE, Admission

MODIFICATION = "modification"
CONSULTATION = "consultation"
STRANGER = "other user"
TECHNICAL = "technical account"

#            operator, service, for somebody | modification, consultation, other | technical | anonymous
_ANYBODY = "YYY YYY Y Y"
_OPERATOR = "Y-- --- - -"
_OWN = "--- ooo - -"
#: Only where mail never leaves the machine; elsewhere there is no such mailbox.
_LOCAL = "YYY YYY Y -"

RIGHTS = Admission(
    {
        OPERATOR: OPERATOR,
        SERVICE: SERVICE,
        FOR_SOMEBODY: FOR_SOMEBODY,
        MODIFICATION: "user",
        CONSULTATION: "user",
        STRANGER: "user",
        TECHNICAL: "technical",
        ANONYMOUS: ANONYMOUS,
    },
    {
        "my_mails": _OWN,
        "get_mail": _OWN,
        "my_preferences": _OWN,
        "set_preferences": _OWN,
        "local_mailbox": _LOCAL,
        "local_mail": _LOCAL,
        "publish_news": _OPERATOR,
        "withdraw_news": _OPERATOR,
        "list_all_news": _OPERATOR,
        "list_news": _ANYBODY,
        "get_news": _ANYBODY,
        "send_message": "--- Y-0 - -",
        "sent_messages": _OWN,
        "received_messages": _OWN,
        "read_message": "--- YY0 - -",
    },
    needed={STRANGER: "user account", MODIFICATION: "user account"},
)
