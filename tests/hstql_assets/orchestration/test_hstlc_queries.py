"""The views of the schema hstlc over what the steps have really made."""

from collections.abc import Callable
from pathlib import Path

from builders.pipeline import Pipeline
from builders.target_steps import run_targets

PAIR, SINGLE, BAD = "lold01aaq", "lold02aaq", "lold03aaq"


def test_old_queries_lead_to_files_that_are_there(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    add_exposure(PAIR, like="ls000101q")
    add_exposure(SINGLE)
    (add_exposure(BAD) / f"{BAD}_corrtag_a.fits").write_bytes(b"")
    pipeline.run([PAIR, SINGLE, BAD])
    run_targets(pipeline)
    answer = pipeline.clients.database.query_read_only(
        "SELECT filename, path, targname, instrume, total, individual_path, individual_filename, "
        "composite_path, composite_filename FROM hstlc.metadata "
        "JOIN hstlc.outputs ON outputs.metadata_id = metadata.id "
        "JOIN hstlc.stats ON stats.lightcurve_filename = outputs.individual_filename "
        "ORDER BY filename"
    )
    assert [row[0] for row in answer.rows] == [f"{PAIR}_corrtag_a.fits", f"{SINGLE}_corrtag_a.fits"]
    for filename, folder, target, instrument, total, *product in answer.rows:
        assert (target, instrument) == ("SIM-CONSTANT", "COS")
        assert total > 0
        for path, name in ((folder, filename), product[:2], product[2:]):
            assert (Path(path) / name).is_file()
    bad = pipeline.clients.database.query_read_only("SELECT filename, reason FROM hstlc.bad_data")
    assert bad.rows == ((f"{BAD}_corrtag_a.fits", "Unreadable"),)
