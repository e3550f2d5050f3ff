"""How often one may try: wrong passwords by account and network, requests of one kind by network (RS-52).

What slows down is the network that errs, never the account: nobody can lock somebody else out.
"""

from dataclasses import dataclass
from typing import Any

from pupitre_contracts.errors import TooManyTries

from . import model, queries, repository
from .secret_values import digest

WRONG_ANYWHERE = "wrong-password"


@dataclass(frozen=True)
class Tries:
    """The wrong passwords for one account from one network. Both are known by address only, whether the account exists or not."""

    account: str
    network: str

    @classmethod
    def of(cls, email: str, network: str) -> "Tries":
        return cls(digest(model.email_key(email)), model.network_of(network))

    def check(self, db: Any, now: Any, *, lock: bool = False) -> None:
        """Raise TooManyTries while the next try comes too early; ``lock`` makes tries sent at once be judged in turn."""
        here = queries.wrong_sign_ins(db, self.account, self.network, lock=lock).wait(now)
        anywhere = queries.requests(db, WRONG_ANYWHERE, self.network).wait(now, model.MOST_WRONG)
        if wait := max(here, anywhere):
            raise TooManyTries(seconds=wait)

    def count_wrong(self, tx: Any) -> int:
        """Count one more, and return how many there are for this account."""
        repository.count_request(tx, WRONG_ANYWHERE, self.network)
        return repository.count_wrong_sign_in(tx, self.account, self.network)

    def forget(self, tx: Any) -> None:
        repository.forget_wrong_sign_ins(tx, self.account, self.network)


def count_request(tx: Any, kind: str, network: str) -> None:
    """Count a request that makes an account or sends a mail. Raises TooManyTries past twenty an hour from one network."""
    network = model.network_of(network)
    if wait := queries.requests(tx, kind, network, lock=True).wait(tx.now, model.MOST_REQUESTS):
        raise TooManyTries(seconds=wait)
    repository.count_request(tx, kind, network)
