"""Support files with known snapshots, and what reads them."""

from pathlib import Path

import numpy as np

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.telemetry.measure import measure_telemetry
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated.sky.fitsfile import Image, Value, make_file
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

KEY = "ltel01aaq"
SNAPSHOT: dict[str, Value] = {
    "LDCAMPAT": 24.9119, "LDCAMPBT": 23.768, "LMMCETMP": 21.5997,
    "LOM1POSC": 35080, "LOM1STP": 1596.1, "LOM1POSF": 196, "LOM1STAT": "PosValid",
    "LOM2POSC": 54545, "LOM2STP": 9424.1, "LOM2POSF": 8, "LOM2STAT": "PosValid",
    "LOMFSTP": -677.1, "LOMFSTAT": "PosValid", "LAPERTUR": "PSA",
    "LAPXLVDT": 3077, "LAPXSTP": 182.1, "LAPXSTAT": "PosValid",
    "LAPDLVDT": 2477, "LAPDSTP": 22.1, "LAPDSTAT": "PosValid",
}  # fmt: skip
# What real SNAP2 have that were not taken.
EMPTY: dict[str, Value] = {
    key: {"LDCAMPAT": 129.42, "LDCAMPBT": 129.42, "LMMCETMP": -273.15}.get(
        key, value if key == "LAPERTUR" else "NotInit" if isinstance(value, str) else 0.1
    )
    for key, value in SNAPSHOT.items()
}
PLAN: dict[str, Value] = {
    "ROOTNAME": KEY, "PSTRTIME": "2019.001:12:00:00", "PROP_TYP": "GO", "CONFIG": "COS/FUV",
}  # fmt: skip
HEADER: dict[str, Value] = {
    "ROOTNAME": KEY, "DETECTOR": "FUV", "APERTURE": "PSA", "LIFE_ADJ": 3, "APERXPOS": 22.1,
    "APERYPOS": 183.1,
}  # fmt: skip


def write_spt(path: Path, *snapshots: dict[str, Value], plan: dict[str, Value] = PLAN) -> Path:
    """Write an spt file: SNAP1 and SNAP2 in turn."""
    names = ("SNAP1", "SNAP2") * len(snapshots)
    extensions = [Image(name, None, one) for name, one in zip(names, snapshots, strict=False)]
    path.write_bytes(make_file(plan, [Image("SUPPORT", np.zeros(10, np.int16), {}), *extensions]))
    return path


def write_header(path: Path, header: dict[str, Value]) -> Path:
    """Write a file of an exposure of which only the primary header counts."""
    path.write_bytes(make_file(header, [Image("EVENTS", np.zeros(5000, np.int16), {})]))
    return path


def measure(*paths: Path, key: str = KEY) -> Outcome:
    """Read the files of one exposure."""
    files = tuple(
        InputFile(name, name[10:].removesuffix(".fits"), path)
        for path in paths
        for name in [path.name.removesuffix(".gz")]
    )
    nowhere = paths[0].parent if paths else Path("nowhere")
    references = References(DirectoryArchive(nowhere), Filesystem(nowhere / "home"))
    return measure_telemetry(ExposureTask(key, files, references))


def row_of(outcome: Outcome) -> dict[str, object]:
    """The row of an exposure that was read."""
    assert outcome.status == "made", outcome.reason
    (row,) = outcome.rows["telemetry"]
    return dict(row)
