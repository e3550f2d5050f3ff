"""Failures of the surroundings, in a sentence that says what to do."""

import sqlalchemy as sa
from pupitre_bus import accounts, connection, settings, topology


def sentence(error: Exception) -> str | None:
    """Say what failed and what to do about it; None for what is no fault of the surroundings but a defect of ours."""
    if isinstance(error, topology.TopologyWrong | accounts.AccountWrong | settings.WrongSetting):
        return str(error)
    if isinstance(error, sa.exc.DBAPIError | sa.exc.TimeoutError):
        return _of_the_database(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, connection.LOST):
        return f"no answer: {error}"
    return None


def _of_the_database(error: sa.exc.DBAPIError | sa.exc.TimeoutError) -> str | None:
    first = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "no such table" in first or ("relation" in first and "does not exist" in first):
        return f"the database is not as this version needs it ({first}): run `pupitre migrate`"
    if "permission denied" in first or "must be owner" in first:
        return f"the account may not do this in the database ({first}): run `pupitre migrate`, which gives every service its rights"
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.TimeoutError):
        return f"the database does not answer: {first}"
    return None
