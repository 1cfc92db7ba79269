"""The file that says which extractions there are: the packaged one, and one of one's own."""

from pathlib import Path

import pytest

from hstql_assets.lightcurves.extractions.definitions import (
    FILENAME,
    choose,
    load_definitions,
    parse_definitions,
)
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.settings import SettingsError

OWN = '[mine]\nabout = "Mine."\nsource = "Me."\n'


def test_the_packaged_file_has_all_kinds_and_a_short_list_by_default() -> None:
    found = load_definitions()
    assert {"c2", "si4", "n5", "c4", "he2", "night", "day", "orbit", "sn10", "airglow"} <= set(
        found
    )
    assert [name for name, one in found.items() if one.is_default] == ["c2"]
    assert all(one.about.endswith(".") and len(one.source) > 10 for one in found.values())
    assert found["night"].settings.sun_altitude_max_deg == 0
    assert found["day"].settings.sun_altitude_min_deg == 0
    assert found["orbit"].settings.is_by_orbit
    assert found["sn10"].settings.target_sn == 10
    assert not found["airglow"].settings.exclude_airglow
    assert found["pulse-heights-4-15"].settings.pulse_heights == (4, 15)
    assert found["c2"].settings.windows[0] == (1334.087, 1334.977)
    assert all(one.settings.has_band_flux for one in found.values())


def test_a_file_of_the_home_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    assert load_definitions(tmp_path) == load_definitions()
    (tmp_path / FILENAME).write_text(f"{OWN}bin_s = 5\ndefault = true\n")
    (mine,) = load_definitions(tmp_path).values()
    assert (mine.name, mine.is_default) == ("mine", True)
    assert mine.settings == ExtractionSettings(bin_s=5.0, has_band_flux=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mine", "is no TOML"),
        ("mine = 3", r"mine has to be a table, \[mine\]"),
        ('[Mine]\nabout = "A."', "'Mine' is no name of an extraction"),
        ('[mine]\nabout = "A."', "mine has to say source"),
        (f"{OWN}windowing = [[1, 2]]", "There is no value 'windowing'. Did you mean windows"),
        (f"{OWN}windows = [[1, 2, 3]]", r"mine: windows has \[1, 2, 3\]: give two numbers"),
        (f"{OWN}windows = [[2000, 1000]]", "mine: A window is 2000.0 to 1000.0"),
        (f"{OWN}windows = 5", "mine: windows is 5: give a list"),
        (f'{OWN}bin_s = "5"', "mine: bin_s is '5': give a number"),
        (f"{OWN}bin_s = -1", "mine: bin_s is -1.0"),
        (f'{OWN}bins = "year"', "mine: bins is 'year'"),
        (f'{OWN}bins = "orbit"\nbin_s = 1', "give one of the two"),
        (f"{OWN}default = 1", "mine: default is neither true nor false"),
        (f"{OWN}exclude_airglow = 1", "mine: exclude_airglow is 1: give true or false"),
        (f"{OWN}pulse_heights = [3, 99]", "mine: pulse_heights are 3 to 99"),
    ],
)
def test_a_file_that_says_something_else_is_refused_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refusal:
        parse_definitions(text, "/home/extractions.toml")
    assert str(refusal.value).startswith("/home/extractions.toml")
    assert "\n" not in str(refusal.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / FILENAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"extractions\.toml cannot be read"):
        load_definitions(tmp_path)


def test_what_is_chosen_comes_in_the_order_of_the_file() -> None:
    found = load_definitions()
    assert [one.name for one in choose(found, ["n5", "c2"])] == ["c2", "n5"]
    with pytest.raises(SettingsError, match=r"There is no extraction .c22.\. Did you mean c2"):
        choose(found, ["c22"])
