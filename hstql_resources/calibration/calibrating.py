"""Calibrate many units at a time, as many as memory and workers allow.

Threads are enough: each only waits for the process of its run.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.calibration.memory import available_memory, choose_next
from hstql_resources.calibration.pipelines import require_pipeline
from hstql_resources.calibration.reference_files import ReferenceSet
from hstql_resources.calibration.running import TIMEOUT_S, Calibrated, run_pipeline
from hstql_resources.calibration.units import CalibrationUnit

Kept = TypeVar("Kept")
Keep = Callable[[CalibrationUnit, Calibrated], Kept]


def calibrate_all(
    units: Sequence[CalibrationUnit],
    references: Mapping[str, ReferenceSet | CalibrationError],
    keep: Keep[Kept],
    *,
    scratch: Callable[[], AbstractContextManager[Path]],
    workers: int,
    memory_bytes: int | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Iterator[tuple[CalibrationUnit, Kept | CalibrationError]]:
    """Calibrate units side by side, the largest first.

    Parameters
    ----------
    units : sequence of CalibrationUnit
        What is calibrated.
    references : mapping
        By name of the unit its reference files, or why it has none; as `assemble_references`
        returns them.
    keep : callable
        Called with a unit and what was made of it, in a thread, while its folder is still there:
        it moves the products away and returns what is yielded. If it raises a `CalibrationError`,
        that is the result; anything else stops all.
    scratch : callable
        Opens an empty folder for one run, such as `Filesystem.scratch`.
    workers : int
        How many run at the same time at most.
    memory_bytes : int, optional
        What they may take together; by default what is free at the start.
    timeout_s : float
        After how long one run is killed, s.

    Yields
    ------
    tuple
        Each unit with what `keep` returned, or the error: those without reference files before
        anything is run, the others in the order in which they are done.
        When the iterator is closed before its end, or by Ctrl-C, the runs are killed.

    Raises
    ------
    PipelineMissingError
        If the pipeline is not installed.
    """
    for instrument in {unit.instrument for unit in units}:
        require_pipeline(instrument)
    budget = available_memory() if memory_bytes is None else memory_bytes
    stop = threading.Event()
    ready: dict[str, ReferenceSet] = {}
    for each in units:
        files = references[each.name]
        if isinstance(files, CalibrationError):
            yield each, files
        else:
            ready[each.name] = files
    waiting = sorted(
        (unit for unit in units if unit.name in ready), key=lambda unit: -unit.memory_bytes
    )
    running: dict[Future[Kept | CalibrationError], CalibrationUnit] = {}

    def work(unit: CalibrationUnit) -> Kept | CalibrationError:
        try:
            with scratch() as folder:
                made = run_pipeline(unit, ready[unit.name], folder, timeout_s=timeout_s, stop=stop)
                return keep(unit, made)
        except CalibrationError as error:
            return error

    with ThreadPoolExecutor(max(1, workers), thread_name_prefix="calibration") as pool:
        try:
            while waiting or running:
                while unit := choose_next(waiting, list(running.values()), budget, workers):
                    waiting.remove(unit)
                    running[pool.submit(work, unit)] = unit
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        finally:
            stop.set()
