"""Take away all that the assets of a partition set have made of keys that left it.

What that is, they declare (`ownership`). The partition keys are the caller's to unregister,
afterwards: then what was interrupted is done again.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Select, and_, delete

from hstql_assets.batching.asset_nodes import AssetNode, find_following
from hstql_assets.batching.decisions import any_of, forget
from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database, Writer


def retire_keys(
    database: Database,
    filesystem: Filesystem,
    nodes: Sequence[AssetNode],
    partition_set: str,
    keys: Sequence[str],
    in_use: Select[str] | None = None,
) -> list[str]:
    """Remove rows, bad data, decisions and files, so that what is one thing is made without them.

    Parameters
    ----------
    database, filesystem
        Where they are.
    nodes : sequence of AssetNode
        The whole graph, upstream before downstream.
    partition_set : str
        That the keys have left.
    keys : sequence of str
        Those of which nothing was made do not matter.
    in_use : Select, optional
        The keys that stay, asked for while nobody else can write.

    Returns
    -------
    list of str
        The keys that were retired, sorted.
    """
    own = [node for node in nodes if node.partition_set == partition_set]
    if not keys or not own:
        return sorted(keys)
    names = [node.name for node in own]
    following = find_following(names, nodes)
    summaries = [one.name for one in nodes if not one.partition_set and one.name in following]
    bad = tables.BadData
    with database.write() as writer:
        alive = () if in_use is None else tuple(writer.connection.execute(in_use).scalars())
        retired = sorted(set(keys).difference(alive))
        number = sum(_delete_rows(writer, rows, retired) for one in own for rows in one.owns.tables)
        number += writer.execute(
            delete(bad).where(bad.step == any_of(names), bad.rootname == any_of(retired))
        )
        if number + forget(writer, names, retired):
            forget(writer, summaries)
    for files in (files for node in own for files in node.owns.files if files.has_keys):
        for path in sorted(set().union(*find_files(filesystem, files, retired).values())):
            filesystem.remove(path)
    return retired


def _delete_rows(writer: Writer, owned: OwnedTable, keys: Sequence[str]) -> int:
    if owned.is_shared:
        return 0
    table = tables.Base.metadata.tables[owned.name]
    stale = table.c[owned.key_column] == any_of(keys)
    return writer.execute(
        table.delete().where(stale if owned.only is None else and_(stale, owned.only))
    )


def find_files(
    filesystem: Filesystem, owned: OwnedFiles, keys: Iterable[str]
) -> dict[str, set[Path]]:
    """Return the files of some keys, by what lies on the disk.

    A run that was killed leaves files without rows; they are found as well.
    """
    found: dict[str, set[Path]] = {key: set() for key in keys}
    top = filesystem.home / owned.folder
    for folder, _, names in os.walk(top) if found else ():
        for name in names:
            path = f"{folder}/{name}"
            match = owned.match(os.path.relpath(path, filesystem.home))
            if match is not None and match["key"] in found:
                found[match["key"]].add(Path(path))
    return found
