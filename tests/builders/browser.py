"""Headless Chromium, spoken to by its own protocol over a pipe: nothing else need be installed."""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-pipe",
    "--window-size=1400,1000",
)
PATIENCE_S = 300
# The browser reads from file 3 and writes to file 4.
START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find_chromium() -> str | None:
    """Return the path of a browser; None if none is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """A page in the browser, with what went wrong on it and what it asked for."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        self.errors: list[str] = []
        self.requests: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def open(self, path: Path) -> None:
        """Go to a page, and wait until its scripts say that they are ready."""
        self.open_address(path.as_uri())

    def open_address(self, address: str) -> None:
        """Go to a page by its address, in the same way."""
        self.errors.clear()
        self.requests.clear()
        answer = self.ask("Page.navigate", url=address)
        assert "errorText" not in answer, answer
        self.wait_until_at(address)

    def wait_until_at(self, address: str) -> None:
        """Wait until a page is there, and its scripts say that they are ready."""
        self.wait_for(
            f"location.href.startsWith({json.dumps(address)})"
            " && document.documentElement?.dataset.ready === 'yes'"
        )

    def run(self, script: str) -> Any:
        """Return the value of an expression."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE_S
        while not self.run(condition):
            assert time.monotonic() < end, f"never true: {condition}; {self.errors}"
            time.sleep(0.05)

    def wait_for_file(self, folder: Path, ending: str) -> None:
        """Wait until something is downloaded to a folder, whole."""
        end = time.monotonic() + PATIENCE_S
        while not any(path.suffix == ending for path in folder.iterdir()):
            assert time.monotonic() < end, f"nothing came: {self.errors}"
            time.sleep(0.05)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the mouse at one place, and let it go at another."""
        for kind, (x, y) in (
            ("mouseMoved", start),
            ("mousePressed", start),
            ("mouseMoved", ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)),
            ("mouseMoved", end),
            ("mouseReleased", end),
        ):
            self.ask(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, clickCount=1,
                button="none" if kind == "mouseMoved" and (x, y) == start else "left",
            )  # fmt: skip

    def press(self, key: str) -> None:
        """Press a key, such as `n` or `ArrowRight`, and let it go."""
        text = {"text": key} if len(key) == 1 else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def point(self, x: float, y: float) -> None:
        """Move the mouse."""
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def ask(self, method: str, **parameters: Any) -> Any:
        """Send a command, and return its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self._note(answer)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            received = os.read(self._from, 1 << 20)
            assert received, "the browser ended"
            self._rest += received
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def _note(self, event: dict[str, Any]) -> None:
        values = event.get("params", {})
        match event["method"]:
            case "Runtime.exceptionThrown":
                self.errors.append(json.dumps(values["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if values["type"] in ("error", "warning", "assert"):
                self.errors.append(json.dumps(values["args"]))
            case "Log.entryAdded" if values["entry"]["level"] in ("error", "warning"):
                self.errors.append(json.dumps(values["entry"]))
            case "Network.requestWillBeSent":
                self.requests.append(values["request"]["url"])


@contextlib.contextmanager
def open_tab() -> Iterator[Tab]:
    """Start a browser with a profile of its own, and yield a page in it; skip the test without."""
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    browser_reads, we_write = os.pipe()
    we_read, browser_writes = os.pipe()
    # Out of the way of 3 and 4, which they become.
    theirs = [fcntl.fcntl(file, fcntl.F_DUPFD, 10) for file in (browser_reads, browser_writes)]
    profile = tempfile.mkdtemp(prefix="hstql-browser-")
    process = subprocess.Popen(
        [sys.executable, "-c", START, *map(str, theirs), program, *OPTIONS,
         f"--user-data-dir={profile}"],
        pass_fds=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for file in (browser_reads, browser_writes, *theirs):
        os.close(file)
    try:
        tab = Tab(we_write, we_read)
        yield tab
        tab._session = None
        tab.ask("Browser.close")
        process.wait(20)
    finally:
        process.kill()
        process.wait()
        os.close(we_write)
        os.close(we_read)
        shutil.rmtree(profile, ignore_errors=True)
