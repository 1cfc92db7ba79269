"""The job and the command that prune: what they say, and what a lost server gets."""

from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from psycopg2 import OperationalError as Lost
from sqlalchemy.exc import OperationalError

from hstql_assets.commands import maintenance
from hstql_assets.orchestration import jobs
from hstql_assets.orchestration.jobs import build_prune_job
from hstql_resources.postgres.event_pruning import Pruned

SETTINGS = SimpleNamespace(prune_after_days=30.0)
CLIENTS = SimpleNamespace(settings=SETTINGS)


class Pruning:
    """Stands in for the database."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[tuple[float, bool, bool]] = []

    def __call__(
        self, settings: object, days: float, *, is_dry: bool = False, is_full: bool = False
    ) -> Pruned:
        assert settings is SETTINGS
        self.asked.append((days, is_dry, is_full))
        if self.error is not None:
            raise self.error
        return Pruned({"superseded materializations": 1234}, 3_000_000, 2_000_000)


def run_job(monkeypatch: pytest.MonkeyPatch, pruning: Pruning, **config: object) -> Any:
    monkeypatch.setattr(jobs, "prune", pruning)
    return build_prune_job().execute_in_process(
        resources={"clients": CLIENTS},
        run_config={"ops": {"prune_events": {"config": config}}},
        raise_on_error=False,
    )


def test_the_job_prunes_by_the_settings_and_says_what_went(monkeypatch: pytest.MonkeyPatch) -> None:
    pruning = Pruning()
    result = run_job(monkeypatch, pruning)
    assert result.success
    run_job(monkeypatch, pruning, days=0.0, is_dry=True)
    assert pruning.asked == [(30.0, False, False), (0.0, True, False)]
    (output,) = [one for one in result.all_events if one.is_successful_output]
    metadata = output.step_output_data.metadata
    assert metadata["superseded materializations"].value == 1234


def test_a_server_that_is_lost_fails_the_job_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = OperationalError("DELETE", {}, Lost("server closed the connection unexpectedly"))
    result = run_job(monkeypatch, Pruning(lost))
    (failure,) = [one for one in result.all_events if one.is_step_failure]
    said = failure.step_failure_data.user_failure_data.description
    assert said.startswith("Pruning: The database did not do what it was asked: ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("is_dry", "said"),
    [(True, "The events have 3.0 MB."), (False, "3.0 MB before, 2.0 MB now; what is free within")],
)
def test_the_command_says_what_goes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_dry: bool, said: str
) -> None:
    @contextmanager
    def open_session(_command: str) -> Any:
        yield None, CLIENTS, None

    pruning = Pruning()
    monkeypatch.setattr(maintenance, "open_session", open_session)
    monkeypatch.setattr(maintenance, "prune", pruning)
    with pytest.raises(SystemExit) as ended:
        maintenance.prune_events(days=None, is_dry=is_dry, is_full=False)
    assert ended.value.code == 0
    output = capsys.readouterr().out
    assert "       1,234 superseded materializations" in output
    assert said in output
    assert pruning.asked == [(30.0, is_dry, False)]
