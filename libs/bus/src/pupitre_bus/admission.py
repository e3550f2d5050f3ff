"""Who may ask a service for what, as data: a table of its calls by what the caller is, asked at the door before a call runs.

A service without structures in its questions needs nothing else. Where a right depends on a structure, or on whose object it is, the
door lets in whoever may for some, and the service narrows it by the same row with :meth:`Admission.allows`. A call without a row is
refused: nothing is allowed by default.
"""

from collections.abc import Iterable, Mapping

from pupitre_contracts.errors import Forbidden

from .actors import Actor

#: The issuer whose key lies with those who run the platform: the command line signs with it.
OPERATOR = "operator"
SERVICE = "service"
#: A service that carries out the request of a user or a technical account.
FOR_SOMEBODY = "service for somebody"
ANONYMOUS = "anonymous"

YES = "yes"
#: On what belongs to the caller himself; another's is not found.
OWN = "own"
#: What the one may for whom the service asks.
AS_PERSON = "as the person"
NO, UNSEEN = "no", "unseen"
_MARKS = {"Y": YES, "o": OWN, "p": AS_PERSON, "-": NO, "0": UNSEEN}


def is_operator(actor: Actor | None) -> bool:
    """Tell whether an operator acts, in his own name."""
    return actor is not None and actor.kind == "service" and actor.id == OPERATOR and actor.behalf_of is None


class Admission:
    """The table of one service.

    ``columns`` names what a caller can be, each with the kind of actor that it is: ``user``, ``technical``, or one of this module's
    kinds; ``service:NAME`` is one service, whoever it asks for. ``rows`` has a mark for each column by the method of the call.
    ``needed`` says, by a column in the order of asking, what a refusal names where that column may.
    """

    def __init__(self, columns: Mapping[str, str], rows: Mapping[str, str], needed: Mapping[str, str]) -> None:
        self.relations = tuple(columns)
        self.table = {action: self._read(marks) for action, marks in rows.items()}
        self._columns, self._needed = dict(columns), dict(needed)

    def _read(self, marks: str) -> dict[str, str]:
        return dict(zip(self.relations, [_MARKS[mark] for mark in marks if mark != " "], strict=True))

    def kind_of(self, actor: Actor | None) -> str:
        """Return the kind of column in which an actor stands."""
        if actor is None:
            return ANONYMOUS
        if actor.kind != "service":
            return actor.kind
        named = f"service:{actor.id}"
        if is_operator(actor) or named in self._columns.values():
            return OPERATOR if is_operator(actor) else named
        return SERVICE if actor.behalf_of is None else FOR_SOMEBODY

    def admit(self, action: str, actor: Actor | None) -> None:
        """Let in whoever may do ``action`` to something. Raises Forbidden, and KeyError for an action without a row."""
        row, kind = self.table[action], self.kind_of(actor)
        cells = {row[relation] for relation, each in self._columns.items() if each == kind}
        if cells == {AS_PERSON}:
            self.admit(action, actor.behalf_of)
        elif cells <= {NO}:
            raise Forbidden(needed=self.needed(action))

    def allows(self, action: str, relations: Iterable[str]) -> bool:
        """Tell whether one of ``relations`` may do this to what is not his own."""
        return any(self.table[action][relation] == YES for relation in relations)

    def hides(self, action: str, relations: Iterable[str]) -> bool:
        """Tell whether a refusal says that there is nothing, rather than that it is forbidden."""
        return all(self.table[action][relation] in (UNSEEN, OWN) for relation in relations)

    def needed(self, action: str) -> str:
        """Return what a refusal names."""
        row = self.table[action]
        return next((told for relation, told in self._needed.items() if row[relation] in (YES, OWN)), OPERATOR)
