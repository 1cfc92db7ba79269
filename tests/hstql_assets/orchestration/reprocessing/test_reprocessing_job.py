"""The job as Dagster runs it, and what the command refuses."""

import dagster as dg
import pytest
from click.testing import CliRunner

from builders.graph_station import CONSTANT, ECLIPSE
from builders.reprocessing_station import OTHER, ReprocessingStation
from hstql_assets.commands.cli import main
from hstql_assets.definitions import build_definitions
from hstql_assets.orchestration.reprocessing.redownload import Download


def run(made: ReprocessingStation, **config: object) -> dg.ExecuteInProcessResult:
    resource = dg.ResourceDefinition.hardcoded_resource(made.clients)
    job = build_definitions({"clients": resource}).resolve_job_def("reprocess")
    return job.execute_in_process(
        instance=made.station.graph.instance,
        raise_on_error=False,
        run_config={"ops": {"reprocess_observations": {"config": config}}},
    )


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    assert result.success
    (event,) = (one for one in result.all_events if one.is_successful_output)
    return {name: one.value for name, one in event.step_output_data.metadata.items()}


def test_the_job_makes_again_what_is_chosen_and_names_what_failed(
    made: ReprocessingStation,
) -> None:
    for path in made.mirror.rglob(f"{OTHER}_*"):
        path.unlink()
    before = made.decided()
    said = metadata(run(made, where="detector = 'FUV'", rootnames=[CONSTANT, OTHER]))
    assert (said["keys"], said["failed"], said["is_dry_run"]) == (2, 1, False)
    assert str(said["failures"]).startswith(f"- {OTHER} cos/raw_files missing: ")
    assert f"- cos/lightcurves: 2: {CONSTANT}, {OTHER}" in str(said["plan"])
    after = made.decided()
    assert after["cos/lightcurves", CONSTANT] > before["cos/lightcurves", CONSTANT]  # type: ignore[operator]
    assert after["cos/lightcurves", ECLIPSE] == before["cos/lightcurves", ECLIPSE]


def test_the_job_says_what_it_would_do_and_does_nothing(made: ReprocessingStation) -> None:
    before = made.products(), made.decided()
    said = metadata(run(made, everything=True, dry_run=True))
    assert (said["keys"], said["is_dry_run"]) == (3, True)
    assert "cos/raw_files: 3" in str(said["plan"])
    assert "Download: " in str(said["remarks"])
    assert (made.products(), made.decided()) == before


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "Say what is to be reprocessed"),
        ({"where": "nothing = 1"}, 'column "nothing" does not exist'),
        ({"rootnames": ["lzzz01aaq"]}, "lzzz01aaq is not registered"),
        ({"proposals": [1]}, "no observation of proposal 1 "),
    ],
)
def test_a_choice_that_makes_no_sense_fails_the_job_with_its_sentence(
    unmade: ReprocessingStation, config: dict[str, object], reason: str
) -> None:
    result = run(unmade, **config)
    assert not result.success
    (failed,) = (one for one in result.all_events if one.is_step_failure)
    failure = failed.step_failure_data.user_failure_data
    assert failure is not None
    assert reason in str(failure.description)


@pytest.mark.parametrize("words", [[], ["--dry-run"], ["--no-fetch", "--calibrate"], ["--yes"]])
def test_the_command_without_a_choice_is_wrong_usage(words: list[str]) -> None:
    result = CliRunner().invoke(main, ["reprocess", *words])
    assert result.exit_code == 2
    conditions = "--rootname, --target, --proposal, --instrument, --since, --where or --all"
    assert conditions in result.output


@pytest.mark.parametrize(
    ("download", "words"),
    [
        (Download(5, 3_900_000), "5 files, 3.9 MB"),
        (Download(5, 3_900_000, 2), "5 files, 3.9 MB, and 2 files of unknown size"),
        (Download(0, 0, 2), "2 files of unknown size"),
        (Download(), "of unknown size: the archive was never asked for its list"),
    ],
)
def test_a_download_is_told_as_far_as_it_is_known(download: Download, words: str) -> None:
    assert download.describe() == words
