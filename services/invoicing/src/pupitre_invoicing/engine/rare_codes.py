"""Which official rules have nothing to say of a document in which a VAT category does not occur.

Most invoices have one VAT category, S, and half of the tests of EN 16931 begin by looking for one of the nine others, to find that it
is not there. What can be shown here to hold of every document without such a code need not be asked of one; whatever cannot be
shown is asked as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

#: UNTDID 5305, but S.
RARE = frozenset({"AE", "B", "E", "G", "K", "L", "M", "O", "Z"})
#: Where codes stand: the ends of the names of such elements.
_CODED = ("ID", "Code")

_STEP = r"(?:@?[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?|\*)"
_STEPS = rf"\s*/{{0,2}}{_STEP}(?:\s*//?\s*{_STEP})*\s*"
#: A path without functions, axes and operators, which may begin with a choice: (a|b)/c.
PATH = re.compile(rf"\s*(?:\({_STEPS}(?:\|{_STEPS})*\)|/{{0,2}}{_STEP})(?:\s*//?\s*{_STEP})*\s*")
_CALL = re.compile(r"(not|exists|count)\s*(\(.*\))", re.DOTALL)
_EQUALS = re.compile(r"(?:normalize-space\s*\(([^()]*)\)|([^()=<>!]*[^()=<>!\s]))\s*=\s*'(\w+)'", re.DOTALL)
_COMPARED = re.compile(r"(.*\))\s*(=|>=|>)\s*(\d+)", re.DOTALL)
#: They reach as far as the expression does, whatever stands in between.
_FAR = re.compile(r"(every|some|for|if)\b")


def codes_in(root: etree._Element) -> frozenset[str]:
    """The rare codes that stand in a document."""
    found = set()
    for element in root.iter(etree.Element):
        text = element.text
        if element.tag.endswith(_CODED) and len(element):
            text = "".join(element.itertext())
        if text is not None:
            found.add(text.strip())
    return RARE & found


def needed(test: str) -> str | None:
    """The rare code without which a test holds of every document; None when there is none."""
    return next((code for code in sorted(RARE) if f"'{code}'" in test and _holds(test, code) is True), None)


def matched(pattern: str) -> str | None:
    """The rare code without which a match pattern matches nothing; None when there is none."""
    return next((code for code in sorted(RARE) if f"'{code}'" in pattern and _finds_nothing(pattern, code)), None)


def _holds(test: str, code: str) -> bool | None:
    """What a test comes to where no element is this code; None: that depends."""
    test = _bare(test)
    if _FAR.match(test):
        return None
    for word, decides in (("or", True), ("and", False)):
        parts = list(split(test, word))
        if len(parts) > 1:
            found = {_holds(part, code) for part in parts}
            return decides if decides in found else None if None in found else not decides
    call = _CALL.fullmatch(test)
    if call and call[1] != "count" and _bare(call[2]) != call[2].strip():
        inner = _holds(_bare(call[2]), code)
        return None if inner is None else inner != (call[1] == "not")
    compared = _COMPARED.fullmatch(test)
    if compared and _counts_nothing(compared[1], code):
        return {"=": int(compared[3]) == 0, ">": False, ">=": int(compared[3]) == 0}[compared[2]]
    return False if _finds_nothing(test, code) or _requires(test, code, "") else None


def _counts_nothing(sum_of_counts: str, code: str) -> bool:
    calls = [_CALL.fullmatch(part.strip()) for part in split(_bare(sum_of_counts), "+")]
    return all(call and call[1] == "count" and _finds_nothing(_bare(call[2]), code) for call in calls)


def _finds_nothing(path: str, code: str) -> bool:
    """Whether each alternative of a path has a step that must be, or have, the code."""
    return all(_step_requires(alternative, code) for alternative in split(path, "|"))


def _step_requires(path: str, code: str) -> bool:
    steps, predicates = "", []
    depth = start = 0
    for position, (sign, inside) in enumerate(_signs(path)):
        if sign == "[" and inside == 1 and not depth:
            depth, start = 1, position + 1
        elif sign == "]" and inside == 0 and depth:
            depth = 0
            predicates.append((steps, path[start:position]))
        elif not depth:
            steps += sign
    if "@" in steps or not PATH.fullmatch(steps):
        return False
    return any(_requires(part, code, before) for before, predicate in predicates for part in split(predicate, "and"))


def _requires(comparison: str, code: str, step: str) -> bool:
    """Whether a comparison says that an element is the code; ``step``: the path to what it calls "."."""
    equals = _EQUALS.fullmatch(comparison.strip())
    if equals is None or equals[3] != code:
        return False
    compared = (equals[1] or equals[2]).strip()
    name = step.strip() if compared == "." else compared
    return "@" not in name and PATH.fullmatch(name) is not None and name.endswith(_CODED)


def _bare(expression: str) -> str:
    """An expression without the parentheses around all of it."""
    expression = expression.strip()
    while expression.startswith("("):
        closed = next((at for at, (_, inside) in enumerate(_signs(expression)) if inside == 0), None)
        if closed != len(expression) - 1:
            break
        expression = expression[1:-1].strip()
    return expression


def split(text: str, separator: str) -> Iterator[str]:
    """Cut a text at a sign, or at a word between blanks or brackets, outside of brackets, parentheses and quotes."""
    start, word = 0, separator.isalpha()
    signs = list(_signs(text))
    for position, (_, inside) in enumerate(signs):
        if inside or not text.startswith(separator, position) or position < start:
            continue
        end = position + len(separator)
        if word and not (text[position - 1 : position] in (" ", "\n", "\t", ")", "]") and text[end : end + 1] in (" ", "\n", "\t", "(")):
            continue
        yield text[start:position]
        start = end
    yield text[start:]


def _signs(text: str) -> Iterator[tuple[str, int]]:
    """Each sign with the number of brackets and parentheses that are open after it, quotes counting as one more."""
    depth, quote = 0, ""
    for sign in text:
        if quote:
            closing = sign == quote
            yield sign, depth + 1
            quote = "" if closing else quote
            continue
        if sign in "\"'":
            quote = sign
            yield sign, depth + 1
            continue
        depth += (sign in "([") - (sign in ")]")
        yield sign, depth
