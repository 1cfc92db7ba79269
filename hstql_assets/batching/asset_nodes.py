"""Describe an asset as planning and reprocessing see it."""

from dataclasses import dataclass

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
    """

    name: str
    partition_set: str
    upstream: tuple[str, ...]
