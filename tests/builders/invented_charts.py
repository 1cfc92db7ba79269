"""Charts of everything that can be drawn, invented from a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from hstql_assets.monitors.framework.monitor import Trend
from hstql_assets.monitors.framework.report import Section, TrendReport, Verdict
from hstql_assets.monitors.framework.states import make_state
from hstql_assets.pages.charts import (
    Axis,
    Band,
    Boxes,
    Chart,
    Colour,
    Image,
    Line,
    Mark,
    Points,
    Steps,
)

TIME = Axis("start of the exposure, MJD (UTC)", "mjd")
RATE = Axis("dark rate (counts/s/pixel)")
PLAIN = Axis("x (pixels)")
HOSTILE = "</script><img src=x onerror=alert(1)> $$x$$ {{7*7}} \\(a\\)"


def names(number: int) -> tuple[str, ...]:
    return tuple(f"ltst{index:04d}q" for index in range(number))


def chart(
    *layers: object, x: Axis = TIME, y: Axis = RATE, name: str = "one", **more: object
) -> Chart:
    return Chart(name, f"Title of {name}", x, y, layers, **more)  # type: ignore[arg-type]


def trend_chart(number: int = 300) -> Chart:
    """A trend of two segments with errors, newest points, a fit, marks and a band."""
    rng = np.random.default_rng(5)
    mjd = np.sort(rng.uniform(55000, 60900, number))
    law = 1e-6 * (1.5 + np.sin(mjd / 600))
    rates = law + rng.normal(0, 1e-7, number)
    newest = mjd >= mjd[-1] - 30
    one = Points(mjd, rates, "FUVA", np.full(number, 1e-7), names(number), is_newest=newest)
    return chart(
        Band(57000, 57400, "third position", "vertical"),
        one,
        replace(one, y=2 * rates, label="FUVB", symbol="square", rootnames=names(number)),
        Line(mjd, law, "FUVA"),
        Mark(5.2e-6, "requirement", is_limit=True),
        Mark(56131.0, "second position", "vertical"),
        Mark(1e-3, "far limit", is_limit=True),
        name="dark_rate_trend",
        note=f"{number} exposures.",
    )


def map_chart() -> Chart:
    """An image with outlines, and points coloured by value."""
    rng = np.random.default_rng(6)
    pixels = rng.normal(12, 1, (512, 2048))
    pixels[:60] = np.nan
    return chart(
        Image(pixels, 0, 16384, 0, 1024),
        Boxes(*(np.array([float(edge)]) for edge in (4000, 7200, 395, 425)), label="flagged"),
        x=PLAIN, y=Axis("y (pixels)"), name="gain_map", colour=Colour("modal gain", 0, 20),
    )  # fmt: skip


def scatter_chart() -> Chart:
    """Points whose colour is a value, some unknown, with a logarithmic bar."""
    rng = np.random.default_rng(7)
    values = np.where(rng.random(400) < 0.1, np.nan, rng.lognormal(-13, 1, 400))
    points = Points(rng.uniform(0, 360, 400), rng.uniform(-28, 28, 400), "FUVA", values=values)
    return chart(
        points, x=Axis("longitude (deg)", limits=(0, 360)), y=Axis("latitude (deg)"),
        name="orbit", colour=Colour("dark rate (counts/s/pixel)", 1e-7, 1e-4, True),
    )  # fmt: skip


def histogram_chart() -> Chart:
    rng = np.random.default_rng(8)
    edges = np.linspace(0, 5, 51)
    counts = np.histogram(rng.gamma(2, 1, 3000), edges)[0].astype(float)
    return chart(
        Steps(edges, counts, "2024"), Mark(1.7, "median", "vertical"),
        x=PLAIN, y=Axis("number", "log"), name="histogram",
    )  # fmt: skip


def crowded_chart(number: int = 24) -> Chart:
    """Many series with long labels."""
    mjd = np.linspace(55000, 60000, 20)
    layers = [
        Points(mjd, mjd * 0 + i, f"G130M 1291 FP-POS {i}, segment FUVA") for i in range(number)
    ]
    return chart(*layers, name="settings")


def broken_chart() -> Chart:
    """What must not break a page: NaN, infinity, values that a logarithm does not have, markup."""
    nan, inf = np.nan, np.inf
    points = Points(
        np.array([58000, nan, 58010, 58020, 58030, inf]), np.array([1, 2, 0, -3, inf, 5.0]),
        HOSTILE, np.array([nan, 1, 1, 1, 1, inf]), (HOSTILE,) * 6,
        np.array([1, nan, inf, 2, 3, 4.0]),
    )  # fmt: skip
    return replace(
        chart(
            points,
            Line(np.array([58000, 58005, 58010, 58012.0]), np.array([1, nan, 20, -3]), HOSTILE),
            Steps(np.array([58000.0, 58001, 58002]), np.array([nan, 2.0]), HOSTILE),
            Image(np.full((3, 4), nan), 58000, 58001, 1, 2),
            Boxes(*(np.array([nan, value]) for value in (58000, 58001, 1, 2))),
            Mark(nan, HOSTILE), Mark(50, HOSTILE, is_limit=True), Mark(inf, HOSTILE),
            Band(-inf, inf, HOSTILE), Band(nan, 3, HOSTILE),
            x=replace(TIME, label=HOSTILE), y=Axis(HOSTILE, "log"), name="broken", note=HOSTILE,
        ),
        title=HOSTILE,
    )  # fmt: skip


def empty_charts() -> list[Chart]:
    nothing = np.empty(0)
    return [
        chart(name="empty"),
        chart(Points(nothing, nothing, "FUVA"), name="empty_points"),
        chart(Points(np.array([np.nan]), np.array([1.0])), name="only_nan"),
        chart(Line(nothing, nothing), Steps(np.array([0.0]), nothing), name="empty_line"),
        chart(Image(np.empty((0, 0)), 0, 1, 0, 1), x=PLAIN, name="empty_image"),
    ]


def small_charts() -> list[Chart]:
    one = Points(np.array([58000.25]), np.array([3e-6]), "FUVA", np.array([1e-7]), ("ltst0001q",),
                 is_newest=np.array([True]))  # fmt: skip
    return [
        chart(one, name="one_point"),
        chart(replace(one, errors=np.array([np.inf])), y=Axis("y", "log"), name="one_on_log"),
        chart(Points(np.arange(58000.0, 58009), np.full(9, 7.0)), name="equal"),
        chart(Points(np.arange(9.0), np.zeros(9)), x=PLAIN, name="zeros"),
        chart(Mark(3.0, "limit"), Mark(58000.0, "date", "vertical"), name="only_marks"),
        chart(Points(np.array([-1e308, 1e308]), np.array([1e308, -1e308])), x=PLAIN, name="huge"),
    ]


def all_charts() -> list[Chart]:
    return [
        trend_chart(), map_chart(), scatter_chart(), histogram_chart(), crowded_chart(),
        broken_chart(), *empty_charts(), *small_charts(),
    ]  # fmt: skip


def make_trend(name: str = "dark_rate_monitor", title: str = "Dark rates of COS") -> Trend:
    return Trend(name, title, "Dark rate over the years.", (), list, summarize=None)  # type: ignore[arg-type]


def make_report(
    charts: Sequence[Chart], verdicts: Sequence[Verdict] = (), exposures: int = 300
) -> TrendReport:
    table = Section("Latest", columns=("exposure", "rate"), rows=(("ltst0001q", "1.2e-06"),))
    sections = (Section("Trends", tuple(charts), "Medians of 25 s."), table)
    return TrendReport("The dark rate is 1.2e-06.", exposures, 60899.5, sections, tuple(verdicts))


def make_row(
    trend: Trend, report: TrendReport, before: Mapping[str, object] | None = None
) -> dict[str, object]:
    page = f"monitors/{trend.name}/index.html"
    return make_state(trend.name, trend.title, page, report, before)
