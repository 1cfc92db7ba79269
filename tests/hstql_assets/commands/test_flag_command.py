"""`hstql flag`: what it says of exposures is what the site shows."""

from builders.station import Station


def test_exposures_are_flagged_and_freed_and_named_if_they_are_not_there(
    station: Station,
) -> None:
    station.hstql("discover", "--rootname", "ls000101q")
    assert station.hstql("materialize", "cos/header_tables").returncode == 0
    asked = ("flag", "ls000101q", "--kind", "detector_event")
    assert "1 flagged." in station.hstql(*asked, "--comment", "two of them").stdout
    told = station.hstql("flag", "ls000101q", "--format", "csv").stdout
    assert told.splitlines()[1].startswith("ls000101q,detector_event,")
    assert "1 taken back." in station.hstql(*asked, "--unset").stdout
    counted = station.hstql("query", "SELECT count(*) FROM comments", "--format", "csv")
    assert counted.stdout.split() == ["count", "1"]
    assert "no exposure jnone1a1q here" in station.hstql("flag", "jnone1a1q").stderr
    unknown = station.hstql("flag", "ls000101q", "--kind", "detecter_event")
    assert (unknown.returncode, "Did you mean detector_event" in unknown.stderr) == (2, True)
    assert station.hstql("flag", "ls000101q", "--unset").returncode == 2
