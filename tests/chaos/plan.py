"""What a run does, derived from its seed: the same options give the same tasks and the same faults, in the same order.

Nothing here looks at a clock or at the product, so that a red run is played again by its command line.
"""

import dataclasses
import random
from collections import Counter
from dataclasses import dataclass

#: Faults of processes and servers, with how often each comes among the others.
KILLS = {
    "service-kill": 10,
    "service-term": 2,
    "service-freeze": 1,
    "broker-kill": 3,
    "broker-restart": 1,
    "broker-drop": 1,
    "broker-alarm": 1,
    "broker-down": 1,
    "queue-hang": 1,
    "database-kill": 3,
    "database-restart": 1,
    "database-drop": 1,
    "database-down": 1,
}
QUEUE = "queue-hang"
#: Whose queue may hang.
CONSUMERS = ("notifications", "ledger")
#: Faults of the network; they need proxies.
MODES = ("reset", "blackhole", "cut-up", "cut-down", "refuse", "latency")
NETWORK = {f"{side}-{mode}": 1 for side in ("broker", "database") for mode in MODES}
#: Faults that stay until they are lifted.
FULL = "database-full"
LASTING = ("broker-down", "database-down", "service-freeze", "broker-alarm", QUEUE)
LASTING_NETWORK = (
    "broker-blackhole",
    "database-blackhole",
    "broker-cut-down",
    "broker-cut-up",
    "database-cut-down",
    "database-cut-up",
)
WIPE = "broker-wipe"
SERVICES = (
    "invoicing.1",
    "invoicing.2",
    "notifications.1",
    "notifications.2",
    "ledger.1",
    "ledger.2",
    "identity.1",
    "organisation.1",
    "portal.1",
    "keeper.1",
)
#: Two of three service faults meet a service that handles invoices or events, as there is most to lose.
BUSY = SERVICES[:6]
EMBEDDED = ("run",)

#: What becomes of an invoice after its deposit: the statuses it is moved through.
JOURNEYS = (
    (),
    (),
    ("MANDATEE", "MISE_EN_PAIEMENT"),
    ("SUSPENDUE", "COMPLETEE", "MANDATEE", "MISE_EN_PAIEMENT"),
    ("REJETEE",),
    ("SUSPENDUE", "ABANDONNEE"),
)
#: How many tasks are begun under a lasting fault.
MEANWHILE = 12
#: Of a hundred clients, how many do not ask again when an answer did not come.
IMPATIENT = 5


@dataclass(frozen=True)
class Options:
    """The command line of a run; all that is derived from it, and the seed, is in :class:`Plan`."""

    seed: int = 1
    invoices: int = 1000
    kills: int = 20
    every: float = 0.0
    wipes: int = 0
    seconds: float = 600.0
    clients: int = 8
    lots: float = 0.5
    lot_size: int = 25
    lasting: int = 1
    lasting_seconds: float = 10.0
    only: str = ""
    lasting_only: str = ""
    megabytes: int = 0
    embedded: bool = False
    proxied: bool = False
    build: str = ""

    def command(self) -> str:
        """The command that plays this run again."""
        defaults = Options()
        words = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name == "seed" or value != getattr(defaults, field.name):
                flag = f"--{field.name.replace('_', '-')}"
                words.append(flag if value is True else f"{flag} {value}")
        return f'make chaos CHAOS="{" ".join(words)}"'


@dataclass(frozen=True)
class Step:
    """One fault. ``at``: after which share of the deposits, or at which second where the run goes ``every`` so many seconds.

    ``seconds``: how long what can last lasts.
    """

    number: int
    at: float
    kind: str
    target: str
    seconds: float


@dataclass(frozen=True)
class Task:
    """One deposit: a single invoice with the moves that follow it, or a lot."""

    number: int
    supplier: int
    recipient: int
    numbers: tuple[str, ...]
    is_lot: bool
    journey: tuple[str, ...] = ()
    patient: bool = True


