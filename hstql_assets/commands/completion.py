"""Find what begins as somebody has typed, for the shell: assets, exposures, targets.

Quick, and without a word of its own: what is known by heart needs no import, and of keys there are
none where the database does not run, or anything else is in the way.
"""

import contextlib
from string import ascii_letters, digits

from hstql_assets.batching.asset_names import name_sets
from hstql_resources.processes import without_gc

MOST = 100  # names; nobody reads more
PLAIN = frozenset(f"{ascii_letters}{digits}.+-_")  # what a shell takes for itself

CHECKS = (
    "agrees_with_archive", "files_are_there", "no_stray_files", "sizes_and_checksums",
    "no_duplicates", "headers_agree_with_names", "keys_are_rootnames",
)  # fmt: skip
EXPOSURES = (("products", "rootname"), ("observations", "rootname"))
TARGETS = (("target_names", "target"), ("target_names", "target_name"))


def find_assets(begun: str) -> list[str]:
    """Return the assets whose names begin so; with an instrument once that is begun."""
    names = {part for name in name_sets() for part in (name, name.split("/")[-1])}
    lower = begun.lower()
    return sorted(one for one in names if one.startswith(lower) and (begun or "/" not in one))


def find_rootnames(begun: str) -> list[str]:
    """Return the exposures and associations whose names begin so, in any case."""
    return _read_names(EXPOSURES, begun.lower())


def find_targets(begun: str) -> list[str]:
    """Return the slugs and the names in headers that begin so."""
    return _read_names(TARGETS, begun)


def find_extractions(begun: str) -> list[str]:
    """Return the extractions whose names begin so, of the home or those that come with hstql."""
    with contextlib.suppress(Exception), without_gc():
        # Takes settings and numpy along: 0.3 s, for nothing but these names.
        from hstql_assets.lightcurves.extractions.definitions import load_definitions
        from hstql_resources.settings import load_settings  # as slow

        return [name for name in load_definitions(load_settings().home) if name.startswith(begun)]
    return []


def find_keys(begun: str) -> list[str]:
    """Return exposures and targets."""
    return sorted({*find_rootnames(begun), *find_targets(begun)})[:MOST]


def _read_names(columns: tuple[tuple[str, str], ...], begun: str) -> list[str]:
    """Return names that a shell takes as they are; none if anything is in the way."""
    # Whatever it is, it is no business of somebody who types.
    with contextlib.suppress(Exception), without_gc():
        # Takes the settings and the driver of the database along: 0.3 s, for nothing but keys.
        from hstql_assets.commands.key_names import read_names

        return [name for name in read_names(columns, begun, MOST) if not set(name) - PLAIN][:MOST]
    return []
