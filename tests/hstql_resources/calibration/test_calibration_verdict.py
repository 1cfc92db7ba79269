"""What a pipeline wrote, and what is believed of it."""

import pickle
import signal

import pytest

from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.calibration.verdict import find_errors, judge, was_killed

EXPECTED = (("a_flt.fits",), ("a_x1d.fits", "a_sx1.fits"))


def test_errors_are_found_in_the_words_of_all_the_pipelines() -> None:
    trailer = (
        "Warning:  ERROR is not meant here\n"
        "ERROR:  The following reference file is missing:\nFLATFILE=x.fits\n"
        "ERROR:    Can't open `a_raw.fits'.\n"
        "*** ERROR in cs0\n"
        "ERROR:  Height of flat field slice is 0\n"
        "error estimate for y location = 6.09\n"
    )
    assert find_errors(trailer) == [
        "The following reference file is missing: FLATFILE=x.fits",
        "Can't open `a_raw.fits'.",
        "in cs0",
    ]


@pytest.mark.parametrize(
    ("status", "trailer", "made", "verdict"),
    [
        (0, "", {"a_flt.fits", "a_sx1.fits"}, None),
        (0, "Begin", {"a_flt.fits"}, "did not make a_x1d.fits or a_sx1.fits; its last line is"),
        (0, "", {"a_x1d.fits"}, "did not make a_flt.fits; it wrote nothing"),
        (1, "Traceback\nKeyError: 'CORNER0X'", set(), "status 1: 'CORNER0X'"),
        (1, "astropy.io.X\nRuntimeError", set(), "status 1: RuntimeError"),
        (-signal.SIGSEGV, "", {"a_flt.fits", "a_x1d.fits"}, "crashed with SIGSEGV"),
        (-64 - 100, "", set(), "was killed by signal 164"),
        (1, "OSError: [Errno 28] No space left on device: 'x'", set(), "the disk is full"),
        (120, "OSError: 1304576 requested and 1035968 written", set(), "the disk is full"),
    ],
)
def test_a_verdict_names_the_reason(
    status: int, trailer: str, made: set[str], verdict: str | None
) -> None:
    found = judge(status, trailer, made, EXPECTED)
    assert (found is None) if verdict is None else (found is not None and verdict in found)


@pytest.mark.parametrize("name", ["SEGV", "TRAP", "ABRT", "FPE", "BUS", "ILL"])
def test_a_crash_is_the_programs_own_and_a_kill_comes_from_outside(name: str) -> None:
    number = signal.Signals[f"SIG{name}"]
    assert not was_killed(-number)
    assert not was_killed(128 + number)  # as a shell says it
    for outside in (signal.SIGKILL, signal.SIGTERM):
        assert was_killed(-outside)
        assert was_killed(128 + outside)
    assert not was_killed(1)


def test_an_error_keeps_its_trailer_over_processes() -> None:
    error = pickle.loads(pickle.dumps(CalibrationError("why", "trailer")))
    assert (str(error), error.trailer) == ("why", "trailer")
