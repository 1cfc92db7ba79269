"""Report the loss of charge per transfer over years and signals, with the model through it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.eper_cte.cti_model import CtiModel, fit_model
from hstql_assets.monitors.eper_cte.selection import EperSelection, load_eper
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, TrendReport, Verdict
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.pages.charts import Axis, Chart, Line, Points
from hstql_assets.pages.colours import COLOURS
from hstql_resources.columns import Columns
from hstql_resources.times import latest_of

SIGMAS = 5.0
AS_MODEL = Limit(
    "loss_as_model",
    "The latest loss per transfer of each amplifier is within the tolerance of eper.toml, or five "
    "errors, of the model through all flats before it.",
)
TIME = Axis("start of the exposure, MJD (UTC)", "mjd")


@dataclass(frozen=True, eq=False)
class CteHistory:
    """All that was measured of trails.

    Attributes
    ----------
    rows : Columns
        Of `eper_cte`, by time.
    unused : Unused
        Why flats were not measured.
    """

    rows: Columns
    unused: Unused


@dataclass(frozen=True, eq=False)
class Amplifier:
    """One amplifier over time; arrays of shape (n,), by time.

    Attributes
    ----------
    detector, name : str
    mjd, signal, cti, errors : ndarray
        Start of the flats, MJD; signal [electron]; loss per transfer, and its error.
    rootnames : tuple of str
    selection : EperSelection
        Of the detector.
    """

    detector: str
    name: str
    mjd: NDArray[np.float64]
    signal: NDArray[np.float64]
    cti: NDArray[np.float64]
    errors: NDArray[np.float64]
    rootnames: tuple[str, ...]
    selection: EperSelection

    def fit(self, chosen: NDArray[np.bool_] | slice = slice(None)) -> CtiModel | None:
        """Return the model through some of the flats; None if they are too few."""
        return fit_model(
            self.mjd[chosen], self.signal[chosen], self.cti[chosen], self.errors[chosen],
            self.selection.signal_e, self.selection.power,
        )  # fmt: skip

    @property
    def scaled(self) -> NDArray[np.float64]:
        """What losses are taken times, so that they are those at the signal of the table."""
        model = self.fit()
        power = self.selection.power if model is None else model.power
        return np.asarray((self.signal / self.selection.signal_e) ** -power)


def summarize_cte(history: CteHistory, _: TrendContext) -> TrendReport:
    """Return the report about the trails of all flats."""
    left = history.unused.number
    unused = history.unused.list("Flats that could not be used", "flats")
    if not len(history.rows):
        nothing = f"There is no flat with a larger overscan yet; {left} flats could not be used."
        return TrendReport(nothing, 0, sections=(unused,))
    setups = _split(history.rows)
    verdicts = [_judge(one, label) for label, own in setups.items() for one in own]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    exposures = len(set(history.rows["rootname"]))
    return TrendReport(
        f"{exposures} flats with a larger overscan, {left} could not be used; the latest loss of "
        f"{beyond} of {len(verdicts)} amplifiers is not as the model has it.",
        exposures,
        latest_of(history.rows.numbers("exp_start_mjd")),
        sections=(
            *(_make_section(label, own) for label, own in setups.items()),
            unused,
        ),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
    )


def _split(rows: Columns) -> dict[str, list[Amplifier]]:
    """Return the amplifiers of each detector and binning that the table still names."""
    found: dict[str, list[Amplifier]] = {}
    kinds = sorted(set(zip(rows["detector"], rows["binning"].astype(int),
                           rows["amplifier"], strict=True)))  # fmt: skip
    for detector, binning, amplifier in kinds:
        if (selection := load_eper().get(detector)) is None:
            continue
        is_own = (rows["detector"] == detector) & (rows["amplifier"] == amplifier)
        own = rows.where(is_own & (rows["binning"] == binning))
        label = f"{detector}, binned by {binning}" if binning > 1 else detector
        found.setdefault(label, []).append(
            Amplifier(
                detector,
                amplifier,
                own.numbers("exp_start_mjd"),
                own.numbers("signal"),
                own.numbers("cti"),
                own.numbers("cti_error"),
                tuple(own["rootname"]),
                selection,
            )
        )
    return found


def _judge(one: Amplifier, label: str) -> Verdict:
    """Hold the latest flat against the model through those before it."""
    what, name = f"{label}, amplifier {one.name}", one.rootnames[-1]
    model = one.fit(slice(-1)) if len(one.cti) > 1 else None
    if model is None:
        return Verdict(AS_MODEL.name, what, None, f"{name}: fewer than 3 epochs before it")
    expected = float(model.predict(one.mjd[-1:], one.signal[-1:])[0])
    latest, error = float(one.cti[-1]), float(one.errors[-1])
    allowed = max(one.selection.tolerance * abs(expected), SIGMAS * error)
    sentence = (
        f"{name}: {latest:.3g} ± {error:.1g} at {one.signal[-1]:.0f} electrons against "
        f"{expected:.3g}, {allowed:.1g} allowed"
    )
    is_within = abs(latest - expected) <= allowed
    return Verdict(AS_MODEL.name, what, "ok" if is_within else "warning", sentence)


def _make_section(label: str, amplifiers: Sequence[Amplifier]) -> Section:
    selection = amplifiers[0].selection
    name = label.lower().replace(", binned by ", "_binning")
    models = [(one, one.fit()) for one in amplifiers]
    rows = tuple(_tabulate(one, model) for one, model in models)
    note = (
        f"Published: {selection.growth_per_year:g} a year at {selection.signal_e:g} electrons, "
        f"power {selection.power:g}. Of the chart over time each loss is taken to that signal by "
        "the power of its amplifier. A trail that goes on beyond the overscan is not in a loss: "
        "it is a lower bound."
    )
    return Section(
        label,
        (_draw_years(name, label, models), _draw_signals(name, label, amplifiers)),
        note,
        ("amplifier", "flats", f"loss at {selection.signal_e:g} e- in the middle",
         "growth a year", "power of the signal", "chi square"),
        rows,
    )  # fmt: skip


def _tabulate(one: Amplifier, model: CtiModel | None) -> tuple[str, ...]:
    number = str(len(one.cti))
    if model is None:
        return (one.name, number, "fewer than 3 epochs", "", "", "")
    return (
        one.name,
        number,
        f"{model.at:.3g} ± {model.at_error:.1g}",
        f"{model.slope:.3g} ± {model.slope_error:.1g}",
        f"{model.power:.3f} ± {model.power_error:.3f}",
        f"{model.chi_square:.2f}",
    )


def _draw_years(
    name: str, label: str, models: Sequence[tuple[Amplifier, CtiModel | None]]
) -> Chart:  # fmt: skip
    """Draw the losses at one signal over time, with the model of each amplifier."""
    layers: list[Points | Line] = []
    signal = models[0][0].selection.signal_e
    for one, model in models:
        colour, scale = COLOURS["ABCD".index(one.name)], one.scaled
        what = f"amplifier {one.name}"
        layers.append(
            Points(one.mjd, one.cti * scale, what, one.errors * scale, one.rootnames, colour=colour)
        )
        if model is not None:
            ends = np.array([one.mjd.min(), one.mjd.max()])
            layers.append(Line(ends, model.predict(ends, np.full(2, signal)), what, colour=colour))
    return Chart(
        f"{name}_years",
        f"{label}: loss at {signal:g} electrons over time",
        TIME,
        Axis("loss of charge per transfer"),
        tuple(layers),
    )


def _draw_signals(name: str, label: str, amplifiers: Sequence[Amplifier]) -> Chart:
    layers = tuple(
        Points(one.signal, one.cti, f"amplifier {one.name}", one.errors, one.rootnames,
               colour=COLOURS["ABCD".index(one.name)])
        for one in amplifiers
    )  # fmt: skip
    return Chart(
        f"{name}_signals",
        f"{label}: loss by signal",
        Axis("signal of the last row (electrons)", "log"),
        Axis("loss of charge per transfer", "log"),
        layers,
    )
