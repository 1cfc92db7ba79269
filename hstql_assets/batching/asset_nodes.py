"""Describe an asset as planning, retiring and reset see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hstql_assets.batching.ownership import OwnedFiles, Ownership

WHOLE = "all"  # the one key, in the table outcomes, of an asset without partitions


@dataclass(frozen=True)
class AssetNode:
    """An asset as the planner sees it.

    Attributes
    ----------
    name : str
        Such as `cos/lightcurves`.
    partition_set : str
        Such as `cos_timetag_rootname`; empty for an asset without partitions.
    upstream : tuple of str
        The assets that it is made from.
    owns : Ownership
        What is its own.
    """

    name: str
    partition_set: str
    upstream: tuple[str, ...]
    owns: Ownership = field(default_factory=Ownership)


def find_following(names: Iterable[str], nodes: Sequence[AssetNode]) -> set[str]:
    """Return the full names of assets and of all that is made from them.

    Parameters
    ----------
    names : iterable of str
        Full names.
    nodes : sequence of AssetNode
        The whole graph, upstream before downstream.
    """
    found = set(names)
    for node in nodes:
        if found.intersection(node.upstream):
            found.add(node.name)
    return found


def list_owned_files(nodes: Iterable[AssetNode]) -> list[OwnedFiles]:
    """Return what assets write."""
    return [files for node in nodes for files in node.owns.files]
