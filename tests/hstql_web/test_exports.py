"""What spreadsheets get of texts that they would run."""

import csv
import io

import pytest

from hstql_resources.table_files.columns import Column
from hstql_web.exports import write

CELLS = {
    "=1+1": "'=1+1",
    "=HYPERLINK(\"http://x\")": "'=HYPERLINK(\"http://x\")",
    "+SUM(A1)": "'+SUM(A1)",
    "-2+3+cmd|' /C calc'!A0": "'-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    "-": "'-",
    "-12.5": "-12.5",
    "+3": "+3",
    "-1e-17; -3": "-1e-17; -3",
    "-1; =2": "'-1; =2",
    "NGC-104": "NGC-104",
    "a=b": "a=b",
    "'=1": "'=1",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_that_looks_like_a_formula_is_marked(cell: str) -> None:
    written = b"".join(write("csv", [Column("a", "", str), Column("b", "", str)], [("x", cell)]))
    rows = list(csv.reader(io.StringIO(written.decode(), newline="")))
    assert rows == [["a", "b"], ["x", CELLS[cell]]]


def test_numbers_stay_numbers() -> None:
    columns = [Column("a", "", float), Column("b", "", int)]
    assert b"".join(write("csv", columns, [(-1.5, -2)])) == b"a,b\r\n-1.5,-2\r\n"


@pytest.mark.parametrize("form", ["json", "votable"])
def test_other_forms_have_the_text_as_it_is(form: str) -> None:
    written = b"".join(write(form, [Column("a", "", str)], [("=1+1",)]))
    assert b"=1+1" in written
    assert b"'=1+1" not in written
