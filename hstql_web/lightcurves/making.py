"""Make one lightcurve on the spot: the task of a process of its own.

Of one exposure it is what `hstql lightcurve` makes, of several a composite by the same rules as
those of the catalogue.
"""

import os
import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hstql_assets.composites.choosing import Member
from hstql_assets.composites.composing import Composite, compose
from hstql_assets.composites.configuration import Configuration
from hstql_assets.composites.making import KnownFile, list_provenance
from hstql_assets.composites.product import CompositeProduct, write_composite
from hstql_assets.lightcurves.fits_table import COLUMNS, column_values
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve, make_lightcurves
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.pages.chart_panels import Panel
from hstql_resources.table_files.columns import Column
from hstql_web.curve_charts import draw_table
from hstql_web.exports import write
from hstql_web.lightcurves.choices import MOST_BINS

MOST_S = 120  # of time
MOST_MEMORY = 4 << 30  # bytes of addresses
_MOST_CPU_S = 3 * MOST_S  # in case nobody is left to stop it
_NICE = 10  # pages come first


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be made.

    Attributes
    ----------
    members : tuple of Member
        The exposures, one at least.
    files : mapping of Path to KnownFile
        Their files.
    settings : ExtractionSettings
        How to extract.
    configuration : Configuration or None
        What the exposures have in common; None for the lightcurve of one exposure.
    target_name : str
        Of a composite.
    stem : str
        What the files are called, without their ending.
    folder : Path
        Where to write.
    """

    members: tuple[Member, ...]
    files: Mapping[Path, KnownFile]
    settings: ExtractionSettings
    configuration: Configuration | None
    target_name: str
    stem: str
    folder: Path


@dataclass(frozen=True)
class Made:
    """What was made; its arrays are in the files.

    Attributes
    ----------
    fits, csv : Path
        The files.
    facts : tuple of (str, str)
        What it holds, by name.
    remarks : tuple of str
        What is left out or odd, a sentence each.
    panels : dict of str to Panel
        The plots, by title.
    """

    fits: Path
    csv: Path
    facts: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    panels: dict[str, Panel]


def limit_process() -> None:
    """Let this process take no more than it may, and all others go first."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_CPU_S, _MOST_CPU_S + 5))


def make(task: Task) -> Made | str:
    """Make files and plots; return instead one sentence on why there is nothing."""
    path = task.folder / f"{task.stem}.fits"
    if task.configuration is None:
        curves, remarks = _make_one(task, path)
    else:
        curves, remarks = _make_composite(task, task.configuration, path)
    if not curves:
        return " ".join(remarks)
    bins = sum(len(curve.bins.times_s) for curve in curves)
    if bins > MOST_BINS:
        return f"It would have {bins:,} bins: choose wider ones, for at most {MOST_BINS:,}."
    numbers = path.with_suffix(".csv")
    with numbers.open("wb") as file:
        file.writelines(_write_csv(curves))
    panels = draw_table(read_curve_table(path))
    return Made(path, numbers, _sum_up(curves, bins), tuple(remarks), panels)


def _make_one(task: Task, path: Path) -> tuple[Sequence[Lightcurve], Sequence[str]]:
    (member,) = task.members
    (made,) = make_lightcurves(member.events, member.x1d, [task.settings], member.spt)
    if not isinstance(made, Lightcurve):
        return (), (str(made),)
    write_lightcurve(made, path)
    return (made,), made.remarks


def _make_composite(
    task: Task, configuration: Configuration, path: Path
) -> tuple[Sequence[Lightcurve], Sequence[str]]:
    composition = compose(task.members, task.settings, _extract)
    composite: Composite | None = composition.composite
    if composite is None:
        return (), composition.remarks
    provenance = list_provenance(task.files, composite)
    product = CompositeProduct(
        composite, configuration, task.target_name, provenance, composition.remarks
    )
    write_composite(product, path)
    return composite.curves, composition.remarks


def _extract(member: Member, settings: ExtractionSettings) -> Lightcurve:
    return make_lightcurve(member.events, member.x1d, settings, member.spt)


def _write_csv(curves: Sequence[Lightcurve]) -> Iterator[bytes]:
    columns = [Column("rootname", "Exposure", str)]
    columns += [Column(one.name, one.description, float) for one in COLUMNS]
    return write("csv", columns, _list_rows(curves))


def _list_rows(curves: Sequence[Lightcurve]) -> Iterator[Sequence[Any]]:
    for number, curve in enumerate(curves, 1):
        arrays = [
            (values.astype(int) if column.form == "J" else values).tolist()
            for column, values in zip(COLUMNS, column_values(curve, number), strict=True)
        ]
        for row in zip(*arrays, strict=True):
            yield curve.exposure.rootname, *row


def _sum_up(curves: Sequence[Lightcurve], bins: int) -> tuple[tuple[str, str], ...]:
    totals = [curve.totals for curve in curves]
    gross, background = (sum(getattr(one, name) for one in totals) for name in
                         ("gross", "background"))  # fmt: skip
    found = [
        ("exposures", str(len(curves))),
        ("segments", ", ".join(dict.fromkeys(name for one in curves for name in one.segments))),
        ("bins", f"{bins:,}"),
        ("live time (s)", f"{sum(one.exposure_s for one in totals):,.1f}"),
        ("events", f"{gross:,.0f}"),
        ("background among them", f"{background:,.1f}"),
    ]
    if all(curve.is_flux_calibrated for curve in curves):
        low, high = min(one.wave_min for one in curves), max(one.wave_max for one in curves)
        found.append(("wavelengths (Å)", f"{low:.2f} to {high:.2f}"))
    if len(curves) == 1 and curves[0].is_flux_calibrated:
        flux, error = totals[0].flux, totals[0].flux_error
        found.append(("mean flux (erg/s/cm²/Å)", f"{flux:.4g} ± {error:.2g}"))
    return tuple(found)
