"""What the operator asks about the authorities that he trusts."""

from __future__ import annotations

from collections.abc import Iterator

from pupitre_espaces import Command, CommandCall, CommandFailed, Option, dated

from . import anchors


def show(call: CommandCall) -> Iterator[str]:
    """Give the authorities in force, or those of a file or folder that is not in place yet, a line each."""
    place = call.options["file"]
    try:
        found = anchors.read(place) if place is not None else anchors.load()
    except dated.WrongData as error:
        raise CommandFailed(str(error)) from error
    if not found:
        raise CommandFailed(
            f"no authority: signatures are checked for integrity only until {anchors.SETTING} names some"
        )
    now = call.clock.now()
    for each in found:
        state = "" if each.holds(now) else "  (not valid today: it counts for nothing)"
        yield f"{each.valid_from:%Y-%m-%d} to {each.valid_until:%Y-%m-%d}  {each.fingerprint[:16]}  {each.name}{state}"


COMMANDS = (
    Command(
        "anchors",
        "List the authorities that signatures are traced to, with the days on which each is valid.",
        show,
        options=(Option("file", "A file of certificates to look at before it is put in place.", "file"),),
    ),
)
