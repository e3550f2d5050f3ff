"""The form of a request as a page: what a plugin's schema asks for, what was typed, and what is said at each field.

Names of inputs are those of the links to a new request (docs/reference/requests.md): `form.<field>`, `line.<number>.<field>`,
`party.<role>`, `service.<role>`, `number`; where several may have a role, `party.<role>.2` is the second. What is typed goes to invoicing
as it is, which reads it with the plugin's schema: the portal judges nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pupitre_contracts import requests as calls
from pupitre_espaces import Cadre, RequestKind, Role, forms
from pupitre_espaces.forms import FormField
from pupitre_espaces.parties import MOST_HOLDERS, key_of
from pupitre_espaces.requests import PLATFORM

from .forms import squeezed
from .languages import current, gettext

#: Lines of a draft that one page shows: each is a row of inputs, and a form has its bounds.
LINES_SHOWN = 50
#: Empty rows after the last line, and after the last one that is a block of its own.
EMPTY_ROWS, EMPTY_BLOCKS = 3, 1
#: Fields up to which a line is a row of a table; one with more is a block, with help and links at its fields.
MOST_COLUMNS = 9
#: Empty places after the last structure of a role that several may have, and after the button that asks for more.
EMPTY_PLACES, MORE_PLACES = 1, 5
#: What begins the values of the buttons that ask for more places of a role, and that take a structure away.
MORE, WITHOUT = "more-", "without-"
_LONGEST = 4000


@dataclass
class Typed:
    """What a page holds of a draft: texts as people write them, lines by their number from 1, SIRETs and code services by role."""

    number: str = ""
    form: dict[str, Any] = field(default_factory=dict)
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    parties: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def named(self) -> list[calls.NamedParty]:
        """Return the parties as invoicing takes them; an empty SIRET names nobody."""
        return [
            calls.NamedParty(role=role, identifier=siret, **({"code_service": service} if service else {}))
            for role, of_role in self.parties.items()
            for siret, service in of_role or [("", "")]
        ]


@dataclass(frozen=True)
class Input:
    """One field with its value and what is wrong with it. ``name`` is its id too."""

    name: str
    field: FormField
    value: Any
    faults: tuple[Any, ...] = ()

    @property
    def label(self) -> str:
        return self.field.label.text(current())

    @property
    def help(self) -> str:
        return self.field.help.text(current()) if self.field.help else ""


@dataclass(frozen=True)
class Row:
    """One line: its number, and an input for each field of the schema; an empty one is there to be filled in."""

    number: int
    inputs: tuple[Input, ...]
    is_new: bool

    @property
    def is_wide(self) -> bool:
        """Whether the line has too many fields for a row of a table."""
        return len(self.inputs) > MOST_COLUMNS


@dataclass(frozen=True)
class Holder:
    """A place of a role: who has it as far as is known, and what is wrong with it. ``key`` ends the names of its inputs."""

    key: str
    place: int
    siret: str
    service: str
    name: str
    faults: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Actor:
    """A role that the cadre names, with its places: one, or those that are taken and empty ones where several may have it."""

    key: str
    label: str
    needed: bool
    has_service: bool
    #: The structure that always has the role: nothing is typed.
    always: str | None
    most: int
    holders: tuple[Holder, ...]

    @property
    def faults(self) -> tuple[Any, ...]:
        """What is wrong with any of its places."""
        return tuple(fault for each in self.holders for fault in each.faults)


def told(findings: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    """Return findings by the input that they are about; those about none are under an empty name."""
    by_input: dict[str, tuple[Any, ...]] = {}
    for each in findings:
        name = input_of(each.term)
        by_input[name] = (*by_input.get(name, ()), each)
    return by_input


def input_of(term: str | None) -> str:
    """Return the name of the input that a finding's term means: a field, a line's field, a role, the number, or the files."""
    term = term or ""
    first, _, rest = term.partition(".")
    if term in ("number", "files") or first in ("party", "service"):
        return term
    if first.isdecimal() and rest:
        return f"line.{term}"
    return "" if term in ("", "cadre") else f"form.{term}"


def inputs(kind: RequestKind, typed: Typed, faults: Mapping[str, tuple[Any, ...]]) -> list[Input]:
    """Return the inputs of the form, in the order of the schema."""
    return [
        Input(f"form.{each.name}", each, typed.form.get(each.name), faults.get(f"form.{each.name}", ()))
        for each in forms.describe(kind.form)
    ]


def is_worked_out(kind: RequestKind) -> bool:
    """Tell whether the espace works out anything of what is typed."""
    return any(each.worked_out for schema in (kind.form, kind.line) if schema is not None for each in forms.describe(schema))


def worked_out(kind: RequestKind, typed: Typed) -> list[Input]:
    """Return what the espace worked out of a draft, in its form and in each of its lines."""
    described = forms.describe(kind.line) if kind.line is not None else ()
    of_lines = [_cell(each, number, values, {}) for number, values in typed.lines.items() for each in described]
    return [each for each in (*inputs(kind, typed, {}), *of_lines) if each.field.worked_out]


def rows(kind: RequestKind, typed: Typed, faults: Mapping[str, tuple[Any, ...]], page: int, empty: int | None = None) -> list[Row]:
    """Return the rows of one page of lines; the last one ends with empty rows, as many as were asked for (`empty`), fewer blocks."""
    if kind.line is None:
        return []
    described = forms.describe(kind.line)
    if len(described) > MOST_COLUMNS:
        empty = EMPTY_BLOCKS if empty is None else min(empty, EMPTY_ROWS)
    elif empty is None:
        empty = EMPTY_ROWS
    last = max(typed.lines, default=0)
    numbers = list(range((page - 1) * LINES_SHOWN + 1, min(page * LINES_SHOWN, last) + 1))
    if page == pages(last):
        numbers += range(last + 1, min(last + empty, calls.MOST_LINES) + 1)
    return [
        Row(number, tuple(_cell(each, number, typed.lines.get(number, {}), faults) for each in described), number > last)
        for number in numbers
    ]


def _name(role: Role, party: Any) -> str:
    """Return the name of who is named in a role, as far as it is known: of who always has it even before anything was kept."""
    if party is not None and party.name != role.always:
        return party.name
    return gettext("Structure de l'exploitant de la plateforme") if role.always == PLATFORM else ""


def _cell(described: FormField, number: int, values: Mapping[str, Any], faults: Mapping[str, tuple[Any, ...]]) -> Input:
    name = f"line.{number}.{described.name}"
    return Input(name, described, values.get(described.name), faults.get(name, ()))


def pages(count: int) -> int:
    """Return on how many pages so many lines stand, at least one."""
    return max(1, -(-count // LINES_SHOWN))


def actors(
    kind: RequestKind, cadre: Cadre, typed: Typed, known: Iterable[Any], faults: Mapping[str, tuple[Any, ...]], more: str = ""
) -> list[Actor]:
    """Return the roles that somebody who deposits with this cadre names; `known` are the parties that invoicing knows by now, `more` is the
    role of which more places are asked for."""
    parties = list(known)
    shown = []
    for key in (*cadre.needs, *(each for each in cadre.may_name if each not in cadre.needs)):
        if key != cadre.maker:
            role = kind.role(key)
            holders = tuple(_holders(role, typed.parties.get(key, []), parties, faults, MORE_PLACES if key == more else EMPTY_PLACES))
            about = (role.has_service, role.always, role.most, holders)
            shown.append(Actor(key, role.label.text(current()), key in cadre.needs, *about))
    return shown


def _holders(
    role: Role, typed: list[tuple[str, str]], known: list[Any], faults: Mapping[str, tuple[Any, ...]], empty: int
) -> Iterable[Holder]:
    count = min(len(typed) + empty, max(role.most, len(typed))) if role.several else 1
    for place in range(1, count + 1):
        siret, service = typed[place - 1] if place <= len(typed) else ("", "")
        of_role = [each for each in known if each.role == role.key]
        party = next((each for each in of_role if role.always or each.identifier == squeezed(siret)), None)
        key = key_of(role.key, place)
        yield Holder(
            key, place, siret, service, _name(role, party), (*faults.get(f"party.{key}", ()), *faults.get(f"service.{key}", ()))
        )


def of_request(request: Any) -> Typed:
    """Return what a draft holds as the page shows it."""
    parties: dict[str, list[tuple[str, str]]] = {}
    for each in (*request.parties, *(request.unknown_parties or ())):
        parties.setdefault(each.role, []).append((each.identifier, each.code_service or ""))
    return Typed(request.number or "", dict(request.form), dict(enumerate(request.lines, 1)), parties)


def of_address(kind: RequestKind, cadre: Cadre, asked: Mapping[str, str]) -> Typed:
    """Return what a link to a new request fills in; what is unknown is ignored."""
    return _typed(kind, cadre, asked, {})


def of_post(kind: RequestKind, cadre: Cadre, sent: Any) -> Typed:
    """Return what a form holds; a line without any value is an empty one."""
    lines: dict[int, dict[str, Any]] = {}
    if kind.line is not None:
        described = [each for each in forms.describe(kind.line) if not each.worked_out]
        for number in _numbers(sent.getlist("row")):
            values = _values(described, sent, f"line.{number}.")
            lines[number] = values if any(values.values()) else {}
    return _typed(kind, cadre, sent, lines)


def _typed(kind: RequestKind, cadre: Cadre, sent: Mapping[str, str], lines: dict[int, dict[str, Any]]) -> Typed:
    roles = [key for key in (*cadre.needs, *cadre.may_name) if key != cadre.maker and kind.role(key).always is None]
    return Typed(
        sent.get("number", "").strip()[:100],
        _values([each for each in forms.describe(kind.form) if not each.worked_out], sent, "form."),
        lines,
        {key: list(_named(kind.role(key), sent)) for key in roles},
    )


def _named(role: Role, sent: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Give who is named in a role, but the one whose button takes him away."""
    # One more than any role may have: that they are too many is for invoicing to say.
    for place in range(1, (MOST_HOLDERS + 1 if role.several else 1) + 1):
        key = key_of(role.key, place)
        siret = (squeezed(sent.get(f"party.{key}", "")) or "")[:40]
        if siret and sent.get("action") != f"{WITHOUT}{key}":
            yield siret, sent.get(f"service.{key}", "").strip()[:100]


