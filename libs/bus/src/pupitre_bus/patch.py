"""Makes the process green. Import this module before anything else in every entry module.

Kombu, psycopg2 and SQLAlchemy keep references to what they import: patched later, they would sleep for real and
freeze every greenthread of the process.
"""

import warnings

with warnings.catch_warnings():
    # Eventlet announces its retirement at every start: docs/decisions/0002 answers it, no operator can act on it.
    warnings.simplefilter("ignore")
    import eventlet

eventlet.monkey_patch()

_TICK = 0.5
_ticker = None


def _tick() -> None:
    while True:
        eventlet.sleep(_TICK)


def start_ticker() -> None:
    """Keep the hub waking every half second, so that an idle process sees a signal at once instead of within a
    minute.
    """
    global _ticker
    if _ticker is None or _ticker.dead:
        _ticker = eventlet.spawn(_tick)
