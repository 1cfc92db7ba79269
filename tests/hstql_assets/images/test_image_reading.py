"""Reading science images: values as astropy has them, constants, damaged files."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.images.reading import MOST_PIXELS, read_images
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header


def save(path: Path, *hdus: fits.ImageHDU, **keywords: object) -> Path:
    primary = fits.PrimaryHDU()
    primary.header.update(keywords)
    fits.HDUList([primary, *hdus]).writeto(path)
    return path


def science(values: np.ndarray, version: int = 1, **keywords: object) -> fits.ImageHDU:
    hdu = fits.ImageHDU(values, name="SCI", ver=version)
    hdu.header.update(keywords)
    return hdu


def quality(flags: np.ndarray, version: int = 1) -> fits.ImageHDU:
    return fits.ImageHDU(flags.astype(np.int16), name="DQ", ver=version)


def constant(name: str, value: float, rows: int, columns: int, version: int = 1) -> fits.ImageHDU:
    hdu = fits.ImageHDU(name=name, ver=version)
    hdu.header.update(NPIX1=columns, NPIX2=rows, PIXVALUE=value)
    return hdu


@pytest.mark.parametrize(
    "kind", ["u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"], ids=lambda kind: str(kind)
)
def test_values_of_every_type_are_those_that_were_written(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(1)
    values = (rng.random((7, 11)) * 250).astype(kind)
    if kind in ("u2", "u4"):
        values[0, 0] = np.iinfo(kind).max
    path = save(tmp_path / "jaaa00aaq_raw.fits", science(values))
    (image,) = read_images(path).images
    assert image.values.dtype == np.dtype(kind)
    np.testing.assert_array_equal(image.values, values)


def test_scaled_integers_and_blanks_become_what_they_mean(tmp_path: Path) -> None:
    hdu = science(np.array([[1, 2], [3, -1]], np.int16))
    path = save(tmp_path / "jaaa00aaq_raw.fits", hdu)
    with fits.open(path, mode="update", do_not_scale_image_data=True) as file:
        file[1].header.update(BSCALE=0.5, BZERO=10.0, BLANK=-1)
    (image,) = read_images(path).images
    np.testing.assert_array_equal(image.values, [[10.5, 11.0], [11.5, np.nan]])


def test_a_gzipped_file_reads_the_same(tmp_path: Path) -> None:
    values = np.random.default_rng(2).normal(size=(300, 200)).astype(np.float32)
    flags = np.arange(60000).reshape(300, 200) % 7
    plain = save(tmp_path / "jaaa00aaq_flt.fits", science(values), quality(flags))
    packed = tmp_path / "jaaa00aaq_flt.fits.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    (image,) = read_images(packed).images
    np.testing.assert_array_equal(image.values, values)
    assert image.flags is not None
    np.testing.assert_array_equal(image.flags, flags)


def test_each_image_gets_the_flags_of_its_own_version(tmp_path: Path) -> None:
    values = [np.full((4, 5), number, np.float32) for number in (1, 2)]
    flags = [np.full((4, 5), number) for number in (16, 64)]
    path = save(
        tmp_path / "jaaa00aaq_flt.fits",
        science(values[0], 1, CCDCHIP=2, LTV1=24.0, BUNIT="ELECTRONS"),
        quality(flags[0], 1),
        science(values[1], 2, CCDCHIP=1, BINAXIS1=2, BINAXIS2=3),
        quality(flags[1], 2),
        DETECTOR="wfc",
        SUBARRAY=True,
    )
    file = read_images(path)
    first, second = file.images
    assert (first.version, first.chip, first.offset) == (1, 2, (24.0, 0.0))
    assert (second.version, second.chip, second.binning) == (2, 1, (2, 3))
    assert (first.unit, second.unit, first.is_subarray) == ("ELECTRONS", None, True)
    assert first.flags is not None
    assert second.flags is not None
    assert (first.flags[0, 0], second.flags[0, 0], file.detector) == (16, 64, "WFC")


def test_a_header_that_says_nonsense_says_nothing(tmp_path: Path) -> None:
    hdu = science(np.zeros((4, 5), np.float32), BINAXIS1=10**9, BINAXIS2=-2, LTV1="left")
    hdu.header["CCDCHIP"] = True
    (image,) = read_images(save(tmp_path / "jaaa00aaq_flt.fits", hdu)).images
    assert (image.binning, image.offset, image.chip) == ((1, 1), (0.0, 0.0), None)


def test_a_constant_without_pixels_is_an_image_that_takes_no_memory(tmp_path: Path) -> None:
    path = save(
        tmp_path / "jaaa00aaq_raw.fits",
        constant("SCI", 3.5, 2000, 4000),
        constant("DQ", 0, 2000, 4000),
    )
    (image,) = read_images(path).images
    assert image.values.shape == (2000, 4000)
    assert image.values.strides == (0, 0)
    assert image.values[1999, 3999] == 3.5
    assert image.flags is None


def test_constant_flags_that_are_not_zero_are_flags(tmp_path: Path) -> None:
    path = save(
        tmp_path / "jaaa00aaq_flt.fits",
        science(np.zeros((3, 4), np.float32)),
        constant("DQ", 4, 3, 4),
    )
    (image,) = read_images(path).images
    assert image.flags is not None
    assert (image.flags == 4).all()


def test_flags_of_another_size_are_not_used(tmp_path: Path) -> None:
    path = save(
        tmp_path / "jaaa00aaq_flt.fits",
        science(np.zeros((3, 4), np.float32)),
        quality(np.ones((4, 3))),
    )
    assert read_images(path).images[0].flags is None


def test_an_image_in_the_primary_counts_where_there_is_no_other(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    alone, beside = tmp_path / "jaaa00aaq_drz.fits", tmp_path / "jaaa00abq_drz.fits"
    fits.PrimaryHDU(values).writeto(alone)
    fits.HDUList([fits.PrimaryHDU(values), science(values + 1)]).writeto(beside)
    np.testing.assert_array_equal(read_images(alone).images[0].values, values)
    (image,) = read_images(beside).images
    np.testing.assert_array_equal(image.values, values + 1)


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    hdus = [science(np.full((2, 2), number, np.float32), number) for number in (1, 2, 3)]

    def is_second(_: Header, header: Header) -> bool:
        return header.version == 2

    (image,) = read_images(save(tmp_path / "iaaa00aaq_ima.fits", *hdus), is_second).images
    assert image.values[0, 0] == 2


def test_tables_and_rows_of_numbers_are_no_images(tmp_path: Path) -> None:
    columns = fits.ColDefs([fits.Column("A", "E", array=[1.0])])
    table = fits.BinTableHDU.from_columns(columns, name="SCI")
    row = fits.ImageHDU(np.zeros(965, np.int16), name="UDL")
    path = tmp_path / "jaaa00aaq_spt.fits"
    fits.HDUList([fits.PrimaryHDU(), table, row]).writeto(path)
    assert read_images(path).images == ()


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_file_cut_within_its_pixels_is_refused_with_words(
    tmp_path: Path, is_packed: bool
) -> None:
    path = save(tmp_path / "jaaa00aaq_flt.fits", science(np.ones((100, 100), np.float32)))
    content = path.read_bytes()
    cut = path.with_suffix(".cut")
    cut.write_bytes(gzip.compress(content)[:-40] if is_packed else content[:20000])
    with pytest.raises(FitsError, match=r"ends|cut"):
        read_images(cut)


def test_an_image_of_an_impossible_size_does_not_take_the_memory(tmp_path: Path) -> None:
    side = int(MOST_PIXELS**0.5) + 1
    path = save(tmp_path / "jaaa00aaq_raw.fits", constant("SCI", 0, side, side))
    with pytest.raises(FitsError, match="beyond belief"):
        read_images(path)


def test_real_images_have_the_values_that_astropy_reads(real_archive: Path) -> None:
    compared = 0
    for path in sorted(real_archive.glob("*/*/*.fits*")):
        images = read_images(path).images
        if not images:
            continue
        with fits.open(path) as file:
            for image in images:
                compared += 1
                np.testing.assert_array_equal(image.values, file["SCI", image.version].data)
                flags = file["DQ", image.version].data if ("DQ", image.version) in file else None
                if flags is None:  # also where all of them are one number, which is 0 here
                    assert image.flags is None
                else:
                    np.testing.assert_array_equal(image.flags, flags)
    assert compared >= 50