def _values(described: Iterable[FormField], sent: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """Return what was typed, a box that is not ticked as False; a blank field is left out."""
    values: dict[str, Any] = {}
    for each in described:
        text = sent.get(prefix + each.name, "")[:_LONGEST]
        if each.shape == "tick":
            values[each.name] = text in ("1", "true", "oui")
        elif text.strip():
            values[each.name] = text
    return values


def merged(
    stored: list[Mapping[str, Any]], shown: Mapping[int, Mapping[str, Any]], without: int | None
) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """Return all lines of a draft after one page of them was typed, and what became of each number: where it went, by where it was.

    `shown` are the rows of that page: an emptied one and the one to take away (`without`) are gone, and those after them move up.
    """
    everything = dict(enumerate((dict(each) for each in stored), 1))
    everything |= {number: dict(values) for number, values in shown.items() if values or number in everything}
    kept = [number for number in sorted(everything) if everything[number] and number != without]
    return [everything[number] for number in kept], {old: new for new, old in enumerate(kept, 1)}


def moved_files(documents: Iterable[Any], places: Mapping[int, int]) -> tuple[list[calls.NewRequestFile], list[Any]]:
    """Return the files to be added and to be taken away so that each stays with its line; those of a line that is gone go with it."""
    added, gone = [], []
    for each in documents:
        if each.line is None or each.made or places.get(each.line) == each.line:
            continue
        gone.append(each.document_id)
        if each.line in places:
            about = {"designation": each.designation} if each.designation else {}
            added.append(
                calls.NewRequestFile(
                    name=each.name, mime=each.mime, size=each.size, sha256=each.sha256, line=places[each.line], **about
                )
            )
    return added, gone


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and 0 < int(text) <= calls.MOST_LINES]
