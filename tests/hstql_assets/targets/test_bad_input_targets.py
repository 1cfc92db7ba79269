"""Odd names of targets, equal times, and exposures that share no wavelength, to the composite."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from astropy.io import fits

from builders.pipeline import Pipeline
from builders.target_steps import run_targets
from hstql_assets.lightcurves.table import read_curve_table
from hstql_resources.tables import Composite, CompositeMember, Lightcurve

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9.+-]{0,28}[a-z0-9])?")
NAMES = (
    "A-TARGET-WITH-A-NAME-OF-FORTY-CHARACTERS",
    "STAR*42",
    "STAR/42",
    "../../../etc/passwd",
    "..",
    "/",
    "",
    "'); DROP TABLE lightcurves; --",
    '"quoted" \\ %s %(x)s {0}',
    "<script>alert(1)</script>",
    "NUL\tCON.",
    "-rf",
)
AddExposure = Callable[..., Path]


def set_keywords(folder: Path, **keywords: object) -> None:
    for path in folder.glob("*.fits"):
        with fits.open(path, mode="update") as hdus:
            for keyword, value in keywords.items():
                if keyword in hdus[0].header:
                    hdus[0].header[keyword] = value


def set_wavelengths(folder: Path, first: float, last: float) -> None:
    (path,) = folder.glob("*_x1d.fits")
    with fits.open(path, mode="update") as hdus:
        waves = hdus[1].data["WAVELENGTH"]
        hdus[1].data["WAVELENGTH"] = np.linspace(first, last, waves.shape[1])


def test_no_name_of_a_target_leaves_its_folder_or_loses_its_exposure(
    pipeline: Pipeline, add_exposure: AddExposure
) -> None:
    keys = [f"lnam{number:02d}aaq" for number in range(len(NAMES))]
    for number, (key, name) in enumerate(zip(keys, NAMES, strict=True)):
        printable = name.replace("\t", " ")
        set_keywords(add_exposure(key), TARGNAME=printable, DEC_TARG=-40.0 + number)
    decisions = pipeline.run(keys) | run_targets(pipeline)
    for asset, outcomes in decisions.items():
        for key, outcome in outcomes.items():
            assert outcome.status in ("made", "none"), (asset, key, outcome.reason)
    curves = pipeline.rows(Lightcurve)
    assert [row["rootname"] for row in curves] == keys
    slugs = [str(row["target"]) for row in curves]
    assert all(SLUG.fullmatch(slug) and ".." not in slug for slug in slugs), slugs
    assert len(set(slugs)) == len(slugs), slugs
    check_places(pipeline, slugs)
    check_pages(pipeline)


def check_places(pipeline: Pipeline, slugs: list[str]) -> None:
    """Every file is below the home, in the folder of its product, with a plain name."""
    for row in pipeline.rows(Lightcurve):
        path = Path(str(row["path"]))
        folder = pipeline.home / "products" / "lightcurves" / str(row["target"])
        assert path == folder / f"{row['rootname']}_curve.fits"
        assert path.resolve() == path
        assert path.is_file()
    composites = pipeline.rows(Composite)
    assert sorted(str(row["target"]) for row in composites) == sorted(slugs)
    for row in composites:
        path = Path(str(row["path"]))
        assert path.parent == pipeline.home / "products" / "composites"
        assert path.is_file()
    for name in pipeline.files():
        assert re.fullmatch(r"[a-zA-Z0-9._+/-]+", name), name
        assert ".." not in name


class Page(HTMLParser):
    """What of a page a browser would run or open."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.scripts: list[str] = []
        self._is_script = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._is_script = tag == "script"
        for name, value in attributes:
            if name in ("href", "src"):
                self.links.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, text: str) -> None:
        if self._is_script:
            self.scripts.append(text.strip())

    def handle_endtag(self, tag: str) -> None:
        self._is_script = False


def check_pages(pipeline: Pipeline) -> None:
    """No name became a script, and every link leads to a file."""
    pages = sorted(pipeline.home.rglob("*.html"))
    assert len(pages) > 2 * len(NAMES)
    for path in pages:
        page = Page(path)
        assert page.handlers == [], path
        assert not any(script.startswith("alert") for script in page.scripts), path
        for link in page.links:
            name = unquote(urlsplit(link).path)
            assert urlsplit(link).scheme in ("", "data"), (path, link)
            assert not name or link.startswith("data:") or (path.parent / name).is_file(), (
                path,
                link,
            )


