"""Benchmarks are run by hand and say what others rely on: a small run of each comes to its end."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

from builders.places import PROJECT

SMALL = (
    ("dark_rates.py", "--exposures", "4", "--workers", "1", "--distinct", "2"),
    ("events.py", "--events", "2e4", "--repeats", "1"),
    ("folders.py", "--exposures", "200", "--files", "4"),
    ("gain.py", "--sample", "3", "--repeats", "1"),
    ("graph.py", "--observations", "6"),
    ("headers.py", "--repeats", "2"),
    ("ingest.py", "--files", "40", "--few", "10", "--old", "10"),
    ("lightcurve_statistics.py", "--files", "4", "--workers", "1"),
    ("obscore.py", "--exposures", "400", "--repeats", "1"),
    ("periodogram.py", "--bins", "200", "--repeats", "1"),
    ("persistence.py", "--before", "2", "--size", "64"),
    ("previews.py", "--repeats", "1", "--thumbnails", "2"),
    ("queries.py", "--observations", "500", "--repeats", "1"),
    ("superdarks.py", "--frames", "3", "--step", "16"),
    ("unstable_pixels.py", "--frames", "8", "--step", "16"),
)
OTHERS = {
    "acsql_pages.py", "exposure.py", "extraction.py", "harness.py", "old_ingest.py", "pieces.py",
    "state.py",  # parts of others
    "downloads.py", "monitors.py", "scale.py",  # ten minutes and more
    "web.py",
}  # fmt: skip


def test_each_benchmark_has_a_small_run() -> None:
    there = {path.name for path in (PROJECT / "benchmarks").glob("*.py")}
    assert {name for name, *_ in SMALL} | OTHERS == there


@pytest.mark.full
@pytest.mark.parametrize("words", SMALL, ids=[name for name, *_ in SMALL])
def test_a_small_run_comes_to_its_end(words: Sequence[str]) -> None:
    name, *options = words
    done = subprocess.run(
        [sys.executable, f"benchmarks/{name}", *options],
        cwd=PROJECT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) > 1
