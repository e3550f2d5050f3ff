"""Looking at a draft: what was typed is read under the kind's schemas, the espace says its word, and what is wrong is collected.

A draft is kept as it reads, completed by the espace; what does not read is kept as it was typed, so that it can be corrected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pupitre_contracts import errors
from pupitre_espaces import (
    Amounts,
    Attachment,
    Label,
    MadeFile,
    RequestDraft,
    RequestView,
    Structure,
    User,
    forms,
    passages,
)
from pupitre_espaces.requests import MOST_LINES, Completed

from . import deposit, messages, model, request_kinds, request_parties, request_queries
from .messages import Finding
from .request_kinds import Known

#: What is kept of a text that does not read.
LONGEST_UNREAD = 500


@dataclass(frozen=True, slots=True)
class Typed:
    """A draft as it was typed, with everything that the espace may look at."""

    known: Known
    cadre: str
    number: str
    form: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    parties: Sequence[request_parties.Kept]
    maker: Structure
    #: What makes numbers of requests collide: maker, espace, kind, and the draft's own id.
    of: Mapping[str, Any]
    attachments: tuple[Attachment, ...] = ()
    previous: RequestView | None = None
    dossier: tuple[RequestView, ...] = ()
    taken_numbers: frozenset[str] = frozenset()
    taken_values: frozenset[str] = frozenset()
    user: User | None = None
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Looked:
    """A draft that was looked at, as it is kept."""

    form: dict[str, Any]
    lines: list[dict[str, Any]]
    amounts: Amounts | None
    files: tuple[MadeFile, ...]
    findings: tuple[Finding, ...]
    once_value: str | None
    #: What the espace proposes where nobody typed a number.
    number: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """What the request keeps of it, but the files."""
        amounts = {name: getattr(self.amounts, name) if self.amounts is not None else None for name in ("net", "vat", "gross")}
        findings = [each.stored() for each in self.findings]
        return {"form": self.form, "lines": self.lines, "findings": findings, "once_value": self.once_value, **amounts}

    @property
    def errors(self) -> list[Finding]:
        """What keeps it from being sent."""
        return [each for each in self.findings if each.severity == "error"]


def look(scope: Any, typed: Typed, more: Sequence[Finding] = ()) -> Looked:
    """Look at a draft; ``more`` is what was found wrong with its parties. Raises EspaceSilent, and Invalid for too many lines."""
    kind = typed.known.kind
    if len(typed.lines) > MOST_LINES:
        raise errors.Invalid(what="request", fields={"lines": [f"{MOST_LINES} au plus / at most {MOST_LINES}"]})
    raw_lines = typed.lines if kind.line is not None else ()
    form, findings = forms.read(kind.form, typed.form)
    lines = []
    for index, raw in enumerate(raw_lines, 1):
        values, faults = forms.read(kind.line, raw, line=index)
        lines.append(values)
        findings += faults
    draft = _draft(scope, typed, form, lines)
    completed = request_kinds.complete(scope, typed.known, draft)
    draft = replace(draft, taken_numbers=_taken(scope, typed, completed))
    found = [deposit.from_espace(each, each.rule) for each in passages.check_typed(kind, draft, findings, completed)]
    amounts, too_large = _storable(completed.amounts)
    return Looked(
        form={**_unread(kind.form, typed.form, form), **_dumped(typed, kind.form, completed.form)},
        lines=list(_kept_lines(typed, raw_lines, lines, completed)),
        amounts=amounts,
        files=completed.files,
        findings=(*more, *found, *too_large),
        once_value=_once_value(typed.known, completed),
        number=completed.number.strip() if kind.numbering == "typed" else "",
    )


def request_view(row: Mapping[str, Any], known: Known | None, *, with_lines: bool = False) -> RequestView:
    """Return a request as the espace sees it when it looks at another one, its lines too if it may have them."""
    line = known.kind.line if known is not None and with_lines else None
    amounts = Amounts(row["net"], row["vat"], row["gross"]) if row["gross"] is not None else None
    return RequestView(
        id=row["request_id"],
        number=row["number"],
        espace=row["espace"],
        kind=row["kind"],
        cadre=row["cadre"],
        status=row["status"],
        status_label=Label(row["status_label_fr"], row["status_label_en"]),
        sent_at=row["sent_at"],
        status_at=row["status_at"],
        dossier=row["dossier_number"],
        parties=request_parties.values(row["parties"]),
        form=forms.load(known.kind.form, row["form"]) if known is not None else row["form"],
        amounts=amounts,
        lines=tuple(forms.load(line, each) for each in row["lines"]) if line is not None else (),
    )


def _draft(scope: Any, typed: Typed, form: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> RequestDraft:
    return RequestDraft(
        cadre=typed.cadre,
        number=typed.number,
        form=form,
        lines=tuple(lines),
        parties=request_parties.values(typed.parties),
        attachments=typed.attachments,
        previous=typed.previous,
        dossier=typed.dossier,
        structure=typed.maker,
        user=typed.user,
        language=typed.language,
        clock=scope.clock,
        taken_numbers=typed.taken_numbers,
        taken_values=typed.taken_values,
    )


def _taken(scope: Any, typed: Typed, completed: Completed) -> frozenset[str]:
    """Return the draft's number if another request has it, however it is written there and however long ago."""
    number = typed.number.strip() or completed.number
    if typed.known.kind.numbering == "given" or not number:
        return frozenset()
    with scope.reading() as db:
        return frozenset({number}) if request_queries.number_taken(db, typed.of, number) else frozenset()


def _kept_lines(
    typed: Typed, raw: Sequence[Mapping[str, Any]], read: Sequence[Mapping[str, Any]], completed: Completed
) -> Iterable[dict[str, Any]]:
    schema = typed.known.kind.line
    if schema is None:
        return
    # Where the espace adds lines or takes some away, nobody can tell to which of them an unreadable text belongs.
    same = len(completed.lines) == len(raw)
    for index, values in enumerate(completed.lines):
        yield {**(_unread(schema, raw[index], read[index]) if same else {}), **_dumped(typed, schema, values)}


def _unread(schema: type[Any], raw: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed values that do not read, short enough to be kept."""
    kept: dict[str, Any] = {}
    for field in forms.describe(schema):
        value = raw.get(field.name)
        if field.worked_out or field.name in read or value is None or value == "":
            continue
        if isinstance(value, bool):
            kept[field.name] = value
        elif isinstance(value, str | int | float):
            kept[field.name] = str(value)[:LONGEST_UNREAD]
    return kept


def _dumped(typed: Typed, schema: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return forms.dump(schema, values)
    except Exception as error:  # the espace's own values: whatever its schema makes of them is its fault alone
        raise errors.EspaceSilent(espace=typed.known.espace) from error


def _storable(amounts: Amounts | None) -> tuple[Amounts | None, tuple[Finding, ...]]:
    """Return amounts if the table can keep them, and else what is wrong."""
    if amounts is None or max(abs(amounts.net), abs(amounts.vat), abs(amounts.gross)) <= model.LARGEST_AMOUNT:
        return amounts, ()
    return None, (messages.finding("PUP-AMOUNT", term="amounts", amount=format(amounts.gross, "f")),)


def _once_value(known: Known, completed: Completed) -> str | None:
    value = completed.form.get(known.kind.once_per) if known.kind.once_per is not None else None
    return str(value) if value is not None else None
