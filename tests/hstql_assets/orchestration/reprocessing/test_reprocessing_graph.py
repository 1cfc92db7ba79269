"""What reprocessing makes again, what it leaves, and what becomes of exposures that changed."""

from collections.abc import Sequence
from typing import NoReturn

import pytest

from builders.graph_station import CONSTANT, ECLIPSE
from builders.reprocessing_station import OTHER, ReprocessingStation
from hstql_assets.orchestration.planning import PlanError
from hstql_assets.orchestration.reprocessing.messages import list_remarks, tabulate_plan
from hstql_assets.orchestration.reprocessing.planning import How
from hstql_assets.orchestration.reprocessing.run import reprocess
from hstql_resources import tables
from hstql_resources.archive import ArchiveError
from hstql_resources.archive.directory import DirectoryArchive

EXPOSURE_ASSETS = {
    f"cos/{name}" for name in ("raw_files", "calibrated_files", "header_tables",
                               "lightcurves", "lightcurve_statistics")
}  # fmt: skip
KEPT = How(is_fetched=False)
SILENCE = "The archive does not answer."


class SilentArchive(DirectoryArchive):
    """A mirror that is not mounted."""

    def list_products(self, datasets: Sequence[str]) -> NoReturn:
        raise ArchiveError(SILENCE)


def flip_last_byte(made: ReprocessingStation, name: str) -> bytes:
    path = made.held(name)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    return bytes(content)


def test_one_exposure_and_what_follows_are_made_again_and_nothing_else(
    made: ReprocessingStation,
) -> None:
    before, products = made.decided(), made.products()
    report = made.reprocess(CONSTANT)
    assert report.error is None
    assert report.failures == ()
    after = made.decided()
    again = {place for place, time in after.items() if time != before[place]}
    assert again == {
        *((asset, CONSTANT) for asset in EXPOSURE_ASSETS),
        ("composites", "sim-constant"),
        ("summary_plots", "all"),
    }
    assert after.keys() == before.keys()
    assert made.products() == products
    assert report.counts == {"made": len(again)}


def test_a_dry_run_says_what_would_be_made_and_changes_nothing(made: ReprocessingStation) -> None:
    before = made.everything()
    plan = made.plan(is_everything=True)
    assert made.everything() == before
    rows = {name: (count, names) for _, name, count, names in tabulate_plan(plan)}
    assert rows.keys() == {*EXPOSURE_ASSETS, "composites", "summary_plots"}
    assert rows["cos/raw_files"] == (3, f"{CONSTANT}, {OTHER}, {ECLIPSE}")
    assert rows["composites"] == (2, "sim-constant, sim-eclipse")
    made.reprocess(is_everything=True)
    assert [(name, len(keys)) for name, keys in made.station.made] == [
        (name, count) for name, (count, _) in rows.items()
    ]


def test_a_dry_run_tells_the_size_of_what_would_be_fetched(made: ReprocessingStation) -> None:
    sizes = [path.stat().st_size for path in made.mirror.rglob(f"{ECLIPSE}_*")]
    plan = made.plan(ECLIPSE)
    assert plan.download is not None
    assert (plan.download.files, plan.download.size_bytes) == (len(sizes), sum(sizes))
    assert f"Download: {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB." in list_remarks(plan)
    raw_only = made.plan(ECLIPSE, how=How(is_calibrated=True)).download
    assert raw_only is not None
    assert 0 < raw_only.files < len(sizes)
    assert made.plan(ECLIPSE, how=KEPT).download is None


def test_files_are_fetched_again_only_if_that_is_wanted(made: ReprocessingStation) -> None:
    name = f"{ECLIPSE}_x1d.fits"
    original = made.held(name).read_bytes()
    changed = flip_last_byte(made, name)
    made.reprocess(ECLIPSE, how=KEPT)
    assert [asset for asset, _ in made.station.made] == [
        "cos/header_tables", "cos/lightcurves", "cos/lightcurve_statistics",
        "composites", "summary_plots",
    ]  # fmt: skip
    assert made.held(name).read_bytes() == changed
    made.reprocess(ECLIPSE)
    assert made.held(name).read_bytes() == original


def test_an_exposure_that_moved_to_a_new_target_takes_the_assets_of_the_old_one_along(
    made: ReprocessingStation,
) -> None:
    made.change(OTHER, TARGNAME="ELSEWHERE", RA_TARG=12.5, DEC_TARG=-45.0)
    report = made.reprocess(OTHER)
    assert report.failures == ()
    assert made.station.targets() == {"elsewhere": 1, "sim-constant": 1, "sim-eclipse": 1}
    assert made.station.made[-2:] == [
        ("composites", ("sim-constant", "elsewhere")),
        ("summary_plots", ("all",)),
    ]


