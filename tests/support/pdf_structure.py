"""The structure of a tagged PDF as a screen reader meets it: elements, their attributes and the text of each, in reading order."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

_PAIRS = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGES = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


@dataclass
class Element:
    """An element of the structure; ``kids`` are elements and texts."""

    tag: str
    attributes: dict[str, Any] = field(default_factory=dict)
    kids: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(kid if isinstance(kid, str) else kid.text for kid in self.kids)

    def every(self, *tags: str) -> Iterator["Element"]:
        """The elements below this one with one of the tags, in reading order."""
        for kid in self.kids:
            if isinstance(kid, Element):
                if kid.tag in tags:
                    yield kid
                yield from kid.every(*tags)


@dataclass
class Structure:
    """What a file says of itself, its tree, and the texts that the tree does not reach."""

    root: Element
    unreached: list[str]
    unmarked: list[str]
    artifacts: list[str]


def read(pdf: bytes) -> Structure:
    """Read the structure tree of a file and the text of all its pages."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        marked: dict[tuple[int, int], str] = {}
        unmarked: list[str] = []
        artifacts: list[str] = []
        pages = {page.objgen: number for number, page in enumerate(document.pages)}
        for number, page in enumerate(document.pages):
            for place, text in _texts(page):
                if place is None:
                    unmarked.append(text)
                elif place < 0:
                    artifacts.append(text)
                else:
                    marked[number, place] = marked.get((number, place), "") + text
        reached: set[tuple[int, int]] = set()
        root = Element("StructTreeRoot")
        for kid in _list(document.Root.StructTreeRoot.K):
            root.kids += _element(kid, pages, None, marked, reached)
        return Structure(root, [text for place, text in marked.items() if place not in reached], unmarked, artifacts)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def _element(item: Any, pages: dict, page: int | None, marked: dict, reached: set) -> list[Element | str]:
    if isinstance(item, int):
        reached.add((page, item))
        return [marked.get((page, item), "")]
    if "/Pg" in item:
        page = pages[item.Pg.objgen]
    if item.get("/Type") == pikepdf.Name.MCR:
        return _element(int(item.MCID), pages, page, marked, reached)
    if "/S" not in item:
        return []
    element = Element(str(item.S)[1:])
    for attributes in _list(item.get("/A", pikepdf.Array())):
        element.attributes |= {key[1:]: value for key, value in attributes.items()}
    element.attributes = {
        name: [bytes(each) for each in value] if name == "Headers" else str(value)
        for name, value in element.attributes.items()
    }
    if "/ID" in item:
        element.attributes["ID"] = bytes(item.ID)
    for kid in _list(item.get("/K", pikepdf.Array())):
        element.kids += _element(kid, pages, page, marked, reached)
    return [element]


def _texts(page: pikepdf.Page) -> Iterator[tuple[int | None, str]]:
    """Texts in drawing order, each with its mark: a number, -1 for an artifact, nothing for text that no mark holds."""
    maps = {name: _unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    marks: list[int | None] = []
    instead: list[int] = []
    signs: dict[bytes, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            properties = operands[1] if name == "BDC" else {}
            here = marks[-1] if marks else None
            if "/MCID" in properties:
                here = int(properties["/MCID"])
            elif operands[0] == pikepdf.Name.Artifact:
                here = -1
            marks.append(here)
            if "/ActualText" in properties:
                instead.append(len(marks))
                yield here, str(properties["/ActualText"])
        elif name == "EMC":
            if instead and instead[-1] == len(marks):
                instead.pop()
            marks.pop()
        elif name == "Tf":
            signs = maps[str(operands[0])]
        elif name in ("Tj", "TJ") and not instead:
            pieces = operands[0] if name == "TJ" else [operands[0]]
            codes = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
            yield (
                marks[-1] if marks else None,
                "".join(signs.get(codes[at : at + 2], "?") for at in range(0, len(codes), 2)),
            )


def _unicode(font: Any) -> dict[bytes, str]:
    """What each glyph of a font stands for, as its ToUnicode table says."""
    table = font.ToUnicode.read_bytes()
    signs: dict[bytes, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        signs |= {bytes.fromhex(code.decode()): _utf16(text) for code, text in _PAIRS.findall(block)}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for low, high, text in _RANGES.findall(block):
            start, first = int(low, 16), int(text, 16)
            for code in range(start, int(high, 16) + 1):
                signs[code.to_bytes(2, "big")] = chr(first + code - start)
    return signs


def _utf16(text: bytes) -> str:
    return bytes.fromhex(text.decode()).decode("utf-16-be")
