"""HTML that is known to be safe, so that everything else can be escaped."""

from __future__ import annotations

import html
import string
from collections.abc import Iterable
from typing import Any


class Html(str):
    """HTML that its author vouches for: the portal shows it as it is, whereas a plain `str` is shown as text.

    `Html("<p>…</p>")` is the act of vouching; never wrap a user's words in it. Put values in with `Html.format`, which
    escapes each of them: `Html("<p>{}</p>").format(name)`. What a template engine with autoescape returned may be
    wrapped.
    """

    __slots__ = ()

    def __html__(self) -> Html:
        """Return itself: the protocol by which Jinja and others recognise safe HTML."""
        return self

    def format(self, *args: Any, **kwargs: Any) -> Html:
        """Replace the placeholders, escaping every value that is not itself HTML."""
        return Html(_EscapingFormatter().vformat(self, args, kwargs))

    def join(self, parts: Iterable[Any]) -> Html:
        """Join `parts`, escaping each that is not itself HTML."""
        return Html(str.join(self, [escape(part) for part in parts]))

    def __add__(self, other: Any) -> Html:
        """Append `other`, escaped unless it is itself HTML."""
        return Html(str.__add__(self, escape(other)))

    def __radd__(self, other: Any) -> Html:
        """Prepend `other`, escaped unless it is itself HTML."""
        return Html(str.__add__(escape(other), self))

    def __mod__(self, other: Any) -> Html:
        """Refuse: `%` would put values in without escaping them."""
        raise TypeError("use Html.format, which escapes the values")


class _EscapingFormatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return value.__html__() if hasattr(value, "__html__") else escape(format(value, format_spec))

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        # `{!s}` of an Html would give a plain str back and escape it twice; of anything else it changes nothing here.
        return value if conversion in (None, "s") else super().convert_field(value, conversion)


def escape(value: Any) -> Html:
    """Return `value` as HTML: unchanged when it is (Html, Markup), otherwise its text with `& < > " '` escaped."""
    if hasattr(value, "__html__"):
        return Html(value.__html__())
    return Html(html.escape(str(value), quote=True))
