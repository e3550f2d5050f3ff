"""The child process of the worker tests."""

import os
import sys
import time
from pathlib import Path

from pupitre_bus.workers import serve


def work(header, payload):
    do = header.get("do")
    if do == "sleep":
        time.sleep(header["seconds"])
    elif do == "meet":
        folder = Path(header["folder"])
        (folder / header["me"]).touch()
        while not (folder / "go on").exists():
            time.sleep(0.01)
    elif do == "spin":
        while True:
            pass
    elif do == "die":
        os.kill(os.getpid(), 9)
    elif do == "die once":
        marker = Path(header["marker"])
        if not marker.exists():
            marker.touch()
            os._exit(3)
    elif do == "eat":
        return {"size": len(bytearray(header["bytes"]))}, b""
    elif do == "raise":
        raise ValueError("not a number")
    elif do == "print":
        print("noise" * 1000)
        sys.stderr.write("more noise" * 100_000)
    return {
        "pid": os.getpid(),
        "eventlet": "eventlet" in sys.modules,
        "settings": os.environ.get("PUPITRE_SECRET"),
    }, payload


if __name__ == "__main__":
    serve(work)
