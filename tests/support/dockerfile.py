"""A Dockerfile as a list of instructions."""

import json
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    stage: int
    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """The words of an instruction in the exec form, or split at spaces."""
        return json.loads(self.value) if self.value.startswith("[") else self.value.split()


def read(path: Path) -> list[Instruction]:
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", path.read_text()))
    stage, found = -1, []
    for line in filter(str.strip, text.splitlines()):
        name, _, value = line.strip().partition(" ")
        stage += name == "FROM"
        found.append(Instruction(stage, name, value.strip()))
    return found


def arguments(instructions: list[Instruction]) -> dict[str, str]:
    """The build arguments with their defaults."""
    pairs = (each.value.partition("=") for each in instructions if each.name == "ARG")
    return {name: default.strip('"') for name, _, default in pairs}


def environment(instructions: list[Instruction]) -> dict[str, str]:
    return dict(word.split("=", 1) for each in instructions if each.name == "ENV" for word in each.words)
