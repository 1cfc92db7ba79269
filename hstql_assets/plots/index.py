"""Render the index: the page that links everything, target by target."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from hstql_assets.pages.pages import link, render
from hstql_assets.plots.items import Item
from hstql_assets.plots.registry import sort_items
from hstql_resources.filesystem import Filesystem

# Pages under the folder of the monitors.
MONITORS = {
    "Monitors": ("index.html", "what each instrument does over the years, alarms first."),
    "Cameras": (
        "images/index.html",
        "bias level, read noise, dark current and hot pixels of ACS and WFC3.",
    ),
}


@dataclass(frozen=True)
class _Link:
    label: str
    address: str | None
    thumbnail: str | None = None


@dataclass(frozen=True)
class _Target:
    slug: str
    name: str
    words: str
    composites: tuple[_Link, ...]
    lightcurves: tuple[_Link, ...]


def render_index(items: Sequence[Item], filesystem: Filesystem) -> str:
    """Return the index of all plots.

    Parameters
    ----------
    items : sequence of Item
        All composites and lightcurves.
    filesystem : Filesystem
        Where the pages are.

    Returns
    -------
    str
        HTML. Its date is that of the last product, so that the same products give the same page.
    """
    page = filesystem.plots / "index.html"
    by_target = attrgetter("target")
    return render(
        "index.html",
        page,
        filesystem.plots,
        "Lightcurves of COS and STIS",
        scripts=("index.js",),
        counts=_count(items),
        tables=_tables(items, filesystem, page),
        targets=[
            _target(slug, list(group), page)
            for slug, group in groupby(sorted(items, key=by_target), key=by_target)
        ],
    )


def _count(items: Sequence[Item]) -> list[tuple[str, str]]:
    kinds = [item.kind for item in items]
    newest = max((item.made_at for item in items), default=None)
    return [
        ("targets", str(len({item.target for item in items}))),
        ("composites", str(kinds.count("composite"))),
        ("lightcurves", str(kinds.count("individual"))),
        ("last one made (UTC)", "never" if newest is None else f"{newest:%Y-%m-%d %H:%M}"),
    ]


def _tables(
    items: Sequence[Item], filesystem: Filesystem, page: Path
) -> list[tuple[str, str, str]]:
    links = [
        (listing.heading, link(listing.find(filesystem), page), f"{len(found)}. {listing.rule}")
        for listing, found in sort_items(items).items()
    ]
    charts = "exposure time per target, configurations, optical elements."
    links.append(("Summary", link(filesystem.plots / "summary.html", page), charts))
    monitors = filesystem.plots / "monitors"
    return links + [
        (name, link(monitors / place, page), note) for name, (place, note) in MONITORS.items()
    ]


def _target(slug: str, items: Sequence[Item], page: Path) -> _Target:
    names = list(dict.fromkeys(item.target_name for item in items))
    composites = [item for item in items if item.kind == "composite"]
    words = [slug, *names, *(item.label for item in items), *(item.path.name for item in items)]
    return _Target(
        slug=slug,
        name=names[0],
        words=" ".join(dict.fromkeys(words)).lower(),
        composites=tuple(
            _link(item, f"{item.label}, {_count_exposures(item)}", page) for item in composites
        ),
        lightcurves=tuple(
            _link(item, f"{item.path.name.removesuffix('_curve.fits')} {item.label}", page)
            for item in items
            if item.kind == "individual"
        ),
    )


def _count_exposures(item: Item) -> str:
    return f"{item.exposures} exposure{'s' if item.exposures != 1 else ''}"


def _link(item: Item, label: str, page: Path) -> _Link:
    if not item.plots.page.is_file():
        return _Link(label, None)
    thumbnail = link(item.plots.thumbnail, page) if item.kind == "composite" else None
    return _Link(label, link(item.plots.page, page), thumbnail)
