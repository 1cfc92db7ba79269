"""Move what was made under an earlier name of a target: lightcurves, their plots, their rows.

Files move inside the transaction that changes the rows. If the process dies on the way the rows
are as before, and the same move is done again: what is moved already does not matter then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, update

from hstql_assets.batching.decisions import SUMMARIES, any_of, forget
from hstql_assets.targets.inputs import Read, read_lightcurves, read_renamed
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Writer


@dataclass(frozen=True)
class Move:
    """A lightcurve whose target is called something else now.

    Attributes
    ----------
    rootname : str
        The exposure.
    path : Path or None
        Where its lightcurve is, by its row; None for an extraction that could not be made.
    before, target : str
        The slug of its target until now, and from now on.
    name : str or None
        Of the extraction; the default one has none.
    """

    rootname: str
    path: Path | None
    before: str
    target: str
    name: str | None = None


def find_moves(read: Read) -> list[Move]:
    """Return the lightcurves whose row and stored decision do not name the same target."""
    return [
        Move(rootname, None if path is None else Path(path), before, target, name)
        for rootname, before, path, name, target in read_renamed(read)
    ]


def apply_moves(writer: Writer, filesystem: Filesystem, moves: Sequence[Move]) -> None:
    """Move files, then rows; the rows of `target_names` must be written before.

    A lightcurve of an earlier `HSTQL_HOME` stays where it is; only its rows change.

    Raises
    ------
    OSError
        If the disk refuses; nothing is recorded then.
    """
    for move in moves:
        _move_files(filesystem, move)
    unnamed = [_to_row(filesystem, move) for move in moves if move.name is None]
    named = [
        {"name": move.name, **_to_row(filesystem, move)} for move in moves if move.name is not None
    ]
    writer.update(tables.Lightcurve, unnamed)
    writer.update(tables.Extraction, named)
    observation, name = tables.Observation, tables.TargetName
    is_renamed = observation.target.is_not(None) & (observation.target != name.target)
    writer.execute(
        update(observation)
        .where(observation.rootname == name.rootname, is_renamed)
        .values(target=name.target)
    )
    if moves:
        _forget_plots(writer, [move.rootname for move in moves])
        forget(writer, SUMMARIES)


def _forget_plots(writer: Writer, rootnames: Sequence[str]) -> None:
    outcome = tables.Outcome
    of_lightcurves = outcome.asset.endswith("/lightcurve_plots", autoescape=True)
    writer.execute(delete(outcome).where(of_lightcurves, outcome.key == any_of(rootnames)))


def return_strays(read: Read, filesystem: Filesystem) -> None:
    """Bring back each lightcurve that lies under another target than its row says.

    It looks for every lightcurve on the disk.
    """
    for row in read_lightcurves(read):
        if row.path is None:
            continue
        path = Path(row.path)
        if path.exists() or not path.is_relative_to(filesystem.home):
            continue
        stray = next(path.parent.parent.glob(f"*/{path.name}"), None)
        if stray is not None:
            move = Move(row.rootname, stray, stray.parent.name, row.target, row.name)
            _move_files(filesystem, move)


def _to_row(filesystem: Filesystem, move: Move) -> dict[str, object]:
    path = _new_path(filesystem, move)
    return {
        "rootname": move.rootname,
        "target": move.target,
        "path": None if path is None else str(path),
    }


def _move_files(filesystem: Filesystem, move: Move) -> None:
    path = _new_path(filesystem, move)
    if move.path is not None and path is not None:
        filesystem.relocate(move.path, path)
    if move.name is not None:
        return
    before = filesystem.lightcurve_plots(move.before, move.rootname).folder
    folder = filesystem.lightcurve_plots(move.target, move.rootname).folder
    for plot in sorted(before.glob(f"{move.rootname}_*")):
        filesystem.relocate(plot, folder / plot.name)


def _new_path(filesystem: Filesystem, move: Move) -> Path | None:
    if move.path is None or not move.path.is_relative_to(filesystem.home):
        return move.path
    if move.name is None:
        return filesystem.lightcurve(move.target, move.rootname)
    return filesystem.extraction(move.target, move.rootname, move.name)
