"""Turn the options of `hstql discover` into searches."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hstql_assets.batching.partition_names import INSTRUMENTS, SPECTROGRAPHS
from hstql_assets.orchestration.planning import PlanError
from hstql_resources.archive import Search
from hstql_resources.filenames import instrument_of, is_rootname


def plan_searches(
    instrument: str | None,
    since: datetime | None,
    proposals: Sequence[int],
    rootnames: Sequence[str],
    is_timetag_only: bool,
) -> list[Search]:
    """Return a search for each instrument that is concerned.

    Parameters
    ----------
    instrument : str, optional
        Only this one. Without it rootnames say which; else all.
    since : datetime, optional
        Only what became public since, UTC.
    proposals : sequence of int
        Only these.
    rootnames : sequence of str
        Only these.
    is_timetag_only : bool
        Only TIME-TAG exposures of targets on the sky, which spectrographs have.

    Raises
    ------
    PlanError
        If a rootname is none, or of another instrument than the one that is given.
    """
    names = [name.lower() for name in rootnames]
    for name in names:
        if not is_rootname(name) or instrument not in (None, instrument_of(name)):
            raise PlanError(
                f"{name!r} is not a rootname of {instrument or ', '.join(INSTRUMENTS)}."
            )
    chosen = [instrument] if instrument else list(INSTRUMENTS)
    if names:
        chosen = [one for one in chosen if any(instrument_of(name) == one for name in names)]
    if is_timetag_only:
        chosen = [one for one in chosen if one in SPECTROGRAPHS]
    return [
        Search(
            one,
            released_since=since.replace(tzinfo=UTC) if since else None,
            proposal_ids=tuple(proposals),
            rootnames=tuple(name for name in names if instrument_of(name) == one),
            is_timetag_only=is_timetag_only,
        )
        for one in chosen
    ]
