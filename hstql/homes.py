"""Ask a home from Python: what it has recorded, made and drawn."""

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.table import Table
from PIL import Image
from sqlalchemy import Connection
from sqlalchemy import Table as SqlTable

from hstql import curves
from hstql.reading import Pathlike
from hstql_assets.batching.bad_data import NothingToExtract
from hstql_resources import tables
from hstql_resources.filenames import is_rootname
from hstql_resources.records import open_home
from hstql_resources.settings import Settings, SettingsError, load_settings
from hstql_resources.table_files.astropy_tables import make_table
from hstql_resources.tables.describing import describe
from hstql_web.client import Client
from hstql_web.queries import exposures, targets


@dataclass(frozen=True)
class Exposure:
    """What a home has of an exposure or association.

    Attributes
    ----------
    values : dict
        Its row of the table `observations`.
    files, previews, outcomes : Table
        Rows of the tables of these names.
    measured : dict of str to Table
        What was measured of it, by the name of the table.
    """

    values: dict[str, Any]
    files: Table
    previews: Table
    outcomes: Table
    measured: dict[str, Table]


@dataclass(frozen=True)
class Target:
    """What a home has of a target.

    Attributes
    ----------
    name : str
        As the home knows it: the slug of the target, else the name in headers.
    exposures : Table
        In order of time, the first 5,001.
    composites, statistics : Table
        Its composite lightcurves, and their statistics.
    """

    name: str
    exposures: Table
    composites: Table
    statistics: Table


def connect(home: Pathlike | None = None) -> "Home | Client":
    """Open a home, or a site.

    Parameters
    ----------
    home : path or address, optional
        The folder of a home; that of the settings (`HSTQL_HOME`) if not said. Of an address, such
        as `http://127.0.0.1:8000/`, the client of the site is returned, `hstql_web.client.Client`.

    Returns
    -------
    Home or Client

    Raises
    ------
    SettingsError
        If there is no home, or its database cannot be used.
    """
    if isinstance(home, str) and home.startswith(("http://", "https://")):
        return Client(home)
    if not isinstance(home, str | os.PathLike | None):
        raise TypeError(f"home is {home!r:.60}: give the path of a folder, or an address.")
    settings = load_settings(**({} if home is None else {"home": Path(home)}))
    if settings.database_url is None and not settings.home.is_dir():
        raise SettingsError(
            f"There is no home at {settings.home}: 'hstql demo' makes one to look at, and "
            "'hstql discover' one of your own."
        )
    return Home(settings)


