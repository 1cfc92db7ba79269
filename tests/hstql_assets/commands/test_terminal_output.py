"""Tables on terminals of any width: every value is there, and no line is too long."""

import pytest
from rich.cells import cell_len

from hstql_assets.commands.terminal_output import show_table

COLUMNS = ("rootname", "a_long_name_of_a_column", "note", "number")
ROWS = [
    ("ld9m10ujq", None, "Of the third kind, and a good deal longer than any terminal. " * 3, 1.5),
    ("lz0101aaq", "日本語テキスト" * 5, "", float("nan")),
    ("\x1b[31mred\x07", b"\x00", "two\nlines", 7),
]


def show(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    show_table("3 rows", COLUMNS, ROWS)
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [20, 21, 33, 40, 60, 80, 120, 300])
def test_no_line_is_wider_and_no_value_is_lost(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = show(width, capsys, monkeypatch)
    assert max(map(cell_len, output.splitlines())) <= width
    letters = "".join(output.split())
    for text in ("lz0101aaq", "1.5", "日", "\\x00", "lines"):
        assert text in letters
    assert letters.count("日") == 5
    assert output.isprintable() or "\x1b" not in output


def test_a_narrow_terminal_has_a_value_on_each_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = show(40, capsys, monkeypatch).splitlines()
    assert "-[ 2 ]----------------------------------" in lines
    assert "rootname           | ld9m10ujq" in lines


def test_many_columns_become_blocks_where_a_table_would_be_empty(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show_table("1 row", [f"column_{number}" for number in range(40)], [range(40)])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("column_39")] == ["column_39 | 39"]


def test_a_table_without_rows_has_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show_table("0 rows", ("a", "b"), [])
    assert capsys.readouterr().out.split()[:4] == ["0", "rows", "a", "b"]