def test_a_name_is_in_the_product_as_the_header_has_it(
    pipeline: Pipeline, add_exposure: AddExposure
) -> None:
    name = "<b>O'NEIL*/..</b>"
    set_keywords(add_exposure("lnam50aaq"), TARGNAME=name)
    pipeline.extract(["lnam50aaq"])
    run_targets(pipeline)
    for row in (*pipeline.rows(Lightcurve), *pipeline.rows(Composite)):
        assert fits.getval(str(row["path"]), "TARGNAME") == name


def test_two_exposures_with_the_same_times_are_two_datasets(
    pipeline: Pipeline, add_exposure: AddExposure
) -> None:
    keys = ["lsam02aaq", "lsam01aaq"]
    for key in keys:
        add_exposure(key)
    pipeline.extract(keys)
    decisions = run_targets(pipeline)
    for asset, outcomes in decisions.items():
        assert {outcome.status for outcome in outcomes.values()} == {"made"}, asset
    (row,) = pipeline.rows(Composite)
    table = read_curve_table(Path(str(row["path"])))
    assert table.rootnames == ("lsam01aaq", "lsam02aaq")
    first, second = (table.dataset == number for number in (1, 2))
    assert first.sum() == second.sum() == row["bins"] / 2
    assert np.array_equal(table.mjd[first], table.mjd[second])
    assert np.array_equal(table.gross[first], table.gross[second])


def test_what_all_have_in_common_may_be_nothing_but_airglow(
    pipeline: Pipeline, add_exposure: AddExposure
) -> None:
    """Both have a lightcurve of their own; together there is nothing left."""
    set_wavelengths(add_exposure("lair01aaq"), 1100.0, 1220.0)
    set_wavelengths(add_exposure("lair02aaq"), 1212.0, 1290.0)
    made = pipeline.extract(["lair01aaq", "lair02aaq"])["lightcurves"]
    assert {outcome.status for outcome in made.values()} == {"made"}
    decisions = run_targets(pipeline)
    check_left_out(pipeline, decisions["composites"], ["lair01aaq", "lair02aaq"])


def check_left_out(pipeline: Pipeline, outcomes, names: list[str]) -> None:
    """Whoever is in no composite has a note that says why."""
    members = {row["rootname"]: row for row in pipeline.rows(CompositeMember)}
    assert sorted(members) == names
    inside = {name for name, row in members.items() if row["filename"] is not None}
    assert sum(row["exposures"] for row in pipeline.rows(Composite)) == len(inside)
    for name in set(names) - inside:
        assert members[name]["note"]
    (outcome,) = outcomes.values()
    assert outcome.status == ("made" if inside else "none")
    assert inside or outcome.reason


@pytest.mark.parametrize("gap", [0.0, 10.0])
def test_exposures_without_a_common_wavelength_are_left_out_with_a_note(
    pipeline: Pipeline, add_exposure: AddExposure, gap: float
) -> None:
    for key, first, last in (
        ("lgap01aaq", 1320.0, 1400.0),
        ("lgap02aaq", 1325.0, 1395.0),
        ("lgap03aaq", 1400.0 + gap, 1500.0),
    ):
        set_wavelengths(add_exposure(key), first, last)
    keys = ["lgap01aaq", "lgap02aaq", "lgap03aaq"]
    pipeline.extract(keys)
    decisions = run_targets(pipeline)
    check_left_out(pipeline, decisions["composites"], keys)
    (row,) = pipeline.rows(Composite)
    assert row["exposures"] == 2
    inside = [curve for curve in pipeline.rows(Lightcurve) if curve["rootname"] != "lgap03aaq"]
    column = 80.0 / 16384
    assert row["wave_min"] == pytest.approx(max(c["wave_min"] for c in inside), abs=column)
    assert row["wave_max"] == pytest.approx(min(c["wave_max"] for c in inside), abs=column)
