"""Chart the slews of acquisition images."""

import numpy as np

from hstql_assets.monitors.acquisitions.history import Acquisitions, Flags, Floats, point_size
from hstql_assets.monitors.acquisitions.problems import LONGEST_IMAGE_SLEW_ARCSEC, Problems
from hstql_assets.pages.charts import Axis, Chart, Layer, Line, Mark, Points, Steps

FARTHEST_SHOWN_ARCSEC = 5.0
BIN_ARCSEC = 0.1
ALONG = "slew along the dispersion, ACQSLEWX (arcsec)"
ACROSS = "slew across the dispersion, ACQSLEWY (arcsec)"


def draw_slews(images: Acquisitions, problems: Problems, newest_mjd: float | None) -> Chart:
    """Return where the slews went, by aperture and mirror, with the circle of 2 arcsec.

    Parameters
    ----------
    images : Acquisitions
        The ACQ/IMAGE exposures.
    problems : Problems
        Of them. Those that failed or had the shutter closed are left out.
    newest_mjd : float or None
        Of all acquisitions, MJD UTC.
    """
    shown = ~(problems.is_failed | problems.is_closed) & _has_slew(images)
    good, far = images.where(shown), images.where(shown & problems.is_far)
    reach = _find_reach(good)
    layers: list[Layer] = [_draw_circle()]
    layers += [
        _points(part, name, newest_mjd) for name, part in sorted(_by_configuration(good).items())
    ]
    if len(far):
        layers.append(
            Points(far.slew_x_arcsec, far.slew_y_arcsec, "2 arcsec or more",
                   rootnames=far.rootnames, symbol="x", size=9.0, colour="#c62828")
        )  # fmt: skip
    beyond = int((_longest_coordinate(good) > reach).sum())
    outside = f" {beyond} beyond the edges." if beyond else ""
    return Chart(
        "acq_image_slews",
        "Slews of ACQ/IMAGE",
        Axis(ALONG, limits=(-reach, reach)),
        Axis(ACROSS, limits=(-reach, reach)),
        tuple(layers),
        note=f"{len(good)} of {len(images)} exposures: those that succeeded with the shutter open."
        f"{outside} Rings: the last 30 days with data.",
        height=520,
        is_square=True,
    )


def draw_distribution(images: Acquisitions, problems: Problems) -> Chart:
    """Return how many slews have which length along each axis.

    Parameters are those of `draw_slews`.
    """
    good = images.where(~(problems.is_failed | problems.is_closed) & _has_slew(images))
    reach = _find_reach(good)
    bins = 2 * int(np.ceil(reach / BIN_ARCSEC))
    edges: Floats = BIN_ARCSEC * (np.arange(bins + 1, dtype=np.float64) - bins / 2)
    slews = {"along the dispersion": good.slew_x_arcsec, "across": good.slew_y_arcsec}
    layers: list[Layer] = [
        Steps(edges, _count(values, edges), label) for label, values in slews.items()
    ]
    layers += [
        Mark(sign * LONGEST_IMAGE_SLEW_ARCSEC, label, "vertical", is_limit=True)
        for sign, label in ((-1.0, "2 arcsec"), (1.0, ""))
    ]
    return Chart(
        "acq_image_slew_distribution",
        "Distribution of the slews of ACQ/IMAGE",
        Axis("slew (arcsec)", limits=(float(edges[0]), float(edges[-1]))),
        Axis(f"exposures per {BIN_ARCSEC} arcsec"),
        tuple(layers),
        note=f"{len(good)} exposures, as above.",
    )


def _points(part: Acquisitions, name: str, newest_mjd: float | None) -> Points:
    return Points(
        part.slew_x_arcsec,
        part.slew_y_arcsec,
        name,
        rootnames=part.rootnames,
        is_newest=part.is_newest(newest_mjd),
        size=point_size(len(part)),
    )


def _by_configuration(images: Acquisitions) -> dict[str, Acquisitions]:
    names = np.array(
        [
            f"{aperture or '?'}-{mirror or '?'}"
            for aperture, mirror in zip(images.aperture, images.opt_elem, strict=True)
        ],
        np.object_,
    )
    return {name: images.where(np.asarray(names == name, np.bool_)) for name in set(names)}


def _draw_circle() -> Line:
    angle = np.linspace(0.0, 2.0 * np.pi, 181)
    radius = LONGEST_IMAGE_SLEW_ARCSEC
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return Line(x, y, "2 arcsec", dash="dashed", colour="#c62828")


def _count(values: Floats, edges: Floats) -> Floats:
    """Count values, shape (n,), between edges, shape (bins + 1,), arcsec; return shape (bins,)."""
    counts: Floats = np.histogram(values, edges)[0].astype(np.float64)
    return counts


def _has_slew(images: Acquisitions) -> Flags:
    return np.isfinite(images.slew_x_arcsec) & np.isfinite(images.slew_y_arcsec)


def _longest_coordinate(images: Acquisitions) -> Floats:
    return np.maximum(np.abs(images.slew_x_arcsec), np.abs(images.slew_y_arcsec))


def _find_reach(images: Acquisitions) -> float:
    longest = float(_longest_coordinate(images).max(initial=0.0))
    return min(max(1.05 * longest, 1.1 * LONGEST_IMAGE_SLEW_ARCSEC), FARTHEST_SHOWN_ARCSEC)
