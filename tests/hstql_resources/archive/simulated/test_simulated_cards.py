"""The card texts of all rooms of the simulated archive."""

from importlib.resources import files

import pytest
from astropy.io import fits

from hstql_resources.archive import simulated
from hstql_resources.archive.simulated.cards import fill_cards, load_cards

ROOMS = ("cameras", "cos", "cos_monitoring", "cos_raw", "stis")
FOLDERS = {room: files(simulated) / room / "cards" for room in ROOMS}
TEXTS = sorted(
    f"{room}/{text.name.removesuffix('.txt')}"
    for room, folder in FOLDERS.items()
    for text in folder.iterdir()
)


def list_tags(name: str) -> frozenset[str]:
    """Return all tags that the conditions of a text are about."""
    room, _, text = name.partition("/")
    lines = (FOLDERS[room] / f"{text}.txt").read_text("ascii").splitlines()
    conditions = " ".join(line[1:] for line in lines if line.startswith("@"))
    return frozenset(conditions.replace("|", " ").split())


def test_every_room_has_texts():
    assert {name.partition("/")[0] for name in TEXTS} == set(ROOMS)


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_written_in_a_text_is_good_fits(name):
    parts = load_cards(name, list_tags(name)).parts
    written = "".join(part for part in parts if isinstance(part, str))
    assert len(written) % 80 == 0
    for card in fits.Header.fromstring(written).cards:
        card.verify("exception")


def test_cards_are_filled_in_the_order_of_the_text_and_other_values_left_aside():
    values = {"EXPNAME": "ls000101q", "ROOTNAME": "ls000101q", "DETECTOR": "FUV"}
    header = fits.Header.fromstring(fill_cards("cos/names", values))
    assert list(header) == ["ROOTNAME", "EXPNAME"]


def test_a_value_that_is_missing_is_named():
    with pytest.raises(ValueError, match="cos/support have a blank LQDETNO"):
        fill_cards("cos/support", {"ROOTNAME": "ls000101q", "EXPNAME": "ls000101q"})
