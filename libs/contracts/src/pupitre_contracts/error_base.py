"""What every error of the closed list is made of; the list itself is :mod:`pupitre_contracts.errors`."""

from typing import Any, ClassVar

ALL: dict[str, type["PupitreError"]] = {}


class PupitreError(Exception):
    """Base of every error that crosses a service's border."""

    code: ClassVar[str] = ""
    status: ClassVar[int] = 500
    fr: ClassVar[str] = ""
    en: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.code in ALL:
            raise TypeError(f"error code {cls.code} is taken by {ALL[cls.code].__name__}")
        ALL[cls.code] = cls

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details

    def message(self, language: str = "fr") -> str:
        """Return the text in ``fr`` or ``en``, with the details filled in."""
        template = self.en if language == "en" else self.fr
        return template.format_map(_Lenient(self.details))

    def dump(self) -> dict[str, Any]:
        return {"code": self.code, "details": self.details}

    def __str__(self) -> str:
        return f"{self.code}: {self.message('en')}"


class _Lenient(dict):
    """An absent detail leaves an ellipsis: an error text must never be the cause of another error."""

    def __missing__(self, key: str) -> str:
        return "…"
