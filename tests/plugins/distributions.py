"""Installs the hostile plugins for one test: real distributions with real entry points, in a folder of the path."""

from __future__ import annotations

import shutil
from pathlib import Path

HOSTILE = Path(__file__).parent / "hostile"


def hostile_names() -> list[str]:
    """Return the names of all hostile plugins."""
    return sorted(path.stem for path in HOSTILE.glob("*.py"))


def install(folder: Path, *names: str, source: Path = HOSTILE) -> Path:
    """Write these plugins of `source` into `folder`, which then belongs on `sys.path` or PYTHONPATH; return it."""
    for name in names:
        shutil.copy(source / f"{name}.py", folder / f"hostile_{name}.py")
        metadata = folder / f"espace_hostile_{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution(name)}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[pupitre.espaces]\n{name} = hostile_{name}\n")
    return folder


def distribution(name: str) -> str:
    """Return the distribution that brings a hostile plugin."""
    return f"espace-hostile-{name.replace('_', '-')}"


def reported(name: str) -> str:
    """Return the name by which a host reports it."""
    return f"{distribution(name)}:{name}"
