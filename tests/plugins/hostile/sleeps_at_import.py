"""Never ends being imported."""

from threading import Event

Event().wait(60)
