"""What notifications promises: messages to people, driven by events. It owns mails and what became of them."""

from .message import Call, Message, fields, nested


class Mail(Message):
    """A mail as the local mailbox shows it."""

    mail_id = fields.UUID(required=True)
    to = fields.String(required=True)
    subject = fields.String(required=True)
    body = fields.String()
    template = fields.String(required=True)
    about = fields.String()
    state = fields.Choice("pending", "sent", "failed", required=True)
    created_at = fields.Instant(required=True)
    sent_at = fields.Instant()


class MyMails(Call):
    """List the mails addressed to the calling user, newest first."""

    service = "notifications"

    class Request(Message):
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=50, strict=True)

    class Reply(Message):
        mails = nested(Mail, many=True, required=True)
        total = fields.Integer(required=True)


class GetMail(Call):
    """Read one mail addressed to the calling user, with its body. Errors: not-found."""

    service = "notifications"

    class Request(Message):
        mail_id = fields.UUID(required=True)

    class Reply(Message):
        mail = nested(Mail, required=True)


class LocalMailbox(Call):
    """List every mail of the local mailbox, newest first; only where mail stays local (embedded demo). Errors: not-found elsewhere."""

    service = "notifications"

    class Request(Message):
        to = fields.String()
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=50, strict=True)

    class Reply(Message):
        mails = nested(Mail, many=True, required=True)
        total = fields.Integer(required=True)


class LocalMail(Call):
    """Read one mail of the local mailbox, where mail stays local. Errors: not-found."""

    service = "notifications"

    class Request(Message):
        mail_id = fields.UUID(required=True)

    class Reply(Message):
        mail = nested(Mail, required=True)
