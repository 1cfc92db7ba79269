"""CPU of reading all headers of a file, hstql against astropy, for the same values.

    python benchmarks/headers.py [--repeats 100]

The file is made here: 7 HDUs with 890 cards, like a calibrated exposure of ACS/WFC, plain and
gzipped. The ways run in turn in one process, and must give the same keywords and values.
"""

import gzip
import os
import statistics
import time
from functools import partial
from pathlib import Path

import numpy as np
from astropy.io import fits
from harness import read_arguments, scratch, time_in_turn

from hstql_resources.fits.file_headers import read_headers

CARDS = {
    ("PRIMARY", 1): 250,
    ("SCI", 1): 190, ("ERR", 1): 70, ("DQ", 1): 70,
    ("SCI", 2): 180, ("ERR", 2): 65, ("DQ", 2): 65,
}  # fmt: skip
SHAPE = (64, 128)
COMMENTARY = ("", "COMMENT", "HISTORY")

Values = list[dict[str, object]]


def main() -> None:
    repeats = read_arguments(__doc__, repeats=100).repeats
    with scratch() as folder:
        plain = folder / "jgen01aaq_flc.fits"
        write_file(plain)
        packed = Path(f"{plain}.gz")
        packed.write_bytes(gzip.compress(plain.read_bytes()))
        print(f"{os.cpu_count()} cores, one of them used; {len(CARDS)} HDUs, "
              f"{sum(CARDS.values())} cards; medians of {repeats}")  # fmt: skip
        for path in (plain, packed):
            compare(path, repeats)


def write_file(path: Path) -> None:
    """Write headers with the mixture of cards that real ones have, and small images."""
    rng = np.random.default_rng(1)
    hdus = fits.HDUList([fits.PrimaryHDU()])
    for (name, version), cards in CARDS.items():
        hdu = hdus[0]
        if name != "PRIMARY":
            kind = np.int16 if name == "DQ" else np.float32
            hdu = fits.ImageHDU(np.zeros(SHAPE, kind), name=name, ver=version)
            hdus.append(hdu)
        for number in range(cards - len(hdu.header)):
            hdu.header.append(make_card(rng, number), end=True)
    hdus.writeto(path)
    found = [len(hdu.header) for hdu in fits.open(path)]
    if found != list(CARDS.values()):
        raise SystemExit(f"The headers have {found} cards, not {list(CARDS.values())}.")


def make_card(rng: np.random.Generator, number: int) -> fits.Card:
    keyword, comment = f"KEY{number:05d}", "what the keyword means, in words"
    match rng.choice(8, p=(0.3, 0.25, 0.15, 0.06, 0.06, 0.06, 0.06, 0.06)):
        case 0:
            return fits.Card(keyword, f"jref$x{rng.integers(10**6)}_pfl.fits", comment)
        case 1:
            return fits.Card(
                keyword, float(rng.normal()) * 10.0 ** int(rng.integers(-9, 9)), comment
            )
        case 2:
            return fits.Card(keyword, int(rng.integers(-1000, 10**6)), comment)
        case 3:
            return fits.Card(keyword, bool(rng.integers(2)), comment)
        case 4:
            return fits.Card(f"DP{number % 9}.AXIS.{number}", float(rng.integers(9)), comment)
        case 5:
            return fits.Card("HISTORY", "  a step of the calibration that was performed")
        case 6:
            return fits.Card("", "             / TITLE OF A SECTION")
        case _:
            return fits.Card(keyword, "", comment)


def compare(path: Path, repeats: int) -> None:
    ways = {way.__name__: partial(way, path) for way in (read_hstql, read_astropy, read_each)}
    if len({repr(read()) for read in ways.values()}) > 1:
        raise SystemExit("The ways do not give the same keywords and values.")
    seconds = time_in_turn(ways, repeats, time.process_time)
    ours, once, each = (1e3 * statistics.median(values) for values in seconds.values())
    print(f"{path.name}: hstql {ours:.2f} ms")
    print(f"  astropy, opened once            {once:6.1f} ms, ratio {once / ours:.1f}")
    print(f"  astropy, opened for each header {each:6.1f} ms, ratio {each / ours:.1f}")


def read_hstql(path: Path) -> Values:
    file = read_headers(path, "flc")
    if file.fault is not None:
        raise SystemExit(file.fault)
    return [header.values for header in file.headers]


def read_astropy(path: Path) -> Values:
    with fits.open(path, memmap=False) as hdus:
        return [first_values(hdu.header) for hdu in hdus]


def read_each(path: Path) -> Values:
    """Read as acsql does: `getheader` for each extension."""
    return [first_values(fits.getheader(path, number)) for number in range(len(CARDS))]


def first_values(header: fits.Header) -> dict[str, object]:
    values: dict[str, object] = {}
    for card in header.cards:
        if card.keyword not in COMMENTARY:
            values.setdefault(card.keyword, card.value)
    return values


if __name__ == "__main__":
    main()
