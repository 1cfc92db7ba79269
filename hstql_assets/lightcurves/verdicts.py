"""A verdict on files as the outcome of a key: how bad data are recorded."""

from collections.abc import Sequence

from hstql_assets.batches import BadFile, Outcome
from hstql_assets.lightcurves.bad_data import BadData


def bad_outcome(key: str, problems: Sequence[BadData]) -> Outcome:
    """Return the outcome of a key whose files are bad; its reason names all of them."""
    reason = "; ".join(str(problem) for problem in problems)
    return Outcome(key, "bad", reason, bad_files=bad_files(problems))


def bad_files(problems: Sequence[BadData]) -> tuple[BadFile, ...]:
    """Return bad files as they are recorded."""
    return tuple(
        BadFile(problem.filename, str(problem.reason), problem.detail) for problem in problems
    )
