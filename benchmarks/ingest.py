"""Headers of many ACS files into the database, hstql against the old way, on the same Postgres.

    python benchmarks/ingest.py [--files 20000] [--few 2000] [--old 400]

The files are simulated flt files of ACS/WFC: 7 HDUs with full headers and tiny images, as a folder
in the layout of the archive. hstql registers and reads them as `hstql materialize` does, Dagster
and all; the time of `acs/header_tables` is printed beside that of `acs/calibrated_files`, which
computes the checksum of each file. The old way (`old_ingest.py`) takes the first of the same files.
Both must have the same values in all tables.
"""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from harness import open_home, read_arguments, scratch
from old_ingest import ingest
from sqlalchemy import RowMapping, create_engine, text

from builders.camera_frames import make_many
from hstql_resources.postgres.server import EmbeddedPostgres

ACSQL_FILES = 1_030_000
EXTENSIONS = ("primary", "sci", "err", "dq", "sci", "err", "dq")  # of an flt file


@dataclass(frozen=True)
class Measured:
    """What bringing in some files took."""

    files: int
    rows: int
    seconds: float
    files_seconds: float
    cpu_seconds: float

    @property
    def per_file_ms(self) -> float:
        """Wall time of the headers of a file."""
        return 1000 * self.seconds / self.files

    @property
    def everything_ms(self) -> float:
        """Wall time of a file with finding it, its checksum and its row of `files`."""
        return 1000 * (self.seconds + self.files_seconds) / self.files


def main() -> None:
    arguments = read_arguments(__doc__, files=20_000, few=2_000, old=400)
    with scratch() as folder:
        paths = write_files(folder / "all", arguments.files)
        few = link_files(folder / "few", paths[: arguments.few])
        size = sum(path.stat().st_size for path in paths) / len(paths)
        print(f"{os.cpu_count()} cores; files of {size / 1000:.0f} kB on average")
        small = run_hstql(few, len(list(few.rglob("*.fits"))), folder / "home-few")
        large = run_hstql(folder / "all", len(paths), folder / "home", paths[: arguments.old])
        compare(small, large)


def write_files(folder: Path, count: int) -> list[Path]:
    """Make the files, several processes side by side."""
    share = 250
    starts = range(0, count, share)
    counts = [min(share, count - start) for start in starts]
    with ProcessPoolExecutor() as pool:
        make = partial(_make_some, folder)
        return [path for some in pool.map(make, counts, starts) for path in some]


def _make_some(folder: Path, count: int, first: int) -> list[Path]:
    return make_many(folder, count, first=first)


def link_files(folder: Path, paths: Sequence[Path]) -> Path:
    """Make a second archive of some of the files."""
    for path in paths:
        copy = folder / path.parent.parent.name / path.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, copy)
    return folder


def run_hstql(archive: Path, files: int, home: Path, old_paths: Sequence[Path] = ()) -> Measured:
    """Bring in an archive as the command does; then, on the same server, some files the old way."""
    with open_home(home, archive) as server:
        measured = measure_hstql(files, home)
        show(measured)
        measure_triggers(server, measured)
        if old_paths:
            measure_old(server, old_paths, measured)
    return measured


def measure_hstql(files: int, home: Path) -> Measured:
    """Discover, then make the files and the headers; the latter is what is timed."""
    from hstql_assets.orchestration.graph import open_graph
    from hstql_assets.orchestration.planning import Request
    from hstql_resources.archive import Search
    from hstql_resources.clients import open_clients
    from hstql_resources.settings import load_settings

    with open_clients(load_settings(), "benchmark") as clients:
        graph = open_graph()
        graph.discover(clients, Search("acs"))
        start = time.perf_counter()
        before = Request(("acs/raw_files", "acs/calibrated_files"))
        graph.materialize(clients, before, {}, lambda _: None)
        middle = time.perf_counter()
        with cpu_of_everything(home) as cpu:
            headers = Request(("acs/header_tables",), only=True)
            report = graph.materialize(clients, headers, {}, lambda _: None)
            end = time.perf_counter()
        if report.counts != {"made": files}:
            raise SystemExit(f"Not everything was made: {report}")
        counts = " UNION ALL ".join(
            f"SELECT count(*) FROM acs_wfc_flt_{name}" for name in set(EXTENSIONS)
        )
        rows = sum(row[0] for row in clients.database.read(text(counts)))
    return Measured(files, int(rows), end - middle, middle - start, cpu[0])


