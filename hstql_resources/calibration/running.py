"""Run a pipeline once, in a process group of its own that ends with this process.

A run can be stopped from another thread, and leaves nothing behind but what is in its folder.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from hstql_resources.calibration import supervisor
from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.calibration.pipelines import Pipeline, require_pipeline
from hstql_resources.calibration.reference_files import ReferenceSet
from hstql_resources.calibration.units import CalibrationUnit
from hstql_resources.calibration.verdict import find_broken, is_disk_full, judge, was_killed
from hstql_resources.calibration.workspace import Workspace, lay_out

# The largest FUV exposures take some minutes; what takes an hour hangs.
TIMEOUT_S = 3600.0
TRAILER_CHARACTERS = 200_000
_LOOK_S = 0.2
_KEPT_VARIABLES = (
    "PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "SYSTEMROOT", "CONDA_PREFIX", "VIRTUAL_ENV",
)  # fmt: skip
# A run is one process of many; the threads of its libraries would fight over the cores.
_ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True)
class Calibrated:
    """What a run has made.

    Attributes
    ----------
    products : tuple of Path
        In its folder, complete; to be moved before the folder goes.
    references : tuple of str
        Names of the reference files that were given to it, sorted.
    trailer : str
        What the pipeline wrote; of a very long one the end.
    version : str or None
        Of the pipeline, as its products say (CAL_VER).
    seconds : float
        How long it took, s.
    peak_memory_bytes : int
        The most memory that it had.
    """

    products: tuple[Path, ...]
    references: tuple[str, ...]
    trailer: str
    version: str | None
    seconds: float
    peak_memory_bytes: int


@dataclass(frozen=True)
class _Ended:
    status: int
    seconds: float
    peak_memory_bytes: int


def run_pipeline(
    unit: CalibrationUnit,
    references: ReferenceSet,
    folder: Path,
    *,
    timeout_s: float = TIMEOUT_S,
    stop: threading.Event | None = None,
) -> Calibrated:
    """Calibrate one unit.

    Parameters
    ----------
    unit : CalibrationUnit
        What is calibrated.
    references : ReferenceSet
        Its reference files.
    folder : Path
        A scratch folder of its own, empty; products stay there.
    timeout_s : float
        After how long it is killed, s.
    stop : threading.Event, optional
        When it is set, the run is killed.

    Raises
    ------
    CalibrationError
        If it fails, with the trailer.
    PipelineMissingError
        If the pipeline is not installed.
    """
    pipeline = require_pipeline(unit.instrument)
    space = lay_out(unit, references, folder)
    log = folder / "output.txt"
    try:
        ended = _run(pipeline, unit, space, folder, timeout_s, stop or threading.Event())
    except _StoppedError as reason:
        raise CalibrationError(
            f"{pipeline.name} on {unit.name} {reason}.", _read_trailer(log, space), is_passing=True
        ) from None
    trailer = _read_trailer(log, space)
    products = space.find_products(unit)
    made = frozenset(path.name for path in space.files.glob("*.fits"))
    failure = judge(ended.status, trailer, made, unit.expected) or find_broken(products)
    if failure is not None:
        is_passing = was_killed(ended.status) or is_disk_full(trailer)
        sentence = f"{pipeline.name} on {unit.name} {failure}."
        raise CalibrationError(sentence, trailer, not is_passing, is_passing)
    return Calibrated(
        products,
        tuple(sorted(references.paths)),
        trailer,
        _read_version(products) or pipeline.version(),
        ended.seconds,
        ended.peak_memory_bytes,
    )


class _StoppedError(Exception):
    """The run was ended from here; the text is the end of a sentence."""


def _run(
    pipeline: Pipeline,
    unit: CalibrationUnit,
    space: Workspace,
    folder: Path,
    timeout_s: float,
    stop: threading.Event,
) -> _Ended:
    report = folder / "report.json"
    command = [sys.executable, "-I", "-S", supervisor.__file__, str(report)]
    with (folder / "output.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [*command, *pipeline.command, unit.entry],
            cwd=space.files,
            env=_environment(pipeline, space, folder),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, timeout_s, stop)
    finally:
        _end_group(process)
    try:
        return _Ended(**json.loads(report.read_bytes()))
    except (OSError, ValueError):
        # Someone has killed the supervisor too, so there is no report.
        return _Ended(process.returncode or -signal.SIGKILL, 0.0, 0)


def _wait(process: subprocess.Popen[bytes], timeout_s: float, stop: threading.Event) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            process.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            if stop.is_set():
                raise _StoppedError("was stopped") from None
            if time.monotonic() > deadline:
                raise _StoppedError(
                    f"was ended after {timeout_s:g} s, the most that a run may take"
                ) from None
        else:
            return


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the run, whatever it has started, and reap it."""
    # macOS does not permit it where nothing is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _environment(pipeline: Pipeline, space: Workspace, folder: Path) -> dict[str, str]:
    """Return what the pipeline may know of this process: no token, no settings."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return (
        kept
        | dict.fromkeys(_ONE_THREAD, "1")
        # The C programs put name and variable together as they are: the slash is needed.
        | {pipeline.variable: f"{space.references}/", "TMPDIR": str(folder)}
    )


def _read_trailer(log: Path, space: Workspace) -> str:
    """Return what the pipeline wrote, with what only its trailer files have."""
    output = log.read_text(errors="replace") if log.is_file() else ""
    files = space.read_trailers()
    seen = {line.strip() for line in output.splitlines()}
    if any(line.strip() not in seen for line in files.splitlines()):
        output = f"{output}\n{files}"
    return output[-TRAILER_CHARACTERS:]


def _read_version(products: tuple[Path, ...]) -> str | None:
    for path in products:
        version = str(fits.getheader(path).get("CAL_VER", "")).strip()
        if version:
            return version.split()[0]
    return None