class Home:
    """A home. It is closed by `close`, or where a `with` ends.

    Parameters
    ----------
    settings : Settings
        That name it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self._stack = settings, ExitStack()
        umask = os.umask(0o022)  # opening sets that of the process, which is not ours to keep
        try:
            _, self._database = self._stack.enter_context(open_home(settings))
        finally:
            os.umask(umask)

    def __enter__(self) -> "Home":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Home {self.settings.home}>"

    def close(self) -> None:
        """Close the connections."""
        self._stack.close()

    def query(self, sql: str) -> Table:
        """Ask one question in SQL, as `hstql query` does; columns of tables have their units.

        `query(sql).to_pandas()` is the answer as pandas has it.

        Raises
        ------
        QueryError
            If it is wrong, writes, or has too long an answer; `hstql export` takes any length.
        """
        if not isinstance(sql, str):
            raise TypeError(f"sql is {sql!r:.60}: give one statement as a text.")
        answer = self._database.query_read_only(sql)
        return make_table(answer.described, answer.rows)

    def exposure(self, rootname: str) -> Exposure:
        """Return what there is of an exposure or association.

        Raises
        ------
        LookupError
            If there is none of that name.
        """
        name = _check_rootname(rootname)
        with self._database.engine.connect() as connection:
            row = exposures.find_exposure(connection, name)
            if row is None:
                raise LookupError(f"There is no exposure {name} in {self.settings.home}.")
            return Exposure(
                dict(row._mapping),
                _tabulate(tables.File, exposures.list_files(connection, name)),
                _tabulate(tables.Preview, exposures.list_pictures(connection, name)),
                _list_outcomes(connection, name),
                {
                    one.table: _tabulate(tables.Base.metadata.tables[one.table], one.rows)
                    for one in exposures.read_measured(connection, name)
                },
            )

    def target(self, name: str) -> Target:
        """Return what there is of a target, by its slug, such as gj-436, or its name in headers.

        Raises
        ------
        LookupError
            If there is none of that name.
        """
        if not isinstance(name, str):
            raise TypeError(f"name is {name!r:.60}: give the name of a target as a text.")
        with self._database.engine.connect() as connection:
            for target in (targets.Target(name.lower(), ""), targets.Target("", name)):
                if rows := targets.read_exposures(connection, target):
                    break
            else:
                raise LookupError(f"There is no target {name} in {self.settings.home}.")
            composites = targets.list_composites(connection, target.slug)
            names = [row.filename for row in composites]
            return Target(
                target.label,
                _tabulate(tables.Observation, rows),
                _tabulate(tables.Composite, composites),
                _tabulate(
                    tables.Statistics, list(targets.read_statistics(connection, names).values())
                ),
            )

    def lightcurve(self, name: str, **choices: Any) -> curves.Lightcurve:
        """Return a lightcurve: the one that was made or, with choices, one that is made now.

        Parameters
        ----------
        name : str
            Of an exposure, or the file name of a composite.
        **choices
            As `hstql.lightcurve` takes them, such as `bin=5 * u.s`; of an exposure only.

        Raises
        ------
        NothingToExtract
            If there is none; the message says why.
        """
        if not choices:
            return curves.Lightcurve(self._find_lightcurve(name))
        rootname = _check_rootname(name)
        found = {one: self.files(rootname, one) for one in ("corrtag", "x1d", "spt")}
        if not found["corrtag"]:
            raise NothingToExtract(f"There is no corrtag of {rootname} in {self.settings.home}.")
        x1d, spt = (next(iter(found[one]), None) for one in ("x1d", "spt"))
        return curves.lightcurve(found["corrtag"], x1d, spt, **choices)

    def _find_lightcurve(self, name: str) -> Path:
        with self._database.engine.connect() as connection:
            if is_rootname(name.lower()):
                row = exposures.find_lightcurve(connection, name.lower())
            else:
                row = targets.find_composite(connection, name)
            if row is not None:
                return Path(row.path)
            known = exposures.list_outcomes(connection, name.lower())
        reasons = [row.reason for row in known if row.asset.endswith("/lightcurves") and row.reason]
        raise NothingToExtract(
            f"There is no lightcurve {name} in {self.settings.home}: "
            + (reasons[0] if reasons else "'hstql materialize lightcurves' makes them.")
        )

    def files(self, rootname: str, *filetypes: str) -> list[Path]:
        """Return the files of an exposure that are there, of some types such as `x1d` or of all.

        `corrtag` stands for `corrtag_a` and `corrtag_b`, too.
        """
        name = _check_rootname(rootname)
        with self._database.engine.connect() as connection:
            rows = exposures.list_files(connection, name)
        return [
            Path(row.path)
            for row in rows
            if row.set_aside_at is None
            and (not filetypes or {row.filetype, row.filetype[:-2]} & {*filetypes})
        ]

    def preview(self, rootname: str) -> Image.Image:
        """Return the picture of an exposure, which notebooks show.

        Raises
        ------
        LookupError
            If there is none.
        """
        name = _check_rootname(rootname)
        with self._database.engine.connect() as connection:
            rows = exposures.list_pictures(connection, name)
        if not rows:
            raise LookupError(f"There is no picture of {name}: 'hstql explain {name}' says why.")
        with Image.open(rows[0].path) as picture:
            return picture.copy()

    def outcome(self, key: str) -> Table:
        """Return what was decided about an exposure, target or other key, a row for each asset."""
        with self._database.engine.connect() as connection:
            return _list_outcomes(connection, key)


def _list_outcomes(connection: Connection, key: str) -> Table:
    return _tabulate(tables.Outcome, exposures.list_outcomes(connection, key))


def _tabulate(model: Any, rows: Sequence[Any]) -> Table:
    """Return rows with some columns of a table; with all of them where there are no rows."""
    table = model if isinstance(model, SqlTable) else model.__table__
    names: Iterable[str] = rows[0]._fields if rows else table.columns.keys()
    return make_table([describe(table.columns[name]) for name in names], rows)


def _check_rootname(rootname: str) -> str:
    if not isinstance(rootname, str):
        raise TypeError(f"rootname is {rootname!r:.60}: give it as a text, such as 'ld9m10ujq'.")
    if not is_rootname(rootname.lower()):
        raise ValueError(f"{rootname!r} is no rootname: those have nine characters, as ld9m10ujq.")
    return rootname.lower()
