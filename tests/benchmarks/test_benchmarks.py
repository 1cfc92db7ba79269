"""Benchmarks are run by hand; here it is seen that each of them can begin."""

import subprocess
import sys

from builders.places import PROJECT

BENCHMARKS = sorted(path.name for path in (PROJECT / "benchmarks").glob("*.py"))
IMPORT_ALL = """
import importlib, sys
sys.path.insert(0, "benchmarks")
for name in sys.argv[1:]:
    try:
        importlib.import_module(name.removesuffix(".py"))
    except ImportError as error:
        sys.exit(f"{name}: {error}")
"""


def test_all_that_benchmarks_import_is_there() -> None:
    assert BENCHMARKS
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *BENCHMARKS], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
