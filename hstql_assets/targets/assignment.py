"""Store the decisions about targets, and move what was made under an earlier name.

Knows the database and the file system. The rules are in `resolving`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, Row

from hstql_assets.targets.inputs import (
    Read,
    Stored,
    read_positions,
    read_stored,
    read_target_exposures,
)
from hstql_assets.targets.overrides import Overrides, load_overrides
from hstql_assets.targets.renaming import apply_moves, find_moves, return_strays
from hstql_assets.targets.resolving import resolve_targets
from hstql_resources import tables
from hstql_resources.clients import Clients

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settlement:
    """What is decided, and what that changed.

    Attributes
    ----------
    slugs : mapping of str to str
        The target of each TIME-TAG science exposure, by rootname.
    moved : tuple of str
        The exposures whose lightcurve belongs to another target than before.
    touched : frozenset of str
        The targets that gained or lost them.
    """

    slugs: Mapping[str, str]
    moved: tuple[str, ...] = ()
    touched: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Plan:
    """What is decided, and where `target_names` says something else."""

    slugs: dict[str, str]
    changed: dict[str, Stored]
    gone: list[str]


def settle_targets(clients: Clients, *, is_thorough: bool = False) -> Settlement:
    """Decide anew of which target each exposure is, and let files and rows follow.

    What changed is written and moved while no other batch can write. If the process dies on the
    way, the rows stay as they were and the next call does the rest.

    Parameters
    ----------
    clients : Clients
        Where rows and files are.
    is_thorough : bool
        Also look for each lightcurve on the disk, and bring it back to where its row says; it can
        only be elsewhere if a process died on the way and the override file was changed then.

    Raises
    ------
    SettingsError
        If `targets.toml` cannot be used.
    """
    filesystem = clients.filesystem
    overrides = load_overrides(filesystem.home)
    plan = _plan(clients.database.read, overrides)
    is_settled = not (plan.changed or plan.gone or find_moves(clients.database.read))
    if is_settled and not is_thorough:
        return Settlement(plan.slugs)
    with clients.database.write() as writer:

        def read(statement: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
            return writer.connection.execute(statement).all()

        if is_thorough:
            return_strays(read, filesystem)
        plan = _plan(read, overrides)  # another batch may have written meanwhile
        writer.upsert(tables.TargetName, _to_rows(plan.changed))
        writer.delete(tables.TargetName, "rootname", plan.gone)
        moves = find_moves(read)
        apply_moves(writer, filesystem, moves)
    for move in moves:
        _log.info("%s is of %s now, not of %s", move.rootname, move.target, move.before)
    return Settlement(
        plan.slugs,
        tuple(dict.fromkeys(move.rootname for move in moves)),
        frozenset(slug for move in moves for slug in (move.before, move.target)),
    )


def _plan(read: Read, overrides: Overrides) -> _Plan:
    target_exposures = read_target_exposures(read)
    resolved = resolve_targets(target_exposures, overrides, read_positions(read))
    stored = read_stored(read)
    decided: dict[str, Stored] = {}
    for target_exposure in target_exposures:
        resolution = resolved[target_exposure.rootname]
        decided[target_exposure.rootname] = (
            target_exposure.target_name,
            resolution.resolved_name,
            resolution.target,
            resolution.reason,
        )
    slugs = {rootname: resolution.target for rootname, resolution in resolved.items()}
    return _Plan(
        slugs,
        {rootname: now for rootname, now in decided.items() if stored.get(rootname) != now},
        sorted(stored.keys() - decided.keys()),
    )


def _to_rows(changed: Mapping[str, Stored]) -> list[dict[str, object]]:
    now = datetime.now(UTC)
    columns = ("target_name", "resolved_name", "target", "reason")
    return [
        {"rootname": rootname, **dict(zip(columns, stored, strict=True)), "decided_at": now}
        for rootname, stored in changed.items()
    ]
