"""What each account may do on the broker: computed from the catalogue, written as RabbitMQ's definitions.

A service may declare its own request and reply queues; write events on its own exchange, calls to the services that it
calls, and replies; read its own queues. Everything else exists before it starts and is not its to touch.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from typing import Any

from pupitre_contracts import catalogue

from . import topology
from .accounts import ADMIN, OPERATOR, Accounts

PORTAL = "portal"
EVERY = ".*"
NUMBER = "[0-9a-f-]+"
"""What ends a reply queue's name. It holds no wildcard, so that no key of a binding can reach further than one queue."""


def account_names(services: Iterable[str] = (*catalogue.SERVICES, PORTAL)) -> tuple[str, ...]:
    """Whoever has an account: the services, the migration command, the operator's commands."""
    return (*services, ADMIN, OPERATOR)


def definitions(accounts: Accounts, vhost: str) -> dict[str, Any]:
    """Return what RabbitMQ imports: the virtual host, every account with the hash of its password, its rights, and the
    topology.
    """
    names = account_names()
    return {
        "vhosts": [{"name": vhost}],
        "users": [_user(accounts, who) for who in names],
        "permissions": [
            {"user": accounts.name_of(who), "vhost": vhost, **resources(who)} for who in names
        ],
        "topic_permissions": [
            {"user": accounts.name_of(who), "vhost": vhost, "exchange": exchange, **keys}
            for who in names
            for exchange, keys in topics(who).items()
        ],
        **topology.definitions(vhost),
    }


def resources(who: str) -> dict[str, str]:
    """The queues and exchanges that the account may configure, write to and read from, as regular expressions."""
    if who == ADMIN:
        return {"configure": EVERY, "write": EVERY, "read": EVERY}
    replies = rf"reply\.{who}\.{NUMBER}"
    calls, back = re.escape(topology.CALLS_EXCHANGE), re.escape(topology.REPLIES_EXCHANGE)
    if who == OPERATOR:
        return {"configure": _one_of(replies), "write": _one_of(replies, calls), "read": _one_of(replies, back)}
    requests = rf"rpc\.{who}"
    queues = [re.escape(queue(who).name) for queue in (topology.event_queue, topology.dead_letter_queue)]
    events = re.escape(topology.event_exchange(who).name)
    return {
        "configure": _one_of(requests, replies),
        # To bind a queue is to write to it, and to read from the exchange.
        "write": _one_of(requests, replies, events, calls, back),
        "read": _one_of(requests, replies, *queues, calls, back),
    }


def topics(who: str) -> dict[str, dict[str, str]]:
    """Under which keys the account may write to the shared exchanges, and bind its queues to them."""
    if who == ADMIN:
        return {}
    replies = {"write": rf"^reply\.[a-z]+\.{NUMBER}$", "read": rf"^reply\.{who}\.{NUMBER}$"}
    if who == OPERATOR:
        return {
            topology.CALLS_EXCHANGE: {"write": _one_of(*catalogue.SERVICES), "read": "^$"},
            topology.REPLIES_EXCHANGE: replies | {"write": "^$"},
        }
    return {
        topology.CALLS_EXCHANGE: {"write": _one_of(*catalogue.callees_of(who)), "read": _one_of(who)},
        topology.REPLIES_EXCHANGE: replies,
    }


def _one_of(*patterns: str) -> str:
    return f"^({'|'.join(patterns)})$"


def _user(accounts: Accounts, who: str) -> dict[str, Any]:
    return {
        "name": accounts.name_of(who),
        "password_hash": password_hash(accounts.password_of(who)),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }


def password_hash(password: str) -> str:
    """Hash as RabbitMQ does: a salt of 32 bits, then SHA-256, in base 64. Enough for passwords of 256 random bits."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
