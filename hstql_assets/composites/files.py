"""Name the files of composites, and remove one with its plots."""

from hstql_resources.filesystem import Filesystem

_PART = "[a-z0-9.+-]+"
# Without `.fits`: instrument, target, and what the configuration and the delivery are called.
NAME = rf"hlsp_hstlc_hst_[a-z0-9]+-{_PART}_(?P<key>{_PART})(_{_PART}){{5}}"


def remove_composite(filesystem: Filesystem, filename: str) -> None:
    """Remove the file of a composite, and all its plots."""
    for path in (filesystem.composite(filename), *filesystem.composite_plots(filename)):
        filesystem.remove(path)
