"""Report bias level, read noise, dark current and hot pixels of the cameras over time."""

from collections.abc import Sequence
from itertools import groupby

from hstql_assets.monitors.cameras.charts import draw_trend
from hstql_assets.monitors.cameras.limits import judge_all
from hstql_assets.monitors.cameras.series import Series, make_series
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Section, TrendReport
from hstql_resources.columns import Columns
from hstql_resources.times import latest_of


def summarize_images(rows: Columns, _: TrendContext) -> TrendReport:
    """Return the report about all DARK and BIAS exposures, from what `read_trend_rows` returns."""
    exposures = set(rows["rootname"])
    if not exposures:
        return TrendReport("There is no DARK or BIAS exposure with numbers yet.", exposures=0)
    series = make_series(rows)
    verdicts, sections = judge_all(series), _make_sections(series)
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    return TrendReport(
        f"{len(exposures)} DARK and BIAS exposures of ACS and WFC3; {beyond} of {len(verdicts)} "
        "limits are passed.",
        len(exposures),
        latest_of(rows.numbers("exp_start_mjd")),
        sections=sections,
        verdicts=tuple(verdicts),
        metadata={"trends": sum(len(section.charts) for section in sections)},
    )


def _make_sections(series: Sequence[Series]) -> tuple[Section, ...]:
    """Put the amplifiers of a quantity into a chart, and the charts of a set-up together."""
    return tuple(
        Section(
            setup.label,
            tuple(
                draw_trend(list(amplifiers))
                for _, amplifiers in groupby(own, key=lambda one: one.quantity.name)
            ),
        )
        for setup, own in groupby(series, key=lambda one: one.setup)
    )
