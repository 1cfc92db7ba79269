"""Tell what can be a key of a partition set, for anyone may type one into Dagster's dialog.

What cannot is decided here, before any step sees it: paths, queries and names of the archive are
made of keys.
"""

import re

from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.partition_names import (
    COMPOSITE_TARGETS,
    COS_SUBSETS,
    CUMULATIVE_IMAGES,
    EXPOSURE_SETS,
    INSTRUMENTS,
    IR_EXPOSURES,
)
from hstql_resources.filenames import instrument_of, is_rootname

WRONG_KEY = "No such key"
SHOWN = 60  # characters of a key, in a sentence

_SLUG = re.compile(r"(?!.*\.\.)[a-z0-9]([a-z0-9.+-]{0,28}[a-z0-9])?")
_IMAGE = re.compile(r"fuv[ab]_\d{1,3}_\d{4}-\d{2}-\d{2}|l(ft|_\d+_)0[01]_\d+_cci")
_FORMS = {
    COMPOSITE_TARGETS: _SLUG,
    CUMULATIVE_IMAGES: _IMAGE,
    **{
        name: re.compile(rf"{asset}_(wfc|uvis|ir)_[0-9a-z-]{{1,20}}")
        for asset, name in EXPOSURE_SETS.items()
    },
}
_NAMES = {
    COMPOSITE_TARGETS: "name of a target",
    CUMULATIVE_IMAGES: "name of an image",
    **dict.fromkeys(EXPOSURE_SETS.values(), "name of a set of exposures"),
}


def instrument_of_set(partition_set: str) -> str | None:
    """Return the instrument whose rootnames are the keys of a set; None if they are others."""
    if partition_set in COS_SUBSETS:
        return "cos"
    if partition_set == IR_EXPOSURES:
        return "wfc3"
    return next(
        (name for name in INSTRUMENTS
         if partition_set in (f"{name}_rootname", f"{name}_timetag_rootname")),
        None,
    )  # fmt: skip


def is_key(partition_set: str, key: str) -> bool:
    """Tell whether a text has the form of a key of a partition set."""
    instrument = instrument_of_set(partition_set)
    if instrument is not None:
        return is_rootname(key) and instrument_of(key) == instrument
    return partition_set not in _FORMS or _FORMS[partition_set].fullmatch(key) is not None


def describe_wrong_key(partition_set: str, key: str) -> str:
    """Return in a sentence why nothing can be made of a key, and what takes it out."""
    instrument = instrument_of_set(partition_set)
    form = _NAMES.get(partition_set, f"rootname of {instrument}")
    return f"{show_key(key)} is no {form}, so nothing is made of it: 'hstql forget' takes it out."


def show_key(key: str) -> str:
    """Return a key on one line, between quotes; of a long one the beginning."""
    return repr(key if len(key) <= SHOWN else f"{key[:SHOWN]}...")


def name_key(key: str) -> str:
    """Return a key as it stands in a line of its own: as it is, unless that cannot be shown."""
    return key if key.strip() and key.isprintable() and len(key) <= SHOWN else show_key(key)


def refuse_key(partition_set: str, key: str) -> Outcome:
    """Return the decision about a wrong key."""
    reason = describe_wrong_key(partition_set, key)
    # Anything can be a key, a name of a file too. No file has a slash in its name.
    name = f"{partition_set}/{key}"
    return Outcome(key, "bad", reason, bad_files=(BadFile(name, WRONG_KEY, reason),))
