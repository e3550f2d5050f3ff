"""``python -m pupitre_invoicing.engine``: a worker process, fed by the pool of the bus library."""

from __future__ import annotations


def main() -> None:
    """Serves requests on standard input and output until the pool closes them."""
    from pupitre_bus import workers

    from .worker import handle

    workers.serve(handle)


if __name__ == "__main__":
    main()
