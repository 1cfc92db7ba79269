"""What the trends of the cameras say, for the index of monitors."""

from collections.abc import Mapping, Sequence

from hstql_assets.monitors.cameras.limits import Verdict as ImageVerdict
from hstql_assets.monitors.framework.report import State, TrendReport, Verdict

TITLE = "Cameras: bias level, read noise, dark current and hot pixels"
PAGE = "monitors/images/index.html"
STATES: Mapping[bool | None, State | None] = {True: "ok", False: "warning", None: None}


def report_images(
    rows: Sequence[Mapping[str, object]], verdicts: Sequence[ImageVerdict]
) -> TrendReport:
    """Return the report of the trends, without what is drawn.

    Parameters
    ----------
    rows : sequence of mappings
        Rows of `image_statistics`, see `inputs.read_trend_rows`.
    verdicts : sequence of ImageVerdict
        What the limits say.
    """
    exposures = {str(row["rootname"]) for row in rows}
    if not exposures:
        return TrendReport("There is no DARK or BIAS exposure with numbers yet.", exposures=0)
    beyond = sum(verdict.is_within is False for verdict in verdicts)
    times = [mjd for row in rows if isinstance(mjd := row["exp_start_mjd"], float)]
    return TrendReport(
        f"{len(exposures)} DARK and BIAS exposures of ACS and WFC3; {beyond} of {len(verdicts)} "
        "limits are passed.",
        len(exposures),
        max(times, default=None),
        verdicts=tuple(
            Verdict(one.quantity, one.label, STATES[one.is_within], one.sentence)
            for one in verdicts
        ),
    )
