"""Importing is free: no module opens a file, a socket or a database because somebody imported it."""

import json
import os
import subprocess
import sys
import tempfile

import pytest
from support.repository import ROOT, Distribution, distributions

WATCH = """
import gc, importlib, json, os, pkgutil, sys, threading
package, root = sys.argv[1:]
seen = []
def hook(event, args):
    if event in ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir", "os.remove"):
        seen.append(f"{event} {args!r}")
    if event == "open" and isinstance(args[0], str):
        path, mode, flags = args
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR)) if flags else False
        ours = os.path.abspath(path).startswith(root + os.sep) and not path.endswith((".py", ".pyc"))
        in_environment = (os.sep + ".venv" + os.sep) in path
        if (writes and path != os.devnull) or (ours and not in_environment):
            seen.append(f"open {path} {mode}")
import pupitre_bus.patch
sys.addaudithook(hook)
top = importlib.import_module(package)
for found in pkgutil.walk_packages(top.__path__, package + "."):
    if ".migrations" in found.name or found.name.rpartition(".")[2] in ("__main__", "pytest_plugin", "testing"):
        continue
    before = len(seen)
    importlib.import_module(found.name)
    seen[before:] = [f"{found.name}: {what}" for what in seen[before:]]
engines = sys.modules.get("sqlalchemy.engine")
if engines and any(isinstance(each, engines.Engine) for each in gc.get_objects()):
    seen.append("an engine exists")
if threading.active_count() > 1:
    seen.append(f"threads: {threading.enumerate()!r}")
print(json.dumps(seen))
"""


@pytest.mark.parametrize("distribution", distributions(), ids=str)
def test_importing_a_package_opens_nothing(distribution: Distribution):
    with tempfile.TemporaryDirectory() as nowhere:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", WATCH, distribution.package, str(ROOT)],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PUPITRE_STATE": nowhere},
            cwd=nowhere,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
