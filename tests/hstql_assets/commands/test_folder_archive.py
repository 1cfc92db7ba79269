"""`hstql discover` on folders as people have them: what it tells, and how it ends."""

from pathlib import Path

from builders.station import Station


def test_what_was_taken_and_left_aside_is_told_each_time(
    idle_station: Station, tmp_path: Path
) -> None:
    for name in ("a/LAAA01AAQ_X1D.FITS", "b/laaa01aaq_x1d.fits", "n4wl01xdq_spt.fits", "notes",
                 "laaa01aaq_part1.fits", "23n1744jl_lamp.fits", "README"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    told = (
        f"{tmp_path}: 2 files of 1 observations were taken.\n"
        "  Listed as other: files of types that the archive does not have, 1: "
        f"{tmp_path}/laaa01aaq_part1.fits\n"
        f"  Left aside: calibration reference files, 1: {tmp_path}/23n1744jl_lamp.fits\n"
        "  Left aside: files that are not named as files of HST, 2, such as "
        f"{tmp_path}/README\n"
        f"  Left aside: files of other instruments, 1: {tmp_path}/n4wl01xdq_spt.fits\n"
        "  Left aside: copies of files in use, 1: laaa01aaq_x1d.fits\n"
    )
    for words in (("discover", "--instrument", "cos"), ("discover", "--instrument", "stis")):
        done = idle_station.hstql(*words, HSTQL_ARCHIVE=str(tmp_path))
        assert done.returncode == 0, done.stderr
        assert done.stdout.split("registered.\n")[1] == told


def test_a_folder_in_which_nothing_is_recognised_says_so_and_ends_with_1(
    idle_station: Station, tmp_path: Path
) -> None:
    (tmp_path / "interview_1.fits").write_bytes(b"")
    done = idle_station.hstql("discover", HSTQL_ARCHIVE=str(tmp_path))
    assert done.returncode == 1
    assert f"Error: Nothing in {tmp_path} is recognised as data of cos, stis, acs, wfc3" in (
        done.stderr
    )
