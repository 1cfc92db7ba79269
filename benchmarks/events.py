"""Events per second from corrtag to lightcurve, hstql against the `lightcurve` package 0.6.2.

    python benchmarks/events.py [--events 1e5 1e6 1e7] [--repeats 5] [--limit-s 600]

What is measured, and what it came to, is in README.md. Here are the runs and the comparison; the
exposure is in `exposure.py`, what is timed in `extraction.py`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from exposure import write_exposure
from harness import PROJECT, scratch

HERE = Path(__file__).parent
PINS = HERE / "lightcurve-0.6.2.txt"
CACHE = PROJECT / ".hstql-benchmarks"
WARM_UP_EVENTS = 10_000
START_S = 60.0  # start, imports and warm-up take less; the limit begins after them
WORKS = {"flux": "counts and flux", "counts": "counts only"}
# The package's counts are 32-bit floats, and so are the fluxes of the x1d that hstql reads.
RELATIVE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Run:
    """What one process took; `is_stopped` if it reached the time limit."""

    seconds: float
    peak_megabytes: float
    is_stopped: bool = False


@dataclass(frozen=True)
class Contest:
    """Both packages at the same work on the same exposure."""

    pythons: dict[str, Path]
    warm_up: Path
    exposure: Path
    work: str
    limit_s: float

    def run(self, repeats: int) -> dict[str, list[Run]]:
        """Run the packages in turn, and make sure that they come to the same.

        A package that was stopped once is not run again: that would take as long.
        """
        runs: dict[str, list[Run]] = {package: [] for package in self.pythons}
        for _ in range(repeats):
            for package, done in runs.items():
                if not (done and done[-1].is_stopped):
                    done.append(self._run_once(package))
        if not any(done[-1].is_stopped for done in runs.values()):
            _compare(self._output("hstql"), self._output("lightcurve"), self.work)
        return runs

    def _output(self, package: str) -> Path:
        return self.exposure / f"{package}_curve.fits"

    def _run_once(self, package: str) -> Run:
        output = self._output(package)
        output.unlink(missing_ok=True)
        # -I: nothing of this shell or of the user's own packages reaches either interpreter.
        command = [str(self.pythons[package]), "-I", str(HERE / "extraction.py"), package]
        command += [self.work, str(self.warm_up), str(self.exposure), str(output)]
        limit_s = START_S + self.limit_s
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
        except subprocess.TimeoutExpired:
            return Run(self.limit_s, np.nan, is_stopped=True)
        if done.returncode:
            raise SystemExit(f"{package} failed:\n{done.stderr}")
        return Run(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    arguments = _parse()
    pythons = {"hstql": Path(sys.executable), "lightcurve": _make_environment()}
    print(f"{os.cpu_count()} cores, medians of {arguments.repeats} runs of each in turn")
    print(_line("events", "work", "hstql", "lightcurve", "ratio", "hstql", "lightcurve"))
    print(_line("", "", "events/s", "events/s", "", "peak MB", "peak MB"))
    with scratch() as folder:
        warm_up = _make_exposure(folder, WARM_UP_EVENTS)
        for events in sorted(set(arguments.events)):
            exposure = _make_exposure(folder, events)
            for work in WORKS:
                contest = Contest(pythons, warm_up, exposure, work, arguments.limit_s)
                runs = contest.run(arguments.repeats)
                print(_row(events, work, runs["hstql"], runs["lightcurve"]), flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    counts = [10**5, 10**6, 10**7]
    parser.add_argument("--events", type=_count, nargs="+", metavar="N", default=counts)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--limit-s", type=float, default=600.0, help="of one run")
    arguments = parser.parse_args()
    if min(arguments.events) <= WARM_UP_EVENTS or arguments.repeats < 1:
        parser.error(f"give more than {WARM_UP_EVENTS:,} events and at least one repeat")
    return arguments


def _count(text: str) -> int:
    return int(float(text))


def _make_environment() -> Path:
    """Make the virtual environment of the package, unless it is there; return its interpreter."""
    folder = CACHE / PINS.stem
    python, installed = folder / "bin" / "python", folder / PINS.name
    if installed.exists() and installed.read_text() == PINS.read_text():
        return python
    print(f"installing {PINS.name} in {folder}", flush=True)
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(PINS)]
    if subprocess.run(pip).returncode:
        raise SystemExit(f"{PINS} cannot be installed with {sys.executable}: see pip above.")
    installed.write_text(PINS.read_text())
    return python


def _make_exposure(folder: Path, events: int) -> Path:
    exposure = folder / str(events)
    exposure.mkdir()
    write_exposure(exposure, events)
    return exposure


def _compare(ours: Path, theirs: Path, work: str) -> None:
    """Stop unless the two lightcurves are the same, bin by bin; gross to the count."""
    a, b = fits.getdata(ours, 1), fits.getdata(theirs, 1)
    np.testing.assert_array_equal(a["times"], b["times"])
    np.testing.assert_array_equal(a["gross"], b["gross"])
    for column in ("background", "flux") if work == "flux" else ("background",):
        np.testing.assert_allclose(a[column], b[column], rtol=RELATIVE_TOLERANCE)


def _row(events: int, work: str, ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    our_rate, their_rate = (events / _median(done, "seconds") for done in (ours, theirs))
    is_bound = theirs[-1].is_stopped
    return _line(
        f"{events:,}",
        WORKS[work],
        f"{our_rate:,.0f}",
        f"{'< ' * is_bound}{their_rate:,.0f}",
        f"{'> ' * is_bound}{our_rate / their_rate:.1f}",
        *(f"{_median(done, 'peak_megabytes'):,.0f}" for done in (ours, theirs)),
    )


def _median(runs: Sequence[Run], attribute: str) -> float:
    # A stopped run comes last, and stands for all.
    chosen = runs[-1:] if runs[-1].is_stopped else runs
    return float(statistics.median(getattr(run, attribute) for run in chosen))


def _line(*cells: str) -> str:
    widths = (11, -16, 12, 12, 7, 8, 11)
    return " ".join(
        cell.rjust(width) if width > 0 else cell.ljust(-width)
        for cell, width in zip(cells, widths, strict=True)
    )


if __name__ == "__main__":
    main()
