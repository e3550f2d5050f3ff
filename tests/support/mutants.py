"""Documents that are no longer quite an invoice: elements removed, doubled or changed at random, from a seed."""

import random
from collections.abc import Iterator

from lxml import etree

TEXTS = ("", "999.999", "ZZ", "-1", "2030-13-45", "A" * 60)


def mutants(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """The document changed in ever more places: what makes rules fail, or stop without a verdict."""
    chance = random.Random(seed)
    for mutant in range(count):
        root = etree.fromstring(content)
        for _ in range(1 + mutant // 3):
            element = chance.choice(list(root.iter(etree.Element))[1:])
            kind = chance.randrange(4)
            if kind == 0:
                element.getparent().remove(element)
            elif kind == 1:
                element.addnext(etree.fromstring(etree.tostring(element)))
            elif not len(element):
                element.text = chance.choice(TEXTS)
            else:
                element.set("schemeID", "0000")
        yield etree.tostring(root)
