"""How many runs fit into memory."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hstql_resources.calibration.memory import available_memory, cgroup_headroom, choose_next
from hstql_resources.calibration.pipelines import PIPELINES
from hstql_resources.calibration.units import CalibrationUnit

UNIT = CalibrationUnit("ldfd01vnq", "cos", "x", (), (), (), (), 0)
GB = 1_000_000_000


def units(*needs_gb: float) -> list[CalibrationUnit]:
    return [replace(UNIT, name=str(i), memory_bytes=int(n * GB)) for i, n in enumerate(needs_gb)]


def test_one_that_fits_may_pass_one_that_does_not() -> None:
    waiting = units(1.3, 1.2, 0.3)
    assert choose_next(waiting, units(1.3), 2 * GB, 4) == waiting[2]
    assert choose_next(waiting, units(1.3), 3 * GB, 4) == waiting[0]
    assert choose_next(waiting, units(1.9), 2 * GB, 4) is None


def test_one_always_runs_and_never_more_than_the_workers() -> None:
    waiting = units(50.0)
    assert choose_next(waiting, [], GB, 2) == waiting[0]
    assert choose_next(units(0.1), units(0.1, 0.1), 100 * GB, 2) is None
    assert choose_next([], [], GB, 2) is None


@given(st.lists(st.floats(0.01, 5), max_size=12), st.floats(0.1, 8), st.integers(1, 6))
def test_what_runs_together_fits_and_everything_runs(
    needs: list[float], budget: float, workers: int
) -> None:
    waiting, running, done = units(*needs), [], 0
    while waiting or running:
        while unit := choose_next(waiting, running, int(budget * GB), workers):
            waiting.remove(unit)
            running.append(unit)
        assert 1 <= len(running) <= workers
        used = sum(unit.memory_bytes for unit in running)
        assert len(running) == 1 or used <= int(budget * GB)
        running.pop(0)
        done += 1
    assert done == len(needs)


def test_the_narrowest_control_group_counts_without_what_can_be_dropped(tmp_path: Path) -> None:
    inner = tmp_path / "user.slice" / "run.scope"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    assert cgroup_headroom(tmp_path, "/user.slice/run.scope") is None
    (inner.parent / "memory.max").write_text("8000\n")
    (inner.parent / "memory.current").write_text("5000\n")
    (inner.parent / "memory.stat").write_text("anon 3000\ninactive_file 1500\n")
    assert cgroup_headroom(tmp_path, "/user.slice/run.scope") == 8000 - 5000 + 1500
    (inner / "memory.max").write_text("2000\n")
    (inner / "memory.current").write_text("2600\n")
    assert cgroup_headroom(tmp_path, "/user.slice/run.scope") == 0


def test_the_older_control_groups_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9000")
    (tmp_path / "memory" / "memory.usage_in_bytes").write_text("4000")
    assert cgroup_headroom(tmp_path, "") == 5000


def test_there_is_memory_here() -> None:
    assert 10_000_000 < available_memory() < 1 << 46


def test_fuv_needs_more_than_nuv_and_large_files_more_than_small_ones() -> None:
    need = PIPELINES["cos"].memory_need
    assert need("FUV", 0) == 1_300_000_000
    assert need("NUV", 0) == 300_000_000
    assert need("NUV", 40_000_000) > 588_000_000  # what CalCOS took for such a file