def measure_triggers(server: EmbeddedPostgres, measured: Measured) -> None:
    """Print what the triggers take by which the site knows from when on an exposure is public."""
    spent_ms = 0.0
    with create_engine(server.url("hstql")).begin() as connection:
        for table in ("products", "observations"):
            change = f"EXPLAIN (ANALYZE, FORMAT JSON) UPDATE {table} SET rootname = rootname"
            (told,) = connection.scalar(text(change)) or ()
            names = ((one["Trigger Name"], one["Time"]) for one in told["Triggers"])
            spent_ms += sum(time_ms for name, time_ms in names if name.startswith("note_release"))
    per_file_ms = spent_ms / measured.files
    print(f"  of that the triggers of release dates: {per_file_ms:.3f} ms a file, "
          f"{100 * per_file_ms / measured.everything_ms:.1f} %")  # fmt: skip


@contextmanager
def cpu_of_everything(home: Path) -> Iterator[list[float]]:
    """Measure the CPU of this process, its workers and the server."""
    spent: list[float] = []
    before = _cpu(home)
    yield spent
    spent.append(_cpu(home) - before)


def _cpu(home: Path) -> float:
    pid = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    processes = [psutil.Process(), psutil.Process(pid)]
    processes += [child for process in processes for child in process.children(recursive=True)]
    return sum(sum(process.cpu_times()[:4]) for process in set(processes))


def measure_old(server: EmbeddedPostgres, paths: Sequence[Path], new: Measured) -> None:
    """Bring in some of the same files the old way, and compare times and values."""
    url = server.url("old")
    seconds, rows = ingest(url, paths, paths)
    check_values(server.url("hstql"), url)
    old = 1000 * seconds / len(paths)
    print(f"old way: {len(paths)} files, {rows} rows in {seconds:.1f} s: {old:.1f} ms a file, "
          f"{rows / seconds:.0f} rows/s; extrapolated to {ACSQL_FILES:,} files "
          f"{old * ACSQL_FILES / 3.6e6:.1f} h")  # fmt: skip
    print(f"ratio for a file, old over new: {old / new.per_file_ms:.1f}; with finding, checksums "
          f"and rows of files, which the old way lacks: {old / new.everything_ms:.1f}")  # fmt: skip


def check_values(new_url: str, old_url: str) -> None:
    """Hold every header table of the old way against that of hstql."""
    columns = rows = 0
    with (
        create_engine(old_url).connect() as old_database,
        create_engine(new_url).connect() as new_database,
    ):
        for number, name in enumerate(EXTENSIONS):
            old = old_database.execute(text(f"SELECT * FROM wfc_flt_{number} ORDER BY filename"))
            old_rows = old.mappings().all()
            names = [row["filename"] for row in old_rows]
            query = text(
                f"SELECT * FROM acs_wfc_flt_{name} WHERE ext = {number} "
                "AND filename = ANY(:names) ORDER BY filename"
            )
            new_rows = new_database.execute(query, {"names": names}).mappings().all()
            columns += compare_rows(old_rows, new_rows)
            rows += len(old_rows)
    print(f"same values in {rows} rows, {columns} columns in all")


def compare_rows(old_rows: Sequence[RowMapping], new_rows: Sequence[RowMapping]) -> int:
    """Stop at a value that differs; return the number of columns that were compared."""
    known = [name for name in old_rows[0] if name in new_rows[0]]
    for old, new in zip(old_rows, new_rows, strict=True):
        for name in known:
            if old[name] is not None and old[name] != new[name]:
                raise SystemExit(f"{old['filename']}: {name} is {new[name]}, not {old[name]}")
    return len(known)


def show(measured: Measured) -> None:
    hours = measured.per_file_ms * ACSQL_FILES / 3.6e6
    everything = measured.everything_ms
    print(f"hstql: {measured.files} files, {measured.rows} rows in {measured.seconds:.1f} s: "
          f"{measured.per_file_ms:.2f} ms a file, {measured.rows / measured.seconds:.0f} rows/s, "
          f"{1000 * measured.cpu_seconds / measured.files:.2f} ms of CPU a file")  # fmt: skip
    print(f"  with finding, checksums and rows of files: {everything:.2f} ms a file; extrapolated "
          f"to {ACSQL_FILES:,} files {hours:.2f} h, with those "
          f"{everything * ACSQL_FILES / 3.6e6:.2f} h")  # fmt: skip


def compare(small: Measured, large: Measured) -> None:
    change = 100 * (large.per_file_ms / small.per_file_ms - 1)
    print(f"time of a file, {large.files} against {small.files} files: {change:+.0f} %")


if __name__ == "__main__":
    main()
