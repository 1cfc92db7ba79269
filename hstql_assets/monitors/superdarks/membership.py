"""Say which exposures are darks, and which windows of days each of them is in."""

from dataclasses import astuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    Integer,
    Select,
    and_,
    cast,
    column,
    func,
    select,
    true,
    union_all,
    values,
)

from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.framework.exposure_sets import ExposureSets
from hstql_assets.monitors.superdarks.selection import (
    ASSET,
    DarkSelection,
    list_periods,
    load_selections,
    window_of,
)
from hstql_resources import tables

MJD_ZERO = "1858-11-17"


def select_darks() -> Select[str, str]:
    """Return the query for all darks, each with the keys of its windows.

    A dark is in every window of its period that its day is in; what is later on the day of the
    anneal that ends the period is in the last.
    """
    found = [_select_of(name, one) for name, one in load_selections().items()]
    every = union_all(*found).subquery()
    return select(every.c.key, every.c.rootname)


def is_dark(detector: str, selection: DarkSelection) -> ColumnElement[bool]:
    """Return the condition that an observation is a dark of a detector."""
    observation = tables.Observation
    return and_(
        observation.instrument == selection.instrument,
        observation.detector == detector,
        func.upper(observation.image_type) == any_of(selection.image_types),
        func.upper(observation.target_name) == any_of(selection.target_names),
        observation.exp_start_mjd.is_not(None),
    )


def _select_of(detector: str, selection: DarkSelection) -> Select[str, str]:
    observation = tables.Observation
    periods = values(
        column("start", Double), column("stop", Double), column("last", BigInteger),
        name=f"{detector.lower()}_periods",
    ).data(list(map(astuple, list_periods(selection))))  # fmt: skip
    mjd, period = observation.exp_start_mjd, periods.c
    first = func.floor(period.start)
    day = cast(func.floor(mjd) - first, BigInteger)
    lowest = func.greatest(0, func.least(day - selection.window_days + 1, period.last))
    series = func.generate_series(lowest, func.least(day, period.last))
    number = series.table_valued("n").render_derived()  # for each dark and period
    begins = cast(MJD_ZERO, Date) + cast(first + number.c.n, Integer)
    key = func.concat(f"{ASSET}_{detector.lower()}_", func.to_char(begins, "YYYY-MM-DD"))
    return (
        select(key.label("key"), observation.rootname)
        .select_from(observation)
        .join(periods, and_(mjd >= period.start, mjd < period.stop))
        .join(number, true())
        .where(is_dark(detector, selection))
    )


SETS = ExposureSets(select_darks, window_of)
