"""Espaces as a stranger makes them: written by the command, built by pip, and installed into a folder of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def installed(folder: Path, site: Path) -> str:
    """Build the distribution of a folder into ``site``, and return the PYTHONPATH on which it is found."""
    # From a copy: building leaves files in the folder that it builds.
    copy = site.parent / f"{site.name}-source"
    shutil.copytree(folder, copy)
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(site), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    return os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
