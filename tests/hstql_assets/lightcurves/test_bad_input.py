"""Bad files of every kind in one batch with good ones, through all steps."""

import gzip
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from astropy.io import fits

from builders.pipeline import Decisions, Pipeline
from hstql_resources.archive import Product, RetrievalError
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.tables import BadData, Lightcurve, Outcome, Statistics

NOBODY = 65534


def truncate(events: Path) -> None:
    with events.open("r+b") as file:
        file.truncate(events.stat().st_size // 2)


def truncate_gzip(events: Path) -> None:
    whole = gzip.compress(events.read_bytes(), 1)
    events.unlink()
    events.with_name(f"{events.name}.gz").write_bytes(whole[: len(whole) // 2])


def drop_column(events: Path) -> None:
    with fits.open(events, mode="update") as hdus:
        hdus["EVENTS"].columns.del_col("EPSILON")


def edit(events: Path, extension: object, **changes: object) -> None:
    with fits.open(events, mode="update") as hdus:
        for keyword, value in changes.items():
            if value is None:
                del hdus[extension].header[keyword]
            else:
                hdus[extension].header[keyword] = value


def keep_no_events(events: Path) -> None:
    with fits.open(events, mode="update") as hdus:
        hdus["EVENTS"].data = hdus["EVENTS"].data[:0]


def stop_the_clock(events: Path) -> None:
    with fits.open(events, mode="update") as hdus:
        hdus["EVENTS"].data["TIME"] = 5.0


def replace_x1d(events: Path) -> None:
    spectrum = events.with_name(events.name.replace("corrtag_a", "x1d"))
    edit(spectrum, 1, EXPSTART=60000.0)


def link_in_a_circle(events: Path) -> None:
    events.unlink()
    events.symlink_to(events.name)


def empty_all(events: Path) -> None:
    for path in events.parent.iterdir():
        path.write_bytes(b"")


@dataclass(frozen=True)
class Fault:
    """What is done to the event file, and what becomes of the key."""

    spoil: Callable[[Path], None]
    status: str
    reason: str  # of bad_data, where the key is bad
    words: tuple[str, ...]
    header_status: str = "made"


FAULTS = {
    "truncated FITS": Fault(truncate, "bad", "Unreadable", ("corrtag_a.fits", "ends after")),
    "truncated gzip": Fault(
        truncate_gzip, "bad", "Unreadable", ("corrtag_a.fits.gz", "ends after")
    ),
    "HTML page": Fault(
        lambda path: path.write_text("<html><body>404 Not Found</body></html>"),
        "bad", "Unreadable", ("corrtag_a.fits", "not FITS", "<html>"),
    ),
    "zero bytes": Fault(
        lambda path: path.write_bytes(b""), "bad", "Unreadable", ("corrtag_a.fits", "is empty")
    ),
    "everything empty": Fault(
        empty_all, "bad", "Unreadable", ("corrtag_a.fits", "is empty"), header_status="bad"
    ),
    "no column": Fault(drop_column, "bad", "Unreadable", ("corrtag_a.fits", "EPSILON")),
    "no keyword": Fault(
        lambda path: edit(path, 1, EXPSTART=None),
        "bad", "Unreadable", ("corrtag_a.fits", "EXPSTART is missing"),
    ),
    "keyword of text": Fault(
        lambda path: edit(path, 0, CENWAVE="wide"),
        "bad", "Unreadable", ("corrtag_a.fits", "CENWAVE"),
    ),
    "number too large": Fault(
        lambda path: edit(path, 0, PROPOSID=10**20, CENWAVE=10**12),
        "bad", "Mismatched x1d", ("x1d.fits", "CENWAVE"),
    ),
    "no events": Fault(keep_no_events, "bad", "No events", ("corrtag_a.fits", "no rows")),
    "one event time": Fault(
        stop_the_clock, "bad", "Singular event", ("corrtag_a.fits", "one TIME 5 s")
    ),
    "EXPTIME 0": Fault(
        lambda path: edit(path, 1, EXPTIME=0.0),
        "bad", "Short Exposure", ("corrtag_a.fits", "EXPTIME is 0 s"),
    ),
    "x1d of another exposure": Fault(
        replace_x1d, "bad", "Mismatched x1d", ("x1d.fits", "another exposure")
    ),
    "symlink loop": Fault(
        link_in_a_circle, "missing", "", ("corrtag_a.fits", "cannot be read", "symbolic links")
    ),
    "no event file": Fault(lambda path: path.unlink(), "none", "", ("no calibrated events",)),
}  # fmt: skip
ROOTNAMES = {name: f"lbad{number:02d}aaq" for number, name in enumerate(FAULTS)}
GOOD = ("lbad50aaq", "lbad51aaq")


@pytest.fixture
def spoiled(pipeline: Pipeline, add_exposure: Callable[[str], Path]) -> Pipeline:
    for name, rootname in ROOTNAMES.items():
        FAULTS[name].spoil(add_exposure(rootname) / f"{rootname}_corrtag_a.fits")
    for rootname in GOOD:
        add_exposure(rootname)
    return pipeline


def test_each_bad_file_is_decided_with_a_reason_and_touches_no_other_key(
    spoiled: Pipeline,
) -> None:
    decisions = spoiled.run(sorted([*ROOTNAMES.values(), *GOOD]))
    for rootname in GOOD:
        statuses = {asset: outcomes[rootname].status for asset, outcomes in decisions.items()}
        assert set(statuses.values()) == {"made"}, statuses
    for name, fault in FAULTS.items():
        check_decision(decisions, name, fault)
    check_rows(spoiled)
    check_files(spoiled)


def check_decision(decisions: Decisions, name: str, fault: Fault) -> None:
    rootname = ROOTNAMES[name]
    assert decisions["header_tables"][rootname].status == fault.header_status, name
    for asset in ("lightcurves", "lightcurve_statistics", "lightcurve_plots"):
        outcome = decisions[asset][rootname]
        assert outcome.status == fault.status, (name, asset, outcome.reason)
        assert outcome.reason is not None
        assert rootname in outcome.reason, name
        for word in fault.words:
            assert word in outcome.reason, (name, outcome.reason)


def check_rows(pipeline: Pipeline) -> None:
    assert [row["rootname"] for row in pipeline.rows(Lightcurve)] == list(GOOD)
    assert [row["rootname"] for row in pipeline.rows(Statistics)] == list(GOOD)
    found = {(row["rootname"], row["reason"]) for row in pipeline.rows(BadData)}
    assert found == {
        (ROOTNAMES[name], fault.reason) for name, fault in FAULTS.items() if fault.status == "bad"
    }
    assert len(pipeline.rows(Outcome)) == 6 * (len(FAULTS) + len(GOOD))


def check_files(pipeline: Pipeline) -> None:
    """Nothing is there but lightcurve and plots of the good keys: no half file, no scratch."""
    names = [path.rsplit("/", 1)[-1] for path in pipeline.files()]
    assert sorted(names) == sorted(
        f"{rootname}_curve{ending}"
        for rootname in GOOD
        for ending in (".fits", ".html", ".png", "_periodogram.png", "_thumb.png")
    )


def test_a_bad_segment_beside_a_good_one_is_named_and_the_lightcurve_is_made(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    folder = add_exposure("lbad60aaq", like="ls000101q")
    truncate(folder / "lbad60aaq_corrtag_b.fits")
    outcome = pipeline.extract(["lbad60aaq"])["lightcurves"]["lbad60aaq"]
    assert outcome.status == "made"
    assert [bad.filename for bad in outcome.bad_files] == ["lbad60aaq_corrtag_b.fits"]
    assert [row["segments"] for row in pipeline.rows(Lightcurve)] == ["FUVA"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="hstql-test-"))
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Root may read everything: be nobody for a while, if we are root."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(NOBODY)
    except OSError:
        pytest.skip("this root cannot become another user")
    try:
        yield
    finally:
        os.seteuid(0)


class SeenByNobody(DirectoryArchive):
    """The archive as a user sees it who does not own it."""

    def list_products(self, rootnames: list[str]) -> dict[str, list[Product]]:
        with as_ordinary_user():
            return super().list_products(rootnames)

    def find_rootnames(self, *arguments: object) -> list[str]:
        with as_ordinary_user():
            return super().find_rootnames(*arguments)


@pytest.mark.parametrize("closed", ["lbad/lbad70aaq", "lbad"])
def test_an_unreadable_folder_costs_only_its_own_keys(
    closed: str, pipeline: Pipeline, add_exposure: Callable[..., Path], open_folder: Path
) -> None:
    for rootname in ("lbad70aaq", "lgod71aaq"):
        shutil.move(add_exposure(rootname), open_folder / rootname[:4] / rootname)
    for folder in ("lbad", "lgod"):
        (open_folder / folder).chmod(0o755)
    (open_folder / closed).chmod(0)
    archive = SeenByNobody(open_folder)
    decisions = pipeline.on(archive).run(["lbad70aaq", "lgod71aaq"])
    for asset, outcomes in decisions.items():
        assert outcomes["lgod71aaq"].status == "made"
        assert outcomes["lbad70aaq"].status == "missing", asset
        assert f"{open_folder}/lbad/lbad70aaq cannot be read" in outcomes["lbad70aaq"].reason
    assert "lgod71aaq" in archive.find_rootnames("cos")


def test_an_unreadable_file_makes_its_key_missing(open_folder: Path) -> None:
    folder = open_folder / "lbad" / "lbad72aaq"
    folder.mkdir(parents=True)
    path = folder / "lbad72aaq_x1d.fits"
    path.write_bytes(b"closed")
    path.chmod(0)
    archive = DirectoryArchive(open_folder, in_place=False)
    with as_ordinary_user():
        products = archive.list_products(["lbad72aaq"])["lbad72aaq"]
        with pytest.raises(
            RetrievalError, match=r"lbad72aaq_x1d\.fits cannot be copied: Permission"
        ):
            archive.fetch(products, open_folder)


def test_a_folder_that_is_a_circle_of_links_is_named(
    pipeline: Pipeline, tmp_path: Path, add_exposure: Callable[..., Path]
) -> None:
    add_exposure("lbad74aaq")
    circle = tmp_path / "archive" / "lbad" / "lbad73aaq"
    circle.symlink_to(circle)
    outcome = pipeline.extract(["lbad73aaq", "lbad74aaq"])["calibrated_files"]["lbad73aaq"]
    assert outcome.status == "missing"
    assert f"{circle} cannot be read" in outcome.reason


def test_a_rootname_that_the_archive_does_not_know_is_missing_in_every_step(
    pipeline: Pipeline,
) -> None:
    for asset, outcomes in pipeline.run(["lnot01aaq"]).items():
        outcome = outcomes["lnot01aaq"]
        assert outcome.status == "missing", asset
        assert "The directory archive has no files of lnot01aaq." in outcome.reason
