"""Compute how many runs fit beside each other into memory."""

from collections.abc import Sequence
from pathlib import Path

import psutil

from hstql_resources.calibration.units import CalibrationUnit

_CGROUPS = Path("/sys/fs/cgroup")
_SHARE = 0.9  # the rest is for what else happens meanwhile


def choose_next(
    waiting: Sequence[CalibrationUnit],
    running: Sequence[CalibrationUnit],
    budget_bytes: int,
    workers: int,
) -> CalibrationUnit | None:
    """Return the first waiting unit that may start now, None if it is better to wait.

    Its memory has to fit beside those that run. One alone always may: it could not be done
    otherwise.

    Parameters
    ----------
    waiting, running : sequence of CalibrationUnit
        Those that wait, in the order in which they should start, and those that run.
    budget_bytes : int
        Memory of all that run together, as `available_memory` tells it.
    workers : int
        How many may run at the same time.
    """
    if not running:
        return waiting[0] if waiting else None
    if len(running) >= workers:
        return None
    free = budget_bytes - sum(unit.memory_bytes for unit in running)
    return next((unit for unit in waiting if unit.memory_bytes <= free), None)


def available_memory() -> int:
    """Return the memory that runs may take now: of the machine, or of the control group."""
    available = psutil.virtual_memory().available
    headroom = cgroup_headroom(_CGROUPS, _own_cgroup())
    return int(_SHARE * (available if headroom is None else min(available, headroom)))


def cgroup_headroom(root: Path, group: str) -> int | None:
    """Return what the control groups above a process leave it; None if none has a limit.

    Parameters
    ----------
    root : Path
        Where the control groups are mounted.
    group : str
        Path of the group of the process, such as `/user.slice/x.scope`.
    """
    folder = root / group.strip("/")
    places = [place for place in (folder, *folder.parents) if place.is_relative_to(root)]
    rooms = [_room(place, "memory.max", "memory.current") for place in places]
    # Version 1 of control groups.
    rooms.append(_room(root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"))
    return min((room for room in rooms if room is not None), default=None)


def _own_cgroup() -> str:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ""
    return next((line.removeprefix("0::") for line in lines if line.startswith("0::")), "")


def _room(folder: Path, limit_name: str, used_name: str) -> int | None:
    """Return what a control group may still take; None if it has no limit."""
    limit = _read_number(folder / limit_name)
    used = _read_number(folder / used_name)
    return None if limit is None else max(0, limit - _held(used, folder))


def _held(used: int | None, folder: Path) -> int:
    """Return what is in use without the files that the system caches and can drop."""
    try:
        lines = (folder / "memory.stat").read_text().splitlines()
    except OSError:
        lines = []
    numbers = dict(line.split()[:2] for line in lines if len(line.split()) >= 2)
    dropped = numbers.get("total_inactive_file", numbers.get("inactive_file", "0"))
    return max(0, (used or 0) - int(dropped))


def _read_number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # "max" where there is no limit
        return None
