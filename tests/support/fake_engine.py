"""An engine for tests of invoicing that are not about the engine: files of JSON, judged as they say."""

import io
import json
import math
from typing import Any

import eventlet


class FakeEngine:
    """Judges JSON files: ``{"verdict": …, "invoice": …}``. ``failures``: numbers on which it breaks, once each. ``most``: how
    many files it judges before it stands still."""

    def __init__(self, most: float = math.inf) -> None:
        self.most = most
        #: What it says of the invoices that it wrote itself.
        self.of_written: dict[str, Any] = {}
        self.failures: list[str] = []
        self.checked: list[str] = []

    def run(self, header: dict[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes]:
        from pupitre_invoicing.engine import worker

        if header["op"] in ("unpack", "list"):
            return worker.handle(header, payload)
        if header["op"] in ("draw", "text"):
            return worker.handle(header, payload)
        if header["op"] == "write":
            return {}, json.dumps({"invoice": header["invoice"], **self.of_written}).encode()
        if header["op"] == "render":
            return {"content_type": "application/pdf"}, b"%PDF-" + header["lang"].encode()
        while len(self.checked) >= self.most:
            eventlet.sleep(0.05)
        if header["op"] == "check-all":
            files = io.BytesIO(payload)
            return {"reports": [self._checked(files.read(size)) for size in header["sizes"]]}, b""
        return self._checked(payload), b""

    def _checked(self, content: bytes) -> dict[str, Any]:
        from pupitre_bus.workers import WorkerDied

        wanted = json.loads(content)
        number = (wanted.get("invoice") or {}).get("number")
        self.checked.append(number)
        if number in self.failures:
            self.failures.remove(number)
            raise WorkerDied("killed")
        return {
            "verdict": wanted.get("verdict", "valid"),
            "stage": wanted.get("stage"),
            "format": wanted.get("format", "ubl-invoice"),
            "profile": "en16931",
            "findings": wanted.get("findings", []),
            "terms": wanted.get("terms", {}),
            "invoice": wanted.get("invoice"),
        }

    def health(self) -> tuple[str, bool, str]:
        return "workers", True, ""

    def close(self) -> None:
        pass
