"""Which stage of an invoice's way the processor works on, in every process of an installation: see ``sampler/sitecustomize.py``."""

import json
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

SAMPLER = Path(__file__).parent / "sampler"
LEAST = 0.05
#: What a function belongs to, by the end of its file's name and its own name ("" for all of the file): the innermost function of
#: a stack that is listed decides.
STAGES = {
    "engine/schematron.py:failures": "engine: official rules",
    "engine/schematron.py:document": "engine: tree for the rules",
    "engine/rules.py:": "engine: official rules",
    "engine/xsd.py:": "engine: schema",
    "engine/safe_xml.py:parse": "engine: parsing",
    "engine/terms.py:read": "engine: terms",
    "engine/checks.py:": "engine: own checks",
    "engine/report.py:": "engine: report",
    "engine/archive.py:": "engine: unpacking",
    "pupitre_bus/workers.py:serve": "engine: JSON and pipes",
    "pupitre_bus/workers.py:run": "flux: the engine's answers",
    "pupitre_bus/blobs.py:": "files in the blob store",
    "pupitre_invoicing/processing.py:_judge": "flux: the engine's answers",
    "pupitre_invoicing/processing.py:_list": "flux: listing",
    "pupitre_invoicing/deposit.py:examine": "flux: routing and rules",
    "pupitre_invoicing/processing.py:process_flux": "flux: rows of invoices",
    "pupitre_bus/chain.py:": "history chain",
    "pupitre_bus/outbox.py:prepared": "outbox",
    "pupitre_bus/outbox.py:append": "outbox",
    "pupitre_bus/relay.py:": "relay",
    "pupitre_bus/events.py:catch_up": "catching up",
    "pupitre_bus/feed.py:": "catching up",
    "pupitre_bus/inbox.py:": "inbox",
    "pupitre_bus/intake.py:_sorted_out": "events: reading",
    "pupitre_bus/intake.py:": "inbox",
    "pupitre_notifications/readers.py:": "mails: who is told",
    "pupitre_notifications/use_cases.py:tell_of_moves": "mails: written as rows",
    "pupitre_notifications/mailer.py:": "mails: into the Maildir",
    "pupitre_notifications/use_cases.py:send_due_mails": "mails: sent, as rows",
    "pupitre_bus/consumer.py:": "messages received",
    "pupitre_invoicing/flux.py:get_flux": "depositor's questions",
    "pupitre_identity/service.py:resume_access_token": "depositor's questions",
    "pupitre_organisation/service.py:rights_of_actor": "rights asked",
    "pupitre_organisation/service.py:resolve_recipients": "recipients asked",
    "pupitre_organisation/service.py:members_of_espace": "mails: who is told",
    "pupitre_identity/service.py:users_by_ids": "mails: who is told",
    "pupitre_bus/calls.py:": "calls, other",
    "pupitre_bus/client.py:": "calls, other",
    "pupitre_portal/server.py:": "portal: HTTP",
    "eventlet/wsgi.py:": "portal: HTTP",
    "pupitre_bus/timers.py:": "timers",
    "pupitre_bus/leases.py:": "timers",
    "pupitre_bus/health.py:": "watching the hub",
    "hubs/hub.py:": "waiting and waking",
    "eventlet/tpool.py:": "waiting and waking",
    "green/thread.py:": "waiting and waking",
    "nameko/containers.py:": "waiting and waking",
}


def begin(pids: Iterable[int]) -> None:
    """Have the processes note what they do from now on."""
    for pid in pids:
        os.kill(pid, signal.SIGUSR1)


def taken(pids: Iterable[int], folder: Path, wait: Callable[[Callable[[], bool]], object]) -> dict[str, Counter[str]]:
    """Return the seconds of each stage by process, since :func:`begin`."""
    pids = list(pids)
    for pid in pids:
        os.kill(pid, signal.SIGUSR2)
    wait(lambda: all((folder / f"{pid}.json").exists() for pid in pids))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for pid in pids:
        noted = json.loads((folder / f"{pid}.json").read_text())
        for stack, seconds in noted["spent"].items():
            found[_stage(stack)][_process(noted["command"])] += seconds
    return found


def table(found: Mapping[str, Mapping[str, float]], count: int) -> Iterator[str]:
    """Say the milliseconds of each stage per invoice, the largest first, and what is small in one line."""
    whole = sum(sum(by_process.values()) for by_process in found.values())
    small = 0.0
    for stage, by_process in sorted(found.items(), key=lambda item: -sum(item[1].values())):
        total = sum(by_process.values())
        if total / count * 1000 < LEAST:
            small += total
            continue
        where = ", ".join(f"{name} {seconds / count * 1000:.2f}" for name, seconds in sorted(by_process.items(), key=lambda item: -item[1]))
        yield f"{total / count * 1000:6.2f} ms {total / whole * 100:4.1f} %  {stage} ({where})"
    yield f"{small / count * 1000:6.2f} ms {small / whole * 100:4.1f} %  stages below {LEAST} ms"


def _stage(stack: str) -> str:
    for frame in stack.split("|"):
        path, _, function = frame.rpartition(":")
        place = "/".join(path.split("/")[-2:])
        stage = STAGES.get(f"{place}:{function}") or STAGES.get(f"{place}:")
        if stage is not None:
            return stage
    return "else"


def _process(command: list[str]) -> str:
    if any("pupitre_invoicing.engine" in word for word in command):
        return "engine"
    return command[-1] if "serve" in command else "main"
