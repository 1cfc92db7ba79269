"""What a composite leaves out stands in its row, its header, on its page and with its member."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from builders.pipeline import Pipeline
from builders.target_steps import run_targets
from hstql_assets.composites.assets import declare_composites
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.tables import Composite, CompositeMember, Lightcurve

NUV = "ls000202q"
GOOD = ["lnar01aaq", "lnar02aaq", "lnar03aaq"]
NARROW = "lnar04aaq"


def keep_few_columns(folder: Path) -> None:
    (path,) = folder.glob("*_x1d.fits")
    with fits.open(path, mode="update") as hdus:
        hdus[1].data["DQ_WGT"] = 0
        hdus[1].data["DQ_WGT"][0, 500:520] = 1


def test_one_narrow_exposure_does_not_decide_for_all(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    for rootname in [*GOOD, NARROW]:
        folder = add_exposure(rootname, like=NUV)
    keep_few_columns(folder)
    pipeline.extract([*GOOD, NARROW])
    decided = run_targets(pipeline)["composites"]
    (row,) = pipeline.rows(Composite)
    curves = {curve["rootname"]: curve for curve in pipeline.rows(Lightcurve)}
    assert row["gross_counts"] == sum(curves[name]["gross_counts"] for name in GOOD)
    assert (row["exposures"], row["wave_min"] < 1173, row["wave_max"] > 3148) == (3, True, True)
    notes = {member["rootname"]: member["note"] for member in pipeline.rows(CompositeMember)}
    assert [notes[name] for name in GOOD] == [None] * 3
    assert "would narrow 1172.0 to 3149.0, the common range of 3 exposures" in notes[NARROW]
    remark = f"{NARROW} is left out: {notes[NARROW]}"
    assert row["remarks"] == remark
    assert [outcome.remarks for outcome in decided.values()] == [(remark,)]
    assert fits.getheader(row["path"])["REMARK1"] == remark
    (page,) = pipeline.home.glob("plots/composites/*.html")
    assert "would narrow 1172.0 to 3149.0" in page.read_text()
    assert "only 1.57% of the columns of NUVA are good" in str(curves[NARROW]["remarks"])
    assert [curves[name]["remarks"] for name in GOOD] == [None] * 3


def test_settings_of_a_lightcurve_do_not_reach_the_delivered_composite(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    for rootname in GOOD[:2]:
        add_exposure(rootname, like=NUV)
    pipeline.extract(GOOD[:2])
    run_targets(pipeline)
    before = pipeline.rows(Composite)
    narrow = ExtractionSettings(bin_s=10.0, wave_min=1750.0, wave_max=1800.0)
    replace(pipeline, settings=narrow).extract(GOOD[:1])
    (curve, _) = pipeline.rows(Lightcurve)
    assert curve["remarks"] == (
        "lnar01aaq was extracted with settings of its own: bin_s 10.0, wave_max 1800.0, "
        "wave_min 1750.0."
    )
    run_targets(pipeline)
    assert pipeline.rows(Composite) == before
    assert before[0]["remarks"] is None
    assert np.isfinite(before[0]["wave_min"])


def test_an_image_of_cos_is_a_lightcurve_and_a_composite_of_counts(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    folder = add_exposure("lima01aaq", like=NUV)
    (folder / "lima01aaq_x1d.fits").unlink()
    with fits.open(folder / "lima01aaq_corrtag.fits", mode="update") as hdus:
        hdus[0].header.update(OBSTYPE="IMAGING", OPT_ELEM="MIRRORA", CENWAVE=0)
        events = hdus["EVENTS"].data
        events["WAVELENGTH"] = 0
        expected = np.sum((events["YFULL"] < 511.5) & (events["DQ"] & 2048 == 0))
    pipeline.extract(["lima01aaq"])
    decided = run_targets(pipeline)
    (curve,), (composite,) = pipeline.rows(Lightcurve), pipeline.rows(Composite)
    assert 0.9 * expected < curve["gross_counts"] <= expected
    assert (composite["gross_counts"], composite["cenwave"]) == (curve["gross_counts"], 0)
    assert (curve["is_flux_calibrated"], curve["remarks"], composite["remarks"]) == (
        False, None, None
    )  # fmt: skip
    assert {o.status for outcomes in decided.values() for o in outcomes.values()} == {"made"}


def test_composites_have_nothing_to_configure() -> None:
    assert declare_composites().config is None
