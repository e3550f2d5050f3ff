"""The annuaire at its size: import of 130 000 public structures with `pupitre structures import`, the same file a second time, searches
with `*`, and downloads, on PostgreSQL and RabbitMQ with every service in a process of its own.

The structures are made up, with valid SIRETs. PUPITRE_BENCH_STRUCTURES and PUPITRE_BENCH_SEED change how many and which.
"""

import csv
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from pupitre_bus.testing import Absent, ServerSpace
from stdnum import luhn

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.installation import Installation
from support.malformed import Footprint

STRUCTURES = int(os.environ.get("PUPITRE_BENCH_STRUCTURES", "130000"))
SEED = int(os.environ.get("PUPITRE_BENCH_SEED", "65"))
SEARCHES = 200
DOWNLOADS = 3
PIECE = 1 << 16

_KINDS = ["Commune de", "École primaire de", "Collège", "Lycée professionnel de", "Syndicat des eaux de", "Centre hospitalier de",
          "CCAS de", "Office public de l'habitat de", "Régie municipale de", "Service départemental d'incendie de"]
_SYLLABLES = ["val", "mont", "bourg", "saint", "clair", "roche", "font", "ville", "beau", "champ", "croix", "lac", "plan", "ter", "mer"]
_COLUMNS = ["identifier", "name", "label", "line", "postal_code", "city", "requires_service", "requires_engagement", "receives_edi",
            "code_service", "service_label", "service_starts_on"]


def measure() -> Iterator[str]:
    """Import, import again, search, download."""
    try:
        space = ServerSpace()
    except Absent as absent:
        yield f"not measured, no {absent}"
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "structures.csv"
            lines = write(file)
            yield f"seed {SEED}, {STRUCTURES} structures on {lines} lines, {file.stat().st_size / 1e6:.1f} MB"
            servers = {"PUPITRE_AMQP_URI": space.amqp_uri, "PUPITRE_DATABASE_URI": space.database_uri}
            portal = Installation(Path(folder) / "state", servers)
            try:
                portal.start()
                yield from _imports(portal, file)
                yield from _searches(portal)
                yield from _downloads(portal)
            finally:
                portal.close()
    finally:
        space.close()


def write(file: Path) -> int:
    """Write the structures as CSV and return the number of lines; one in ten has three services."""
    chance, lines = random.Random(SEED), 0
    with file.open("w", encoding="utf-8", newline="") as out:
        sheet = csv.writer(out, delimiter=";")
        sheet.writerow(_COLUMNS)
        for number in range(STRUCTURES):
            city = "".join(chance.choices(_SYLLABLES, k=3)).capitalize()
            kind = "Régie de menuiserie de" if chance.random() < 0.002 else chance.choice(_KINDS)
            flags = [str(chance.random() < share).lower() for share in (0.2, 0.4, 0.3)]
            postal_code = f"{chance.randint(1000, 95999):05d}"
            row = [siret(number), f"{kind} {city}", "", f"{chance.randint(1, 99)} rue de la Mairie", postal_code, city, *flags]
            services = [["SERVICE-" + code, f"Service {code}", "2024-01-01"] for code in "ABC"] if chance.random() < 0.1 else [["", "", ""]]
            for service in services:
                sheet.writerow([*row, *service])
                lines += 1
    return lines


def siret(number: int) -> str:
    """Return the valid SIRET of the structure of this number."""
    body = f"{20_000_000 + number:08d}"
    siren = body + luhn.calc_check_digit(body)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


def _imports(portal: Installation, file: Path) -> Iterator[str]:
    service = portal.pid_of("organisation")
    for what in ("import", "the same file again"):
        before, began = Footprint.of(service), time.perf_counter()
        spent = _spent(service), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = portal.command("structures", "import", str(file), seconds=3600, check=False)
        seconds = time.perf_counter() - began
        grown = (Footprint.of(service).memory - before.memory) / 2**20
        assert done.returncode == 0, done.stdout + done.stderr
        command = resource.getrusage(resource.RUSAGE_CHILDREN)
        work = f"organisation {_spent(service) - spent[0]:.0f} s, the command {command.ru_utime - spent[1].ru_utime:.0f} s of processor"
        yield f"{what}: {seconds:.0f} s ({work}), organisation {grown:+.0f} MiB: {done.stdout.strip()}"


def _spent(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _searches(portal: Installation) -> Iterator[str]:
    asked = {
        "*menuiserie*": {"name": "*menuiserie*"},
        "commune*": {"name": "commune*"},
        "*a* (nearly all)": {"name": "*a*"},
        "nothing found": {"name": "*xylophone*"},
        "city *clair*": {"city": "*clair*"},
        "no criterion": {},
    }
    for name, criteria in asked.items():
        found: dict[str, Any] = {}

        def search(criteria: dict[str, str] = criteria, found: dict[str, Any] = found) -> None:
            answer = requests.get(f"{portal.base_url}/api/v1/annuaire", params=criteria, timeout=30)
            assert answer.status_code == 200, answer.text
            found.update(answer.json())

        yield f"search {name}: {_spread(search)}, {found['total']} found"
    page = f"{portal.base_url}/annuaire/?nom=*menuiserie*"
    yield f"the page of *menuiserie*: {_spread(lambda: requests.get(page, timeout=30).raise_for_status())}"


def _spread(work: Callable[[], None]) -> str:
    work()
    times = []
    for _ in range(SEARCHES):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return f"median {statistics.median(times):.0f} ms, p95 {times[int(SEARCHES * 0.95) - 1]:.0f} ms"


def _downloads(portal: Installation) -> Iterator[str]:
    address = f"{portal.base_url}/api/v1/annuaire/export.csv"
    processes = {name: portal.pid_of(name) for name in ("portal", "organisation")}
    tag = ""
    for number in range(DOWNLOADS):
        before = {name: Footprint.of(pid).memory for name, pid in processes.items()}
        peak, size, began = dict(before), 0, time.perf_counter()
        with requests.get(address, stream=True, timeout=60) as answer:
            tag = answer.headers["ETag"]
            for piece in answer.iter_content(PIECE):
                size += len(piece)
                for name, pid in processes.items():
                    peak[name] = max(peak[name], Footprint.of(pid).memory)
        grown = ", ".join(f"{name} {(peak[name] - before[name]) / 2**20:+.0f} MiB" for name in processes)
        yield f"download {number + 1}: {size / 1e6:.1f} MB in {time.perf_counter() - began:.0f} s, at the peak {grown}"
    began = time.perf_counter()
    status = requests.get(address, headers={"If-None-Match": tag}, timeout=60).status_code
    yield f"the same with If-None-Match: {status} in {(time.perf_counter() - began) * 1000:.0f} ms"
