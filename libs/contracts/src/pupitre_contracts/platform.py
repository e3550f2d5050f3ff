"""Calls that every service answers, addressed with the service's name at call time."""

from .message import Call, Message, fields, nested


class EventsAfter(Call):
    """Read the service's event log from a cursor.

    ``after`` is the last ``feed_seq`` already read (0 reads from the start). Events come in feed order, without a gap; ``types``
    filters without moving numbers. ``last`` is the number reached by this page, ``head`` the log's newest. For services and
    operators only.
    """

    service, timeout = None, 5.0

    class Request(Message):
        after = fields.Integer(required=True, strict=True)
        limit = fields.Integer(load_default=200, strict=True)
        types = fields.List(fields.String())

    class Reply(Message):
        events = fields.List(fields.String(), required=True)
        head = fields.Integer(required=True)
        last = fields.Integer(required=True)


class Check(Message):
    name = fields.String(required=True)
    ok = fields.Boolean(required=True)
    detail = fields.String()


class Health(Call):
    """Tell whether the service can work: database, migrations, broker, relay, parked messages, espaces. Anybody may ask."""

    service, anonymous = None, True

    class Request(Message):
        pass

    class Reply(Message):
        ok = fields.Boolean(required=True)
        checks = nested(Check, many=True, required=True)
        metrics = fields.Dict(keys=fields.String(), values=fields.Raw())


class DeadLetter(Message):
    id = fields.String(required=True)
    consumer = fields.String(required=True)
    event_id = fields.String()
    type = fields.String()
    state = fields.Choice("retrying", "parked", "done", required=True)
    error = fields.String()
    attempts = fields.Integer(required=True)
    first_at = fields.Instant(required=True)
    last_at = fields.Instant(required=True)
    next_at = fields.Instant()
    body = fields.String()


class DeadLetters(Call):
    """List messages that failed, newest first; ``state`` filters. For operators and services."""

    service = None

    class Request(Message):
        state = fields.Choice("retrying", "parked", "done")
        limit = fields.Integer(load_default=100, strict=True)

    class Reply(Message):
        letters = nested(DeadLetter, many=True, required=True)


class DeadLetterDetail(Call):
    """Read one failed message with its body and its whole error. Errors: not-found."""

    service = None

    class Request(Message):
        id = fields.String(required=True)

    class Reply(Message):
        letter = nested(DeadLetter, required=True)


class RetryDeadLetter(Call):
    """Run a failed message again at once; the reply tells its state afterwards. Errors: not-found."""

    service, timeout = None, 30.0

    class Request(Message):
        id = fields.String(required=True)

    class Reply(Message):
        letter = nested(DeadLetter, required=True)