@dataclass(frozen=True)
class Plan:
    """``tasks`` are for the first phase; ``meanwhile`` holds, for each lasting fault, the tasks that clients begin under it."""

    options: Options
    steps: tuple[Step, ...]
    lasting: tuple[Step, ...]
    tasks: tuple[Task, ...]
    meanwhile: tuple[tuple[Task, ...], ...]

    @property
    def all_tasks(self) -> tuple[Task, ...]:
        return (*self.tasks, *(task for tasks in self.meanwhile for task in tasks))

    def described(self) -> dict[str, object]:
        """Everything that was derived from the seed, for the head of the report."""
        return {
            "faults": dict(sorted(Counter(step.kind for step in self.steps).items())),
            "lasting": [f"{step.kind} {step.target}".strip() for step in self.lasting],
            "lots": sum(task.is_lot for task in self.all_tasks),
            "singles": sum(not task.is_lot for task in self.all_tasks),
            "moves": sum(len(task.journey) for task in self.all_tasks),
            "impatient": sum(not task.patient for task in self.all_tasks),
        }


def derive(options: Options, suppliers: int = 6, recipients: int = 3) -> Plan:
    """The plan of these options."""
    lasting = _lasting(options)
    tasks = _tasks(options, suppliers, recipients)
    each = min(MEANWHILE, len(tasks) // (2 * len(lasting))) if lasting else 0
    first = len(tasks) - each * len(lasting)
    meanwhile = tuple(tasks[first + each * n : first + each * (n + 1)] for n in range(len(lasting)))
    return Plan(options, _steps(options), lasting, tasks[:first], meanwhile)


def _steps(options: Options) -> tuple[Step, ...]:
    # Each part has a generator of its own: more invoices must not change the faults.
    chance = random.Random(f"{options.seed}/faults")
    count = options.kills if not options.every else int(options.seconds / options.every)
    moments = (
        sorted(chance.random() for _ in range(count))
        if not options.every
        else [options.every * (number + chance.uniform(-0.3, 0.3)) for number in range(1, count + 1)]
    )
    kinds = [_kind(options, chance) for _ in range(count)]
    wipes = [(moment, WIPE) for moment in sorted(chance.random() for _ in range(options.wipes))]
    if options.every:
        wipes = [(moment * options.seconds, kind) for moment, kind in wipes]
    found = sorted([*zip(moments, kinds, strict=True), *wipes])
    return tuple(
        Step(number, round(at, 4), kind, _target(options, kind, chance), round(chance.uniform(0.5, 4), 2))
        for number, (at, kind) in enumerate(found)
    )


def _kind(options: Options, chance: random.Random) -> str:
    if options.only:
        return options.only
    kinds = (
        {"service-kill": 5, "service-term": 1}
        if options.embedded
        else {**KILLS, **(NETWORK if options.proxied else {})}
    )
    return chance.choices(list(kinds), list(kinds.values()))[0]


def _target(options: Options, kind: str, chance: random.Random) -> str:
    if kind == QUEUE:
        return chance.choice(CONSUMERS)
    if not kind.startswith("service-"):
        return ""
    if options.embedded:
        return EMBEDDED[0]
    return chance.choice(BUSY if chance.random() < 2 / 3 else SERVICES)


def _lasting(options: Options) -> tuple[Step, ...]:
    if options.embedded:
        return ()
    chance = random.Random(f"{options.seed}/lasting")
    kinds = [*LASTING, *(LASTING_NETWORK if options.proxied else ()), *((FULL,) if options.megabytes else ())]
    chosen = kinds if options.lasting >= len(kinds) else chance.sample(kinds, options.lasting)
    asked = [word.partition(":") for word in options.lasting_only.split(",") if word]
    wanted = [(kind, float(seconds or options.lasting_seconds)) for kind, _, seconds in asked]
    return tuple(
        Step(number, 1.0, kind, _target(options, kind, chance), seconds)
        for number, (kind, seconds) in enumerate(wanted or [(kind, options.lasting_seconds) for kind in chosen])
    )


def _tasks(options: Options, suppliers: int, recipients: int) -> tuple[Task, ...]:
    chance = random.Random(f"{options.seed}/tasks")
    tasks: list[Task] = []
    made = 0
    while made < options.invoices:
        left = options.invoices - made
        # The share is of invoices, so a lot counts for as many as it holds.
        is_lot = chance.random() < options.lots / (options.lots + (1 - options.lots) * options.lot_size)
        size = min(options.lot_size, left) if is_lot else 1
        tasks.append(
            Task(
                number=len(tasks),
                supplier=chance.randrange(suppliers),
                recipient=chance.randrange(recipients),
                numbers=tuple(f"CHAOS-{made + each:09d}" for each in range(size)),
                is_lot=is_lot,
                journey=() if is_lot else chance.choice(JOURNEYS),
                patient=chance.randrange(100) >= IMPATIENT,
            )
        )
        made += size
    return tuple(tasks)
