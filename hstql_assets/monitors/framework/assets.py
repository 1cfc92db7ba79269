"""Declare the assets of monitors: one for each measurement, and one for each trend."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hstql_assets.batching.batch_asset import BatchStep, Tasks
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import OwnedFiles, Ownership
from hstql_assets.batching.partitions import all_sets
from hstql_assets.monitors.framework.checks import check_limits, describe_limits
from hstql_assets.monitors.framework.inputs import locate_exposures
from hstql_assets.monitors.framework.listing import locate_selected, measure_selected
from hstql_assets.monitors.framework.membership import locate_sets
from hstql_assets.monitors.framework.monitor import Measurement, Trend
from hstql_assets.monitors.framework.registry import foreign_tables, read_measurements, read_trends
from hstql_assets.monitors.framework.trend_run import (
    date_decision,
    make_tables,
    make_trend,
    record_trend,
)
from hstql_assets.pages.pages import publish_scripts
from hstql_resources.clients import Clients
from hstql_resources.tables import MonitorState

GROUP = "monitors"


def declare_monitors() -> list[BatchStep]:
    """Declare the assets of all monitors, all measurements before all trends."""
    measurements = [declare_measurement(one) for one in read_measurements()]
    return [*measurements, *(declare_trend(one) for one in read_trends())]


def declare_measurement(measurement: Measurement) -> BatchStep:
    """Declare the asset of what is measured of each exposure."""
    usual = locate_exposures if measurement.sets is None else locate_sets
    measure, code_version = measurement.measure, measurement.code_version
    if (table := measurement.selection) is not None:
        digest = table.digest(measurement.instrument)
        usual, measure = locate_selected, partial(measure_selected, measure, digest)
        code_version = f"{code_version} {digest}"
    find_tasks, also = measurement.locate or usual, measurement.also

    def locate(clients: Clients, keys: Sequence[str], _settings: None) -> Tasks:
        make_tables(clients.database, foreign_tables())
        return find_tasks(clients, measurement, keys)

    return BatchStep(
        measurement.name,
        measurement.about,
        partitions=all_sets()[measurement.partition_set],
        upstream=measurement.upstream,
        owns=Ownership(measurement.owned, files=measurement.files),
        locate=locate,
        decide=measure,
        group=GROUP,
        kinds=set(measurement.kinds),
        code_version=code_version,
        store=None if also is None else lambda writer, _, outcomes: also(writer, outcomes),
    )


def declare_trend(trend: Trend) -> BatchStep:
    """Declare the asset of what is made of all measurements."""
    page = OwnedFiles(f"plots/monitors/{trend.page_folder}", ".+")
    return BatchStep(
        trend.name,
        trend.about,
        partitions=None,
        upstream=trend.upstream,
        owns=Ownership(
            others=(*trend.owned, *trend.kept, MonitorState), files=(page, *trend.files)
        ),
        locate=lambda clients, _keys, _settings: [_make(trend, clients)],
        decide=_refuse,
        group=GROUP,
        kinds={"matplotlib", "bokeh"},
        code_version=trend.code_version,
        then=(
            lambda _, clients, outcomes: date_decision(
                clients.database, trend, outcomes[0].payload.read_at
            ),
        ),
        check_specs=tuple(describe_limits(trend)),
        check=lambda _, outcomes: check_limits(trend, outcomes[0].payload.report.verdicts),
    )


def _make(trend: Trend, clients: Clients) -> Outcome:
    """Make a trend here, for it has the workers draw; what became of it is the payload."""
    make_tables(clients.database, foreign_tables())
    publish_scripts(clients.filesystem)
    made = make_trend(trend, clients)
    record_trend(trend, clients, made.report)
    return replace(made.outcome, payload=made)


def _refuse(task: object) -> Outcome:
    """Refuse; never called, for the outcome of a trend is decided before its batch is recorded."""
    raise AssertionError(task)
