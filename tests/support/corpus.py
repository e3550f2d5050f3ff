"""The shared sample files with their expected verdicts, read from the tables that lie beside them; nothing of them is kept here."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(os.environ.get("PUPITRE_TEST_SAMPLES", Path(__file__).resolve().parents[3] / "shared" / "samples"))
ABSENT = f"the sample files are not at {SAMPLES} (PUPITRE_TEST_SAMPLES says where)"
_ROW = re.compile(r"^\| ([^|]+) \|(.*)\| ([^|]+) \|$", re.MULTILINE)
_STAGES = {"no-embedded-invoice": "container"}


@dataclass(frozen=True)
class Sample:
    """One file and what must be said of it: ``stage`` is None when it is valid, ``rules`` are those that it must break."""

    path: Path
    stage: str | None = None
    rules: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def valid(self) -> bool:
        return self.stage is None


def invoices() -> list[Sample]:
    """Every sample invoice, with the verdict of its table."""
    folder = SAMPLES / "invoices"
    if not folder.is_dir():
        return []
    rows = _ROW.findall((folder / "README.md").read_text("utf-8"))
    found = [
        _sample(folder / name.strip(), expected.strip())
        for name, _, expected in rows
        if (folder / name.strip()).is_file()
    ]
    missing = set(folder.glob("*/*.*")) - {each.path for each in found}
    assert not missing, f"samples without a verdict: {sorted(missing)}"
    return found


def hostile() -> dict[str, tuple[Path, str]]:
    """Every hostile file: name -> (path, expected behaviour)."""
    folder = SAMPLES / "hostile"
    if not folder.is_dir():
        return {}
    rows = re.findall(r"^\| (\S+\.\w+) \| \d+ \| ([\w-]+) \|", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    return {name: (folder / name, expected) for name, expected in rows}


def _sample(path: Path, expected: str) -> Sample:
    """Read one line of the table. The rules of the French layer bind what the folder of invalid files holds for them alone."""
    core, _, french = expected.partition("; BR-FR: ")
    if core.startswith("invalid"):
        stage, _, rules = re.search(r"\(([\w-]+)(: ([^)]*))?\)", core).group(1, 2, 3)
        return Sample(path, _STAGES.get(stage, stage), _rules(rules))
    if path.parent.name == "invalid":
        return Sample(path, "schematron", _rules(re.search(r"\(([^)]*)\)", french).group(1)))
    return Sample(path)


def _rules(listed: str | None) -> frozenset[str]:
    return frozenset(rule.strip() for rule in (listed or "").split(",") if rule.strip() not in ("", "…"))
