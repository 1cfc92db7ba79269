"""How a run ends: well, badly, or by being ended; with a stand-in for the pipeline."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from builders.calibration_files import FakeCalacs
from hstql_resources.calibration.calibrating import calibrate_all
from hstql_resources.calibration.errors import (
    CalibrationError,
    MissingReferencesError,
    PipelineMissingError,
)
from hstql_resources.calibration.reference_files import ReferenceSet
from hstql_resources.calibration.running import Calibrated, run_pipeline
from hstql_resources.calibration.units import CalibrationUnit

NONE = ReferenceSet({})
NAME = "j8bt05njq"


def run(calacs: FakeCalacs, *lines: str, **options: float) -> Calibrated:
    calacs.does(*lines)
    unit = calacs.units(NAME)[0]
    return run_pipeline(unit, NONE, calacs.scratch(), **options)  # type: ignore[arg-type]


def fail(calacs: FakeCalacs, *lines: str, **options: float) -> CalibrationError:
    with pytest.raises(CalibrationError) as caught:
        run(calacs, *lines, **options)
    return caught.value


def test_a_run_gives_its_products_its_trailer_and_what_it_cost(calacs: FakeCalacs) -> None:
    made = run(
        calacs,
        "print('Begin'); big = bytearray(60_000_000); time.sleep(0.2)",
        "make('flt'); make('blv_tmp'); open(root + '.tra', 'w').write('only in the trailer file')",
    )
    assert [path.name for path in made.products] == [f"{NAME}_flt.fits"]
    assert made.trailer.splitlines()[0] == "Begin"
    assert made.version == "10.4.0"
    assert "only in the trailer file" in made.trailer
    assert 0.2 <= made.seconds < 300
    assert 60_000_000 < made.peak_memory_bytes < 200_000_000


def test_an_error_with_status_0_and_no_product_is_a_failure_with_its_error(
    calacs: FakeCalacs,
) -> None:
    error = fail(calacs, "print('Begin')", "print('ERROR:    Could not open the bias image.')")
    assert str(error) == (
        f"calacs on {NAME} ended well but did not make {NAME}_flt.fits: Could not open the bias "
        "image."
    )
    assert error.trailer.startswith("Begin")


def test_status_0_without_product_and_without_a_word_is_a_failure(calacs: FakeCalacs) -> None:
    assert str(fail(calacs, "pass")).endswith(f"did not make {NAME}_flt.fits; it wrote nothing.")


def test_products_beside_an_error_are_not_believed(calacs: FakeCalacs) -> None:
    error = fail(calacs, "make('flt')", "print('ERROR:  No matching row')")
    assert "made its products, but reported an error: No matching row." in str(error)


def test_a_product_that_is_cut_short_is_a_failure(calacs: FakeCalacs) -> None:
    error = fail(calacs, "make('flt'); os.truncate(root + '_flt.fits', 1000)")
    assert f"left {NAME}_flt.fits, which is not whole" in str(error)


def test_a_status_is_named_with_the_last_error(calacs: FakeCalacs) -> None:
    error = fail(calacs, "make('flt'); print('ERROR: first'); print('ERROR: last'); sys.exit(7)")
    assert str(error) == f"calacs on {NAME} ended with status 7: last."


def test_a_run_that_is_killed_names_the_signal(calacs: FakeCalacs) -> None:
    error = fail(calacs, "print('Begin', flush=True); os.kill(os.getpid(), signal.SIGKILL)")
    assert "was killed by SIGKILL, as the system does when memory runs out" in str(error)
    assert error.trailer == "Begin\n"


def test_a_run_that_takes_too_long_is_ended_with_all_that_it_started(calacs: FakeCalacs) -> None:
    note = calacs.folder / "child"
    for limit_s in (1.0, 10.0, 100.0):  # until the machine is quick enough to start the child
        error = fail(
            calacs,
            "import subprocess",
            "child = subprocess.Popen(['sleep', '3600'])",
            f"open({str(note)!r}, 'w').write(str(child.pid))",
            "time.sleep(3600)",
            timeout_s=limit_s,
        )
        assert f"was ended after {limit_s:.0f} s" in str(error)
        if note.exists() and note.read_text():
            break
    wait_for(lambda: is_gone(int(note.read_text())))


def test_a_full_disk_is_named_whoever_meets_it(calacs: FakeCalacs) -> None:
    error = fail(calacs, "with open('/dev/full', 'w') as file: file.write('x')")
    assert "status 1: the disk is full (No space left on device)" in str(error)


def test_a_disk_that_refuses_the_copies_is_a_failure_of_that_unit(calacs: FakeCalacs) -> None:
    unit = calacs.units(NAME)[0]
    calacs.does("make('flt')")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(CalibrationError, match="laid out for calibration: File too large"):
            run_pipeline(unit, NONE, calacs.scratch())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_raw_file_that_is_cut_short_is_a_failure_of_that_unit(calacs: FakeCalacs) -> None:
    unit = calacs.units(NAME)[0]
    packed = calacs.folder / f"{NAME}_raw.fits.gz"
    packed.write_bytes(
        subprocess.run(["gzip", "-c", unit.raws[0]], capture_output=True).stdout[:-9]
    )
    calacs.does("make('flt')")
    with pytest.raises(CalibrationError, match="could not be laid out for calibration"):
        run_pipeline(replace(unit, inputs=(packed,), raws=(packed,)), NONE, calacs.scratch())


def test_a_program_that_is_not_there_is_named_with_what_to_install(calacs: FakeCalacs) -> None:
    unit = calacs.units(NAME)[0]
    sentence = (
        "calacs, which calibrates ACS, is not there: install hstcal, from conda-forge (conda "
        "install -c conda-forge hstcal), and put calacs.e on PATH."
    )
    with pytest.raises(PipelineMissingError) as caught:
        run_pipeline(unit, NONE, calacs.scratch())
    assert str(caught.value) == sentence
    with pytest.raises(PipelineMissingError):
        next(iterate(calacs, [unit]))


def test_the_program_sees_its_reference_files_one_thread_and_no_secret(
    calacs: FakeCalacs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAST_API_TOKEN", "tell-nobody")
    (tmp_path / "a_bia.fits").write_text("bias")
    calacs.does(
        "print(open(os.environ['jref'] + 'a_bia.fits').read(), os.environ['OMP_NUM_THREADS'])",
        "print(dict(os.environ), os.nice(0)); make('flt')",
    )
    unit = calacs.units(NAME)[0]
    references = ReferenceSet({"a_bia.fits": tmp_path / "a_bia.fits"})
    made = run_pipeline(unit, references, calacs.scratch())
    assert made.trailer.startswith("bias 1\n")
    # Ten nicer than whoever runs the test, who may be nice already; 19 is the most that there is.
    assert made.trailer.rstrip().endswith(f" {min(os.nice(0) + 10, 19)}")
    assert "tell-nobody" not in made.trailer
    assert made.references == ("a_bia.fits",)


def test_the_raw_file_and_what_lies_beside_it_stay_as_they_are(calacs: FakeCalacs) -> None:
    calacs.does("open(root + '_raw.fits', 'w').write('spoiled'); make('flt')")
    unit = calacs.units(NAME)[0]
    before = unit.raws[0].read_bytes()
    stale = unit.raws[0].with_name(f"{NAME}_flt.fits")
    stale.write_text("of an earlier run")
    unit.raws[0].chmod(0o444)
    made = run_pipeline(unit, NONE, calacs.scratch())
    assert unit.raws[0].read_bytes() == before
    assert stale.read_text() == "of an earlier run"
    assert [path.name for path in made.products] == [stale.name]


def iterate(
    calacs: FakeCalacs,
    units: list[CalibrationUnit],
    references: dict[str, ReferenceSet | CalibrationError] | None = None,
    workers: int = 2,
    timeout_s: float = 600,
) -> Iterator[tuple[CalibrationUnit, Calibrated | CalibrationError]]:
    lock = threading.Lock()

    @contextmanager
    def scratch() -> Iterator[Path]:
        with lock:
            folder = calacs.scratch()
        yield folder

    sets = references or {unit.name: NONE for unit in units}
    keep = lambda _unit, calibrated: calibrated  # noqa: E731
    return calibrate_all(
        units,
        sets,
        keep,
        scratch=scratch,
        workers=workers,
        memory_bytes=1 << 40,
        timeout_s=timeout_s,
    )


def test_four_units_on_two_workers_run_two_at_a_time(calacs: FakeCalacs) -> None:
    started = calacs.folder / "started"
    started.mkdir()
    calacs.does(
        "begin = time.time()",
        f"open(os.path.join({str(started)!r}, root), 'w').close()",
        # The first waits for the second, for ever if there is only one at a time.
        f"while len(os.listdir({str(started)!r})) < 2: time.sleep(0.01)",
        "time.sleep(0.2); make('flt'); print(begin, time.time())",
    )
    units = calacs.units("j8bt05njq", "j8bt05nkq", "j8bt05nlq", "j8bt05nmq")
    spans = []
    for _unit, result in iterate(calacs, list(units), timeout_s=300):
        assert isinstance(result, Calibrated), str(result)
        spans.append(tuple(map(float, result.trailer.split())))
    assert len(spans) == 4
    assert max(sum(a <= start < b for a, b in spans) for start, _ in spans) == 2


def test_one_failure_and_one_lack_of_references_leave_the_others_alone(calacs: FakeCalacs) -> None:
    calacs.does("sys.exit(3) if root == 'j8bt05nkq' else make('flt')")
    units = calacs.units("j8bt05njq", "j8bt05nkq", "j8bt05nlq")
    sets: dict[str, ReferenceSet | CalibrationError] = {unit.name: NONE for unit in units}
    sets["j8bt05nlq"] = MissingReferencesError("nowhere")
    results = {unit.name: result for unit, result in iterate(calacs, list(units), sets)}
    assert isinstance(results["j8bt05njq"], Calibrated)
    assert "status 3" in str(results["j8bt05nkq"])
    assert results["j8bt05nlq"] is sets["j8bt05nlq"]


def test_closing_the_iterator_ends_what_runs(calacs: FakeCalacs) -> None:
    note = calacs.folder / "pids"
    calacs.does(
        f"open({str(note)!r}, 'a').write(f'{{os.getpid()}}\\n')",
        "time.sleep(3600 if root != 'j8bt05njq' else 0); make('flt')",
    )
    units = calacs.units("j8bt05njq", "j8bt05nkq", "j8bt05nlq")
    results = iterate(calacs, list(units))
    next(results)
    started = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 300
    wait_for(lambda: all(is_gone(int(pid)) for pid in note.read_text().split()))


def test_no_run_outlives_the_process_that_started_it(calacs: FakeCalacs) -> None:
    note = calacs.folder / "pid"
    calacs.does(f"open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(3600)")
    calacs.units(NAME)
    script = (
        "import sys; from pathlib import Path\n"
        "from hstql_resources.calibration.planning import plan_units\n"
        "from hstql_resources.calibration.reference_files import ReferenceSet\n"
        "from hstql_resources.calibration.running import run_pipeline\n"
        "raw, scratch = map(Path, sys.argv[1:])\n"
        f"unit = plan_units('acs', ['{NAME}'], {{'{NAME}': list(raw.iterdir())}}).units[0]\n"
        "run_pipeline(unit, ReferenceSet({}), scratch)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, calacs.folder / "raw", calacs.scratch()]
    )
    try:
        wait_for(lambda: note.is_file() and note.read_text() != "")
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    wait_for(lambda: is_gone(int(note.read_text())))


def wait_for(condition) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Dead, or dead and not yet reaped by the process that inherited it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
