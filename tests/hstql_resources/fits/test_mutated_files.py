"""Files with a few wrong bytes, and blocks that were cut off, lost or doubled, against astropy."""

import gzip
import io
import random
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.fits.byte_source import BLOCK
from hstql_resources.fits.file_headers import read_headers
from hstql_resources.fits.hdus import CARD

SEEDS, SEEDS_AT_ONCE = 300, 50
STRUCTURE = (b"SIMPLE", b"XTENSION", b"BITPIX", b"NAXIS", b"PCOUNT", b"GCOUNT", b"NEXTEND", b"END ")


@cache
def make_file(*, promises: bool) -> bytes:
    """Return a file with an HDU of each kind, and two that are nothing but a header."""
    hdus = fits.HDUList([fits.PrimaryHDU()])
    hdus.append(fits.ImageHDU(np.zeros((40, 50), "f4"), name="SCI"))
    hdus.append(fits.ImageHDU(name="ERR"))
    hdus.append(fits.ImageHDU(np.zeros((24, 30), "i4"), name="DQ"))  # exactly one block
    times = fits.Column("TIME", "D", array=np.arange(400.0))
    hdus.append(fits.BinTableHDU.from_columns([times], name="EVENTS"))
    hdus.append(fits.CompImageHDU(np.arange(400, dtype="i2").reshape(20, 20), name="SCI"))
    hdus.append(fits.ImageHDU(name="ERR"))
    if promises:
        hdus[0].header["NEXTEND"] = len(hdus) - 1
    written = io.BytesIO()
    hdus.writeto(written)
    return written.getvalue()


def flip_bits(content: bytearray, rng: random.Random) -> bytearray:
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return content


def flip_structure(content: bytearray, rng: random.Random) -> bytearray:
    cards = [i for i in range(0, len(content), CARD) if content.startswith(STRUCTURE, i)]
    content[rng.choice(cards) + rng.choice([12, CARD]) - 1 - rng.randrange(12)] ^= (
        1 << rng.randrange(8)
    )
    return content


def cut(content: bytearray, rng: random.Random) -> bytearray:
    return content[: rng.randrange(0, len(content), BLOCK)]


def double_a_block(content: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(0, len(content), BLOCK)
    return content[:place] + content[place : place + BLOCK] + content[place:]


def lose_a_block(content: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(0, len(content), BLOCK)
    return content[:place] + content[place + BLOCK :]


def put_a_strange_block(content: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(0, len(content), BLOCK)
    strange = rng.choice([bytes(BLOCK), b" " * BLOCK, rng.randbytes(BLOCK)])
    return content[:place] + strange + content[place + rng.choice([0, BLOCK]) :]


MUTATIONS: list[Callable[[bytearray, random.Random], bytearray]] = [
    flip_bits, flip_structure, cut, double_a_block, lose_a_block, put_a_strange_block,
]  # fmt: skip


def mutate(seed: int) -> bytes:
    rng = random.Random(seed)
    content = bytes(rng.choice(MUTATIONS)(bytearray(make_file(promises=rng.random() < 0.7)), rng))
    return gzip.compress(content, 1) if rng.random() < 0.1 else content


def count_as_astropy(path: Path) -> int:
    with warnings.catch_warnings(action="ignore"):
        try:
            with fits.open(path) as hdus:
                return len(hdus)
        except Exception:  # whatever it is that astropy stumbles over, it finds nothing
            return 0


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_AT_ONCE))
def test_where_astropy_finds_more_hdus_the_file_is_named(tmp_path: Path, first: int) -> None:
    path = tmp_path / "file.fits"
    silent = []
    for seed in range(first, first + SEEDS_AT_ONCE):
        path.write_bytes(mutate(seed))
        file = read_headers(path, "raw")
        if file.fault is None and count_as_astropy(path) > len(file.headers):
            silent.append(seed)
    assert silent == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("promises", [True, False])
def test_a_file_without_fault_is_not_named(
    tmp_path: Path, pack: Callable[[bytes], bytes], promises: bool
) -> None:
    path = tmp_path / "file.fits"
    for padding in (b"", bytes(10), bytes(3 * BLOCK)):
        path.write_bytes(pack(make_file(promises=promises) + padding))
        file = read_headers(path, "raw")
        assert (file.fault, file.is_kept, len(file.headers)) == (None, True, 7)


def list_ends(content: bytes) -> list[int]:
    """Where each HDU ends, bytes."""
    starts = [i for i in range(BLOCK, len(content), BLOCK) if content.startswith(b"XTENSION=", i)]
    return [*starts, len(content)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_what_was_read_before_hdus_were_lost_is_kept(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path, content = tmp_path / "file.fits", make_file(promises=True)
    for found, end in enumerate(list_ends(content)[:-1]):
        path.write_bytes(pack(content[:end]))
        file = read_headers(path, "raw")
        assert (len(file.headers), file.is_kept) == (found + 1, True)
        assert file.fault == (f"file.fits has {found} of the 6 extensions that NEXTEND promises.")
        path.write_bytes(pack(content[:end] + b"<html>" + content[end:]))
        file = read_headers(path, "raw")
        assert (len(file.headers), file.is_kept) == (found + 1, True)
        assert file.fault == f"file.fits has bytes after its HDU {found} that are no HDU."


def test_no_real_file_has_lost_an_hdu(real_archive: Path) -> None:
    paths = sorted((real_archive.parent).rglob("*.fits*"))
    assert len(paths) >= 193
    assert [path.name for path in paths if read_headers(path, "raw").fault] == []


def test_a_header_with_a_broken_end_ends_there_and_the_card_is_kept(tmp_path: Path) -> None:
    path, content = tmp_path / "file.fits", make_file(promises=True)
    for broken in ("END    \x01", "END*", "END     caf\xe9"):
        for start in range(0, len(content), CARD):
            if content.startswith(b"END ".ljust(CARD), start):
                card = broken.ljust(CARD).encode("latin-1")
                path.write_bytes(content[:start] + card + content[start + CARD :])
                file = read_headers(path, "raw")
                assert (file.fault, len(file.headers)) == (None, 7)
                words = [f"END     {text}" for header in file.headers
                         for keyword, text in header.commentary if keyword == "END"]  # fmt: skip
                words += [word for header in file.headers for word in header.values]
                assert broken.upper() in [word.upper() for word in words]
