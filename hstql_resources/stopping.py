"""End this process at once when it is asked to: by Ctrl-C, which is SIGINT, or by SIGTERM.

Nothing is unwound. What hstql writes survives a kill at any moment, and whoever unwinds may have to
wait: for a worker, a lock, the network. So the main thread is held where it is, a few last things
are done in bounded time, and then all children end, and this process with them.
"""

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

LAST_THINGS_S = 3.0  # a busy machine takes as long
STOPS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
_HOLD = signal.SIGUSR1  # Dagster puts handlers of its own for the other two
_SERVER = "postgres"  # the embedded server outlives commands

_LAST: list[Callable[[int], None]] = []
_ENDING = threading.Lock()


@contextlib.contextmanager
def before_stop(last: Callable[[int], None]) -> Iterator[None]:
    """Have something done, with the exit status, if this process is stopped within the block.

    They are done in the order of asking, in a thread of its own; what takes too long is left. So a
    thing that nobody mends later is asked for before one that the next command mends.
    """
    _LAST.append(last)
    try:
        yield
    finally:
        _LAST.remove(last)


@contextlib.contextmanager
def starting_deaf_children() -> Iterator[None]:
    """Have the processes that are started in the block not hear Ctrl-C in the terminal."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """End this process by the first SIGINT or SIGTERM within the block, at once by the second.

    The exit status is 130 or 143, and one line says so. Only the main thread can ask for it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    terminal = os.dup(2)  # steps have their output copied to files
    before = {number: signal.signal(number, _hold) for number in (*STOPS, _HOLD)}
    previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(reader, terminal), daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(previous)
        os.close(writer)
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.join()
        os.close(reader)
        os.close(terminal)


def _hold(_number: int, _frame: object) -> None:
    """Keep the main thread from going on; the listener ends the process."""
    while True:
        time.sleep(60)


def _listen(reader: int, terminal: int) -> None:
    """Wait for signals, whatever the main thread is busy with, until the pipe is closed."""
    while numbers := os.read(reader, 64):
        stops = [number for number in numbers if number in STOPS]
        if stops:
            end = time.monotonic() + LAST_THINGS_S
            args = (stops[0], terminal)
            threading.Thread(target=_do_last_things, args=args, daemon=True).start()
            while len(stops) == 1 and (left_s := end - time.monotonic()) > 0:
                if select.select([reader], [], [], left_s)[0]:
                    stops += [one for one in os.read(reader, 64) if one in STOPS]
            _end(*args)


def _do_last_things(number: int, terminal: int) -> None:
    try:
        signal.pthread_kill(threading.main_thread().ident or 0, _HOLD)
        with open(os.devnull, "w") as nothing:  # noqa: PTH123
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        for last in list(_LAST):
            with contextlib.suppress(Exception):
                last(128 + number)
    finally:
        _end(number, terminal)


def _kill_children() -> None:
    # Not imported here: the main thread may be held while it imports it, and has no children then.
    psutil = sys.modules.get("psutil")
    with contextlib.suppress(Exception):
        for child in psutil.Process().children(recursive=True):  # type: ignore[union-attr]
            with contextlib.suppress(psutil.Error):  # type: ignore[union-attr]
                if child.name() != _SERVER:
                    child.kill()


def _end(number: int, terminal: int) -> None:
    _ENDING.acquire()  # for good: whoever comes first ends the process
    try:
        _kill_children()
        start = "\n" if os.isatty(terminal) else ""
        sentence = f"Stopped by {STOPS[signal.Signals(number)]}; what was finished is kept."
        with contextlib.suppress(OSError):
            os.write(terminal, f"{start}{sentence}\n".encode())
    finally:
        os._exit(128 + number)
