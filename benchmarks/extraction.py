"""One timed way from events to a lightcurve file, in a process of its own.

`events.py` runs this with the interpreter of hstql and with that of the `lightcurve` package, so it
imports either only when told to, and nothing else that is not in the standard library. The clock
runs after a small exposure has gone the same way: what is imported late is in memory then.

    python extraction.py hstql|lightcurve flux|counts SMALL_EXPOSURE EXPOSURE OUTPUT
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

# The exposure's folder and the output.
Way = Callable[[Path, Path], None]


def import_hstql(*, is_calibrated: bool) -> Way:
    """Return the way of hstql: without an x1d it makes no flux."""
    from hstql_assets.lightcurves.lightcurve import make_lightcurve
    from hstql_assets.lightcurves.product import write_lightcurve

    def extract(folder: Path, output: Path) -> None:
        (events,) = folder.glob("*_corrtag_a.fits")
        (x1d,) = folder.glob("*_x1d.fits")
        write_lightcurve(make_lightcurve([events], x1d if is_calibrated else None), output)

    return extract


def import_lightcurve(*, is_calibrated: bool) -> Way:
    """Return the way of the package, in steps of 2 s: without reference files its flux is 1."""
    import lightcurve

    def extract(folder: Path, output: Path) -> None:
        (events,) = folder.glob("*_corrtag_a.fits")
        if is_calibrated:
            os.environ["lref"] = str(folder)  # noqa: SIM112 - COS headers have it in lower case
        lightcurve.read(str(events), step=2).write(str(output))

    return extract


def peak_megabytes() -> float:
    """Return the most memory that this process has held.

    Linux hands getrusage's figure on from the process that started this one, so it is not used
    there; elsewhere it is in bytes.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    package, work, *paths = sys.argv[1:]
    small, exposure, output = map(Path, paths)
    import_way = {"hstql": import_hstql, "lightcurve": import_lightcurve}[package]
    extract = import_way(is_calibrated=work == "flux")
    extract(small, output)
    output.unlink()
    start = time.perf_counter()
    extract(exposure, output)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak_megabytes": peak_megabytes()}))


if __name__ == "__main__":
    main()
