"""Commands of an espace for the operator: `pupitre espaces run <key> <command>`, declared as values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from .checks import KEBAB, require, require_types
from .context import EspaceContext
from .ports import Clock

#: What a value is read as: str, int, Decimal, date, Path of a file that is there, or bool for an option that is only named.
OptionKind = Literal["text", "whole", "amount", "day", "file", "flag"]
OPTION_KINDS: frozenset[str] = frozenset(get_args(OptionKind))
#: Options that the command line has for every command, or brings for those that work for a structure.
TAKEN: frozenset[str] = frozenset({"help", "by", "structure"})


class CommandFailed(Exception):
    """The command could not do its work; the text, for the operator, says why and what to do. It ends with exit code 1."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option, written `--name`. It is None where it is left out, False for a flag; `help` is one line of English."""

    name: str
    help: str
    kind: OptionKind = "text"
    required: bool = False

    def __post_init__(self) -> None:
        require_types(self, name=str, help=str, kind=str, required=bool)
        require(bool(KEBAB.fullmatch(self.name)), f"the option {self.name!r} is not kebab-case")
        require(self.name not in TAKEN, f"the option {self.name} is the platform's own")
        require(bool(self.help.strip()), f"the option {self.name} has no help")
        require(self.kind in OPTION_KINDS, f"the option {self.name} has no kind {self.kind!r}")
        require(self.kind != "flag" or not self.required, f"the option {self.name}: a flag is never required")


@dataclass(frozen=True, slots=True)
class CommandCall:
    """One call: who makes it (`by`, as it is written down), the values of the options by name, and for which structure."""

    by: str
    clock: Clock
    options: Mapping[str, Any] = field(default_factory=dict)
    #: None for a command that works for no structure. Its ports lend the documents of the espace for that structure, and nothing else.
    context: EspaceContext | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `run` gives the lines to print, as they come; raise `CommandFailed` to end with a reason."""

    #: kebab-case, unique within the espace.
    key: str
    #: What it does, in English: the first line in the list of commands, all of it with `--help`.
    help: str
    run: Callable[[CommandCall], Iterable[str]]
    options: tuple[Option, ...] = ()
    #: Whether it works for a structure, which the operator then names with `--structure SIRET`.
    for_structure: bool = False

    def __post_init__(self) -> None:
        require_types(self, key=str, help=str, run=Callable, options=tuple, for_structure=bool)
        require(bool(KEBAB.fullmatch(self.key)) and len(self.key) <= 50, f"the command {self.key!r} is not kebab-case")
        require(bool(self.help.strip()), f"the command {self.key} has no help")
        for each in self.options:
            require(type(each) is Option, f"the command {self.key}: {each!r} is no Option")
        names = [each.name for each in self.options]
        require(len(set(names)) == len(names), f"the command {self.key} has two options of one name")


def left_out(command: Command) -> dict[str, Any]:
    """Return what the options of a command are where nobody gives them."""
    return {each.name: False if each.kind == "flag" else None for each in command.options}


def lines(command: Command, call: CommandCall) -> Iterator[str]:
    """Give the lines of a command as they come. Raises what the plugin raises, and TypeError for what is no line."""
    answer = command.run(call)
    if isinstance(answer, (str, bytes)) or not isinstance(answer, Iterable):
        raise TypeError(f"the command {command.key} gives lines, not {type(answer).__name__}")
    for line in answer:
        if not isinstance(line, str):
            raise TypeError(f"the command {command.key} gives text, not {type(line).__name__}")
        yield line
