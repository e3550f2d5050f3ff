"""Filters of lists that a user keeps under a name, one of them perhaps the one that his list begins with. Nobody else sees them."""

import marshmallow

from .message import Call, Message, fields, nested

LISTS = ("factures-emises", "factures-recues")
MOST_FILTERS = 20
"""Per user and list."""
LONGEST_NAME, LONGEST_QUERY = 60, 2000


def _name(text: str) -> None:
    if not 1 <= len(text.strip()) <= LONGEST_NAME or not text.isprintable():
        raise marshmallow.ValidationError(f"de 1 à {LONGEST_NAME} caractères imprimables / 1 to {LONGEST_NAME} printable characters")


def _query(text: str) -> None:
    if len(text) > LONGEST_QUERY or not text.isascii() or not text.isprintable():
        raise marshmallow.ValidationError(f"au plus {LONGEST_QUERY} caractères ASCII / at most {LONGEST_QUERY} ASCII characters")


class SavedFilter(Message):
    """``query`` is the query string of the list's address, as the page wrote it; the service does not read it."""

    filter_id = fields.UUID(required=True)
    list = fields.Choice(*LISTS, required=True)
    name = fields.String(required=True)
    query = fields.String(required=True)
    default = fields.Boolean(required=True)


class ListSavedFilters(Call):
    """The calling user's filters of one list, by name."""

    service = "identity"

    class Request(Message):
        list = fields.Choice(*LISTS, required=True)

    class Reply(Message):
        filters = nested(SavedFilter, many=True, required=True)


class SaveFilter(Call):
    """Keep a filter under a name; one of that name is replaced. ``default`` makes it the one that the list begins with, in place of
    another. Errors: invalid, for the name too when the user keeps as many as he may."""

    service, writes = "identity", True

    class Request(Message):
        list = fields.Choice(*LISTS, required=True)
        name = fields.String(required=True, validate=_name)
        query = fields.String(required=True, validate=_query)
        default = fields.Boolean(load_default=False)

    class Reply(Message):
        filter = nested(SavedFilter, required=True)


class DeleteSavedFilter(Call):
    """Forget a filter. Errors: not-found, for another's too."""

    service, writes = "identity", True

    class Request(Message):
        filter_id = fields.UUID(required=True)

    class Reply(Message):
        pass
