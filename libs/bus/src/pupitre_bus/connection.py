"""How this process reaches its broker: parameters, bounded waits, and waiting for one that is not there yet."""

import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

import amqp
import eventlet
import kombu
from kombu.utils.url import maybe_sanitize_url

from . import transport

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 3
HEARTBEAT = 15
LOST = (OSError, amqp.exceptions.AMQPError, kombu.exceptions.KombuError)


def is_in_process(uri: str) -> bool:
    return uri.startswith(f"{transport.SCHEME}:")


def connect(uri: str, *, confirm: bool = False, **listeners: Callable[..., Any]) -> kombu.Connection:
    """Return a connection (not yet established) whose every wait is bounded; ``confirm`` turns publisher confirms
    on. ``listeners``: ``on_blocked(reason)`` and ``on_unblocked()`` are told when the broker ceases to take messages,
    and when it takes them again.
    """
    if is_in_process(uri):
        return kombu.Connection(uri)
    return kombu.Connection(
        uri,
        connect_timeout=CONNECT_TIMEOUT,
        heartbeat=0 if confirm else HEARTBEAT,
        transport_options={**({"confirm_publish": True} if confirm else {}), **listeners},
    )


def shown(uri: str) -> str:
    """The address without its password, for logs and error texts."""
    return maybe_sanitize_url(uri)


def user_of(uri: str) -> str | None:
    """The account that ``uri`` names: what the broker lets a message say about its sender."""
    return None if is_in_process(uri) else kombu.Connection(uri).userid


def wait_for_broker(uri: str, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Wait until the broker answers; False when ``stopping`` became true before."""
    delay = 0.5
    while not stopping():
        try:
            with eventlet.Timeout(2 * CONNECT_TIMEOUT), connect(uri) as connection:
                connection.connect()
            return True
        except (*LOST, eventlet.Timeout) as error:
            log.warning("broker %s does not answer (%s): next try in %.1f s", shown(uri), error, delay)
        eventlet.sleep(delay)
        delay = min(delay * 1.5, 3)
    return False


def nudge(channel: Any) -> None:
    """End the wait of the greenthread that drains this channel's connection, by an answer that means nothing to it."""
    if isinstance(channel, transport.Channel):
        channel.connection.nudge()
    else:
        # Of no effect on consumers that exist. Not the public method: it would read the answer in this greenthread.
        channel.send_method(amqp.spec.Basic.Qos, "lBb", (0, 0, False))


def hang_up(connection: kombu.Connection) -> None:
    """End what goes both ways on the socket, so that whoever waits for the broker, on any greenthread, learns it at once."""
    with contextlib.suppress(AttributeError, OSError):
        connection._connection._transport.sock.shutdown(socket.SHUT_RDWR)


def drop(connection: kombu.Connection | None) -> None:
    """Cut the socket. A polite close can wait for ever on a broker that no longer reads."""
    if connection is None:
        return
    if is_in_process(connection.as_uri()):
        connection.release()
        return
    try:
        # not the public attribute, which would connect again
        sock = connection._connection._transport.sock
        sock.shutdown(socket.SHUT_RDWR)
        sock.close()
    except (AttributeError, OSError):
        pass
