"""The benchmark of the site on a small archive: every page answers, every line has its numbers."""

import re
import subprocess
import sys

import pytest

from builders.places import PROJECT

pytestmark = pytest.mark.full


def test_every_page_answers_for_both_kinds_of_readers() -> None:
    words = ["--exposures", "2000", "--readers", "2", "--seconds", "1", "--pause", "0"]
    done = subprocess.run(
        [sys.executable, "benchmarks/web.py", *words], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    table = [line[28:].split() for line in lines[lines.index("") + 3 :]]
    assert len(table) > 30
    for numbers in table:
        assert all(re.fullmatch(r"[1-9]\d*", one) for one in numbers[:4]), numbers
        assert len(numbers) == 4 or numbers[4].isdecimal()  # of few exposures acsql's take no time
    assert sum(len(numbers) == 5 for numbers in table) == 7
