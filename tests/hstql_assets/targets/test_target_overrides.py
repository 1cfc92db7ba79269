"""The override file: what it decides, and what it may not say."""

from pathlib import Path

import pytest

from hstql_assets.targets.overrides import load_overrides, parse_overrides
from hstql_resources.settings import SettingsError


def test_the_packaged_file_holds_without_one_of_the_user(tmp_path: Path) -> None:
    overrides = load_overrides(tmp_path)
    assert overrides.find(" gj551 ") == "PROXIMA-CEN"
    assert overrides.is_anywhere("EPSIND")
    assert overrides.is_anywhere("PROXIMACEN")
    assert overrides.find("GJ-436") is None


def test_the_users_file_wins_and_the_rest_of_the_packaged_one_stays(tmp_path: Path) -> None:
    (tmp_path / "targets.toml").write_text(
        'anywhere = ["2I BORISOV"]\n[names]\n"GJ551" = "Proxima"\n"X-1" = "Y"\n'
    )
    overrides = load_overrides(tmp_path)
    assert overrides.find("GJ551") == "Proxima"
    assert overrides.find("x-1") == "Y"
    assert overrides.find("GJ699") == "BARNARDS-STAR"
    assert overrides.is_anywhere("2IBORISOV")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("anywhere = [", "is no TOML"),
        ("anywhere = 3", "anywhere a list"),
        ("names = []", "names must be a table"),
        ("anywhere = [3]", "3 is no name of a target"),
        ('[names]\n"X" = "..."', "'...' is no name of a target"),
        ('[names]\n"X" = 3', "3 is no name of a target"),
        ('[name]\n"X" = "Y"', "has 'name'"),
        ('[names]\n"X" = "Y"\nanywhere = ["Z"]', "['Z'] is no name of a target"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_overrides(text, "/home/targets.toml")
    assert "/home/targets.toml" in str(caught.value)
    assert words in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "targets.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"targets\.toml cannot be read"):
        load_overrides(tmp_path)
