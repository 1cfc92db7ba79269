"""Jitter files with known columns, and what measures them."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.jitter.measure import measure_jitter
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated.sky.fitsfile import Column, Image, Table, Value, make_file
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

KEY = "ljit01aaq"
NAMES = ("SI_V2_AVG", "SI_V2_RMS", "SI_V2_P2P", "SI_V3_AVG", "SI_V3_RMS", "SI_V3_P2P")
FILL = 1.6e38


def jitter_table(
    columns: dict[str, ArrayLike], exposure: str = "ljit01aaj", version: int = 1
) -> Table:
    """A table as a jit file has it; 3 s a row, zeros in the columns that are not given."""
    rows = len(np.atleast_1d(next(iter(columns.values()))))
    seconds = 2.95 + 3.0 * np.arange(rows)
    given = {"Seconds": seconds} | {name: np.zeros(rows) for name in NAMES} | columns
    made = [
        Column(name, "1E", values, "arcsec") for name, values in given.items() if values is not None
    ]
    keywords: dict[str, Value] = {"ROOTNAME": "ljit01010", "EXPNAME": exposure}
    return Table("jit", made, keywords, version)


def write_jit(path: Path, *tables: Table, target: str = "STAR") -> Path:
    """Write a jit file."""
    primary: dict[str, Value] = {"ROOTNAME": path.name[:9], "INSTRUME": "FGS", "TARGNAME": target}
    path.write_bytes(make_file(primary, tables))
    return path


def write_jif(path: Path, starts: dict[str, str]) -> Path:
    """Write the headers of a jif file."""
    extensions = [
        Image("jit", None, {"EXPNAME": name, "STARTIME": start}) for name, start in starts.items()
    ]
    path.write_bytes(make_file({"ROOTNAME": path.name[:9]}, extensions))
    return path


def measure(*paths: Path, key: str = KEY) -> Outcome:
    """Measure the files of one key."""
    files = tuple(
        InputFile(name, name[10:].removesuffix(".fits"), path)
        for path in paths
        for name in [path.name.removesuffix(".gz")]
    )
    nowhere = paths[0].parent if paths else Path("nowhere")
    references = References(DirectoryArchive(nowhere), Filesystem(nowhere / "home"))
    return measure_jitter(ExposureTask(key, files, references))


def rows_of(outcome: Outcome) -> list[dict[str, object]]:
    """The rows of a key that was measured."""
    assert outcome.status == "made", outcome.reason
    return [dict(row) for row in outcome.rows["jitter_statistics"]]
