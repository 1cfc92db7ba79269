"""Name processes so that one can tell, later on, whether they are still alive."""

import contextlib
import gc
import os
import socket
from collections.abc import Iterator
from functools import cache

import psutil

PROCESS_TAG = "hstql/process"  # of a run: tells later whether its process was killed


def process_name() -> str:
    """Return the name of this process: `<pid>.<start>@<host>`, which no other ever has."""
    return _name_process(os.getpid())


@cache
def _name_process(pid: int) -> str:
    """Name this process, whose number is `pid`: a forked one has another."""
    return f"{pid}.{int(psutil.Process(pid).create_time())}@{socket.gethostname()}"


def is_alive(name: str) -> bool | None:
    """Tell whether the process of that name is alive; None if it is another host's."""
    identity, _, host = name.partition("@")
    if host != socket.gethostname():
        return None
    pid, _, created = identity.partition(".")
    try:
        return int(psutil.Process(int(pid)).create_time()) == int(created)
    except (psutil.NoSuchProcess, ValueError):
        return False


@contextlib.contextmanager
def paused_gc() -> Iterator[None]:
    """Have the garbage collector wait: among millions of new objects it takes half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def without_gc() -> Iterator[None]:
    """Have the garbage collector pass over what is imported in here, now and later.

    Modules stay, and there are hundreds of thousands of objects in them. To look through them
    again and again is a third of the time that a short command takes.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
