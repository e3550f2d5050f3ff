"""Requests in words: statuses, values of forms and lines, what happened to a délai; those of a plugin that is away as they are kept."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from pupitre_espaces import Label, RequestKind, forms
from pupitre_espaces import statuses as reference
from pupitre_espaces.forms import FormField

from . import formats, kinds, statuses
from .languages import current, gettext, ngettext

_DANGER, _WARNING, _SUCCESS = ("REFUSEE", "REJETEE", "NON_CONFORME"), ("ERREUR", "A_COMPLETER", "ABSENCE"), ("VALIDEE", "PAYEE")


def both(value: Any, name: str) -> str:
    """Return a text that a service gives in both languages (``name_fr``, ``name_en``) in the visitor's."""
    return getattr(value, f"{name}_{current()}") or ""


def status_of(summary: Any) -> str:
    """Return the name of a request's present status: that of the invoice that it became, where it did."""
    return status_label(None, summary.invoice_status) if summary.invoice_status else both(summary, "status_label")


def labels_of(summary: Any) -> Label:
    """Return the name of a request's present status, as :func:`status_of`, in both languages."""
    became = reference.LABELS.get(summary.invoice_status or "")
    return became or Label(summary.status_label_fr, summary.status_label_en)


def tone_of(summary: Any) -> str:
    """Return the style of the badge of a request's present status."""
    return tone(summary.invoice_status or summary.status)


def status_label(kind: RequestKind | None, code: str | None) -> str:
    """Return the name of a status of a kind; of a kind that is away, what the reference calls it, or its code."""
    if not code:
        return ""
    named = (table.label(code) for table in kind.lifecycles) if kind else ()
    label = next((each for each in named if each is not None), None) or reference.LABELS.get(code)
    return label.text(current()) if label else code


def tone(code: str) -> str:
    """Return the style of a status's badge: the portal's for those it knows, else by how the code begins."""
    known = statuses.tone(code)
    if known != "info":
        return known
    begins = {"danger": _DANGER, "warning": _WARNING, "success": _SUCCESS}
    return next((style for style, words in begins.items() if code.startswith(words)), known)


def cadre_label(kind: RequestKind | None, code: str) -> str:
    """Return a cadre with its name, or its code alone."""
    found = next((each for each in kind.cadres if each.code == code), None) if kind else None
    return f"{code}, {found.label.text(current())}" if found else code


def facts(kind: RequestKind | None, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the filled fields of a form as names and words; of a kind that is away, as they are kept."""
    if kind is None:
        return [(name, _kept(value)) for name, value in values.items()]
    return [(each.label.text(current()), shown(each, values[each.name])) for each in forms.describe(kind.form) if _is_there(values, each)]


def has_own_totals(kind: RequestKind | None, request: Any) -> bool:
    """Tell whether the form itself says the totals, worked out by its espace: then nothing says them a second time."""
    if kind is None or request is None or request.gross is None:
        return False
    own = {str(request.form.get(each.name)) for each in forms.describe(kind.form) if each.shape == "money" and each.worked_out}
    return {str(request.net), str(request.gross)} <= own


def table(kind: RequestKind | None, lines: list[Mapping[str, Any]]) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """Return the lines as a table: heads, each with whether it is of numbers, and rows of words."""
    if kind is None or kind.line is None:
        names = list(dict.fromkeys(name for line in lines for name in line))
        return [(name, False) for name in names], [[_kept(line.get(name)) for name in names] for line in lines]
    described = forms.describe(kind.line)
    heads = [(_head(each), each.shape in ("number", "money")) for each in described]
    return heads, [[shown(each, line.get(each.name)) for each in described] for line in lines]


def shown(described: FormField, value: Any) -> str:
    """Return a value of a field in words."""
    if value is None or value == "":
        return ""
    if described.shape == "money":
        return formats.money(value)
    if described.shape == "number":
        return f"{formats.number(value)} {described.unit}".strip() if described.places else f"{value} {described.unit}".strip()
    if described.shape == "date":
        return formats.day(value)
    if described.shape == "choice":
        label = (described.choices or {}).get(str(value))
        return label.text(current()) if label else str(value)
    if described.shape == "tick":
        return gettext("oui") if value in (True, "true") else gettext("non")
    return str(value)


def history(kind: RequestKind | None, entry: Any) -> str:
    """Return what one line of the history says: the status that the request came to, or what else was done."""
    return status_label(kind, entry.status_to) if entry.status_to else statuses.action(entry.action)


def event(each: Any) -> str:
    """Return what happened to the délai global de paiement, in a sentence without its day."""
    if each.kind == "START":
        return gettext("Le délai de paiement de %(days)s jours commence, échéance le %(due)s", days=each.days, due=formats.day(each.due_on))
    if each.kind == "RESUME":
        return gettext("Le délai de paiement reprend, échéance le %(due)s", due=formats.day(each.due_on))
    if each.kind == "END":
        return gettext("Le délai de paiement prend fin")
    if not each.effect:
        return gettext("Interruption sans effet sur le délai de paiement")
    return ngettext(
        "Le délai de paiement est interrompu, il restait %(num)s jour",
        "Le délai de paiement est interrompu, il restait %(num)s jours",
        each.balance or 0,
    )


def _head(described: FormField) -> str:
    unit = described.unit if described.shape == "number" else ""
    label = described.label.text(current())
    return f"{label} ({unit})" if unit and unit not in label else label


def _is_there(values: Mapping[str, Any], described: FormField) -> bool:
    return values.get(described.name) not in (None, "")


def _kept(value: Any) -> str:
    return {True: gettext("oui"), False: gettext("non")}[value] if isinstance(value, bool) else "" if value is None else str(value)


def _kind_of(summary: Any) -> RequestKind | None:
    return kinds.find(summary.espace, summary.kind)


def init_app(app: Flask) -> None:
    """Give the templates the words."""
    app.jinja_env.globals.update(
        request_tone=tone_of,
        request_status=status_of,
        request_cadre=lambda each: cadre_label(_kind_of(each), each.cadre),
        request_event=event,
        request_own_totals=has_own_totals,
        request_shown=shown,
        request_history=history,
        in_both=both,
    )
