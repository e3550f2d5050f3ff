"""Write base.txt, build.txt, test.txt and no-deps.txt from the .in files: exact versions with hashes.

Run by `make pins`. A version already written in a .txt is kept as long as its .in allows it; `make pins
UPGRADE=NAME` moves one, `UPGRADE=all` moves all. No address of a package index is written.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMPILE = [
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--annotation-style=line",
    "--quiet",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
]
HEADER = "# Written by `make pins` from {source}: do not edit.\n"


def main() -> None:
    upgrade = os.environ.get("UPGRADE", "")
    for name in ("base", "build", "test"):
        resolve(name, upgrade)
    pin_without_dependencies()


def resolve(name: str, upgrade: str) -> None:
    """Let pip-tools choose one version of everything that `<name>.in` needs, itself included."""
    wanted = ["--upgrade"] if upgrade == "all" else [f"--upgrade-package={upgrade}"] if upgrade else []
    target = HERE / f"{name}.txt"
    subprocess.run(
        [sys.executable, "-m", "piptools", "compile", *COMPILE, *wanted, f"--output-file={target.name}", f"{name}.in"],
        cwd=HERE,
        check=True,
    )
    target.write_text(
        HEADER.format(source=f"{name}.in") + target.read_text().removeprefix(HEADER.format(source=f"{name}.in"))
    )


def pin_without_dependencies() -> None:
    """Hash the wheels of `no-deps.in` by hand: pip-tools would resolve what they ask for."""
    text = HEADER.format(source="no-deps.in")
    for requirement in re.findall(r"^[A-Za-z0-9._-]+==\S+", (HERE / "no-deps.in").read_text(), re.MULTILINE):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--no-deps",
                    "--only-binary=:all:",
                    "-d",
                    folder,
                    requirement,
                ],
                check=True,
            )
            hashes = sorted(hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in Path(folder).iterdir())
        text += requirement + "".join(f" \\\n    --hash=sha256:{digest}" for digest in hashes) + "\n"
    (HERE / "no-deps.txt").write_text(text)


if __name__ == "__main__":
    main()
