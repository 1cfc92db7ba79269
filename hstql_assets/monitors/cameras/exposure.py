"""Read from headers what the meaning of the pixels of an exposure depends on."""

from collections.abc import Mapping
from dataclasses import dataclass

from hstql_assets.images.reading import ScienceImage

RAW = "raw"
# Electrons per count as measured, by detector, amplifier and CCDGAIN, where a raw file may be all
# that there is: what calibration writes into ATODGNC of HRC (ACS Data Handbook, version 4, table
# 5.1). No other amplifier was in general use, and of gains 4 and 8 no measurement is known here.
MEASURED_GAINS = {("HRC", "C", 1.0): 1.185, ("HRC", "C", 2.0): 2.216}


@dataclass(frozen=True)
class Exposure:
    """An exposure, by the headers of one of its images.

    Attributes
    ----------
    filetype : str
        raw, flt or flc.
    image_type : str or None
        IMAGETYP, such as DARK.
    start_mjd, time_s, dark_time_s, flash_s : float or None
        EXPSTART, MJD; EXPTIME, DARKTIME or else EXPTIME, and FLASHDUR, s.
    gain_setting : float or None
        CCDGAIN, electrons per count.
    unit : str or None
        BUNIT.
    steps : frozenset of str
        Calibration steps that were done, such as DARKCORR.
    """

    filetype: str
    image_type: str | None
    start_mjd: float | None
    time_s: float | None
    dark_time_s: float | None
    flash_s: float | None
    gain_setting: float | None
    unit: str | None
    steps: frozenset[str]

    @property
    def is_raw(self) -> bool:
        """Whether the pixels are counts with bias, as they were read."""
        return self.filetype == RAW

    @property
    def is_raw_dark(self) -> bool:
        """Whether it is a DARK as it was read."""
        return self.is_raw and self.image_type == "DARK"

    @property
    def is_plain_dark(self) -> bool:
        """Whether the pixels of a calibrated DARK hold its dark current and nothing else.

        The dark current may have been subtracted already, or the light of the post-flash not.
        """
        return (
            self.image_type == "DARK"
            and not self.is_raw
            and "DARKCORR" not in self.steps
            and (not self.flash_s or "FLSHCORR" in self.steps)
        )

    @property
    def is_rate(self) -> bool:
        """Whether the pixels are per second, as those fitted to the reads of a ramp."""
        return (self.unit or "").upper().replace(" ", "").endswith("/S")

    def rate_per_value(self, gain: float | None) -> float | None:
        """Return electrons/s that a value of 1 stands for; None if unit or time do not say.

        Parameters
        ----------
        gain : float or None
            Of the amplifier, electrons per count.
        """
        word = (self.unit or "").upper().partition("/")[0].strip()
        electrons = {"ELECTRONS": 1.0, "COUNTS": gain}.get(word)
        seconds = 1.0 if self.is_rate else self.dark_time_s
        return electrons / seconds if electrons and seconds and seconds > 0 else None


def describe_exposure(image: ScienceImage, filetype: str) -> Exposure:
    """Return what the headers of an image say; its file is of type raw, flt or flc."""
    time_s = _number(image, "EXPTIME")
    dark_time_s = _number(image, "DARKTIME")
    return Exposure(
        filetype=filetype,
        image_type=(image.find_text("IMAGETYP") or "").upper() or None,
        start_mjd=_number(image, "EXPSTART"),
        time_s=time_s,
        dark_time_s=dark_time_s or time_s,
        flash_s=_number(image, "FLASHDUR"),
        gain_setting=_number(image, "CCDGAIN") or None,
        unit=image.unit,
        steps=frozenset(
            step
            for step in ("DARKCORR", "FLSHCORR")
            if str(image.find(step) or "").strip().upper() == "COMPLETE"
        ),
    )


def find_gain(image: ScienceImage, amplifier: str) -> float | None:
    """Return electrons per count of an amplifier, A to D: ATODGN of calibration; None if not."""
    measured = _number(image, f"ATODGN{amplifier}")
    return measured if measured and measured > 0 else None


def choose_gain(
    image: ScienceImage,
    detector: str,
    amplifier: str,
    exposure: Exposure,
    others: Mapping[str, float],
) -> tuple[float | None, str | None]:
    """Return electrons per count of an amplifier, and where that is from.

    Parameters
    ----------
    image, exposure
        The image, and what its headers say.
    detector, amplifier : str
        Such as HRC, and A to D.
    others : mapping of str to float
        By amplifier, what a calibrated file of the same exposure says.

    Returns
    -------
    gain : float or None
    source : str or None
        ``header``, ``measured`` or ``commanded``.
    """
    if (gain := find_gain(image, amplifier) or others.get(amplifier)) is not None:
        return gain, "header"
    setting = max(exposure.gain_setting or 0.0, 0.0)
    if (gain := MEASURED_GAINS.get((detector, amplifier, setting))) is not None:
        return gain, "measured"
    return (setting, "commanded") if setting else (None, None)


def _number(image: ScienceImage, keyword: str) -> float | None:
    value = image.find_number(keyword, float("nan"))
    return None if value != value else value
