"""A statistic more: three files of a copy are changed as docs/statistics.md says, nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from builders.made_curves import make_table, write_table
from builders.places import PROJECT
from hstql_assets.statistics.documentation import fill_in_columns
from hstql_resources.statistics import STATISTICS
from hstql_resources.tables.migrations import HEAD

DECLARATION = """
    Statistic("skewness", float, "dimensionless", "Lopsidedness of the counts", "; 0 of a bell",
              label="skewness", is_listed=True, digits=2),
)  # fmt: skip
"""
NEXT = f"{int(HEAD) + 1:04}"
MIGRATION = f'''"""Add a statistic."""

from alembic import op

revision = "{NEXT}"
down_revision = "{HEAD}"


def upgrade() -> None:
    """Add it."""
    op.execute("ALTER TABLE statistics ADD COLUMN skewness double precision")
'''
# Row, comment, documentation, page of the lightcurve, sortable tables, in a process of its own.
SCRIPT = """
import json, sys
from pathlib import Path
from sqlalchemy import text
from hstql_assets.plots.list_page import COLUMNS
from hstql_assets.plots.inventory import LISTED
from hstql_assets.plots.numbers import write_statistics
from hstql_assets.statistics.documentation import fill_in_columns
from hstql_assets.statistics.measuring import StatisticsTask, measure_lightcurve
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Statistics

url, curve, page = sys.argv[1:]
database = Database(url)
database.migrate()
outcome = measure_lightcurve(StatisticsTask("lmade001q", Path(curve)))
with database.write() as writer:
    writer.upsert(Statistics, outcome.rows["statistics"])
(row,) = database.read(text("SELECT * FROM statistics"))
(comment,) = database.read(text(
    "SELECT description FROM pg_description JOIN pg_attribute ON attrelid = objoid "
    "AND attnum = objsubid WHERE objoid = 'statistics'::regclass AND attname = 'skewness'"
))
print(json.dumps({
    "row": row.skewness,
    "comment": comment[0],
    "docs": fill_in_columns(Path(page).read_text()),
    "page": write_statistics(row._mapping),
    "listed": "skewness" in LISTED,
    "columns": [[column.label, column.form, column.digits] for column in COLUMNS],
}))
"""


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, path
    path.write_text(text.replace(old, new))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Both packages with one statistic more."""
    for name in ("hstql_assets", "hstql_resources"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=ignored)
    tables = tmp_path / "hstql_resources" / "tables"
    change(tmp_path / "hstql_resources" / "statistics.py", "\n)  # fmt: skip\n", DECLARATION)
    measures = tmp_path / "hstql_assets" / "statistics" / "measures.py"
    field, value = "    pearson_p: float | None = None\n", "        pearson_p=p,\n"
    cube = "float(((counts - mean) ** 3).mean())"
    change(measures, field, f"{field}    skewness: float | None = None\n")
    change(measures, value, f"{value}        skewness={cube},\n")
    (tables / "migrations" / "versions" / f"v{NEXT}_skewness.py").write_text(MIGRATION)
    return tmp_path


@pytest.mark.full
def test_a_statistic_is_added_by_changing_three_files(copy: Path, empty_url: str) -> None:
    curve = write_table(make_table(np.random.default_rng(1), 50, bins=300), copy / "a_curve.fits")
    page = PROJECT / "docs" / "statistics.md"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, empty_url, str(curve), str(page)],
        env={**os.environ, "PYTHONPATH": str(copy)},
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert isinstance(seen["row"], float)
    assert seen["comment"] == "Lopsidedness of the counts, dimensionless; 0 of a bell"
    line = "| `skewness` | float | dimensionless | Lopsidedness of the counts; 0 of a bell |\n"
    assert line in seen["docs"]
    assert ["skewness", f"{seen['row']:.5g}"] in seen["page"]
    assert seen["listed"]
    assert ["skewness", "number", 2] in seen["columns"]


def test_the_documentation_has_what_is_declared() -> None:
    page = (PROJECT / "docs" / "statistics.md").read_text()
    assert fill_in_columns(page) == page, "write it anew with: make docs"
    assert all(f"| `{one.name}` |" in page for one in STATISTICS)