def test_a_target_that_lost_its_last_exposure_is_gone(made: ReprocessingStation) -> None:
    made.change(ECLIPSE, TARGNAME="ELSEWHERE", RA_TARG=12.5, DEC_TARG=-45.0)
    assert made.reprocess(ECLIPSE).failures == ()
    assert made.station.targets() == {"elsewhere": 1, "sim-constant": 2}
    assert made.station.keys == ["sim-constant", "elsewhere"]


def test_an_exposure_that_is_no_longer_timetag_is_no_failure(made: ReprocessingStation) -> None:
    made.change(ECLIPSE, OBSMODE="ACCUM")
    report = made.reprocess(ECLIPSE)
    assert (report.error, report.failures) == (None, ())
    assert made.station.targets() == {"sim-constant": 2}
    assert [asset for asset, _ in made.station.made] == [
        "cos/raw_files", "cos/calibrated_files", "cos/header_tables", "summary_plots",
    ]  # fmt: skip


def test_an_archive_that_does_not_answer_changes_nothing_that_follows(
    made: ReprocessingStation,
) -> None:
    before = made.products(), made.decided()
    report = made.on(SilentArchive(made.mirror, in_place=False)).reprocess(is_everything=True)
    assert report.error is not None
    assert SILENCE in report.error
    assert (made.products(), made.decided()) == before


def test_an_exposure_that_the_archive_has_no_longer_is_named_and_the_others_are_done(
    made: ReprocessingStation,
) -> None:
    before = made.decided()
    for path in made.mirror.rglob(f"{OTHER}_*"):
        path.unlink()
    report = made.reprocess(is_everything=True)
    assert report.error is None
    assert [(one.key, one.status) for one in report.failures] == [(OTHER, "missing")]
    assert f"has no files of {OTHER}" in report.failures[0].reason
    after = made.decided()
    assert all(after[place] > before[place] for place in before)  # type: ignore[operator]


def test_after_an_interruption_materialize_does_the_rest(
    made: ReprocessingStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = made.products()

    def interrupt(step: object) -> None:
        if "cos/lightcurves" in step.assets:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    plan = made.plan(is_everything=True)
    with pytest.raises(KeyboardInterrupt):
        reprocess(made.station.graph, made.clients, plan, interrupt)
    assert ("cos/lightcurves", ECLIPSE) not in made.decided()
    made.station.make("cos/lightcurve_statistics", "composites", "summary_plots")
    assert ("cos/lightcurves", (CONSTANT, OTHER, ECLIPSE)) in made.station.made
    assert made.products() == products


def test_what_was_never_made_is_left_out_and_named(unmade: ReprocessingStation) -> None:
    unmade.station.make("cos/raw_files", rootnames=(CONSTANT,))
    plan = unmade.plan(is_everything=True)
    assert plan.left_out == (OTHER, ECLIPSE)
    assert [(step.assets, step.keys) for step in plan.steps] == [
        (("cos/raw_files", "cos/calibrated_files"), (CONSTANT,))
    ]
    assert any(f"{OTHER}, {ECLIPSE}" in remark for remark in list_remarks(plan))
    assert unmade.plan(ECLIPSE).steps == ()


def test_only_the_kinds_that_are_needed_are_had_without_fetching(
    made: ReprocessingStation,
) -> None:
    assets = [name for step in made.plan(ECLIPSE, how=KEPT).files for name in step.assets]
    assert assets == []
    here = How(is_fetched=False, is_calibrated=True)
    plan = made.plan(ECLIPSE, how=here)
    assert [step.assets for step in plan.files] == [("cos/calibrated_files",)]
    assert here.configure(["cos/calibrated_files"]) == {
        "cos__calibrated_files": {"config": {"fetch": "changed", "source": "pipeline"}}
    }
    assert How().configure(["cos/raw_files", "cos/calibrated_files", "cos/previews"]) == {
        "cos__raw_files": {"config": {"fetch": "again"}},
        "cos__calibrated_files": {"config": {"fetch": "again", "source": "archive"}},
    }


@pytest.mark.parametrize("name", ["lzzz01aaq", "nonsense", "LZZZ01AAQ"])
def test_a_rootname_that_is_not_registered_is_refused_in_one_sentence(
    unmade: ReprocessingStation, name: str
) -> None:
    with pytest.raises(PlanError, match=name.lower()):
        unmade.plan(name)


def test_the_planned_tables_are_asked_in_few_queries(made: ReprocessingStation) -> None:
    made.plan(ECLIPSE)
    before = made.clients.database.statements
    made.plan(ECLIPSE)
    one = made.clients.database.statements - before
    made.plan(is_everything=True)
    assert made.clients.database.statements - before - one == one


def test_all_tables_are_compared_by_the_dry_run_test(made: ReprocessingStation) -> None:
    rows, files = made.everything()
    assert {"observations", "files", "products", "outcomes", "lightcurves"} <= rows.keys()  # type: ignore[attr-defined]
    assert len(rows["headers"]) > 20  # type: ignore[index]
    assert len(files) > 20  # type: ignore[arg-type]
    assert {"runs", *tables.Base.metadata.tables} <= rows.keys()  # type: ignore[attr-defined]
