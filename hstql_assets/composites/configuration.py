"""Tell what the exposures of a composite have in common, and name its file."""

import hashlib
import re
from dataclasses import dataclass

UNKNOWN = "UNKNOWN"  # of a keyword that the headers do not have
HASH_DIGITS = 4


@dataclass(frozen=True, order=True)
class Configuration:
    """A setting of an instrument; values as in the headers, in capitals.

    Parameters
    ----------
    instrument : str
        Such as `COS`.
    detector : str
        DETECTOR, such as `FUV`.
    opt_elem : str
        OPT_ELEM, such as `G130M`.
    cenwave : int
        CENWAVE, Angstrom; 0 for imaging.
    aperture : str
        APERTURE, such as `PSA`.
    """

    instrument: str
    detector: str
    opt_elem: str
    cenwave: int
    aperture: str

    @classmethod
    def from_headers(
        cls,
        instrument: str | None,
        detector: str | None,
        opt_elem: str | None,
        cenwave: int | None,
        aperture: str | None,
        obs_type: str | None,
    ) -> "Configuration":
        """Return the configuration of an exposure; an image has none of a grating's wavelengths.

        Parameters are the values of the keywords; None where a header does not have one.
        """
        is_image = (obs_type or "").upper() == "IMAGING"
        return cls(
            instrument=_capitals(instrument),
            detector=_capitals(detector),
            opt_elem=_capitals(opt_elem),
            cenwave=0 if is_image else cenwave or 0,
            aperture=_capitals(aperture),
        )

    def __str__(self) -> str:
        return " ".join(str(word) for word in vars(self).values())

    def filename(self, target: str) -> str:
        """Return the name of the composite of a target.

        Returns
        -------
        str
            `hlsp_hstlc_hst_<instrument>-<detector>_<target>_<opt_elem>_<cenwave>_<aperture>_v1_sci.fits`
            in lower case; between the underscores only `[a-z0-9.+-]`.
        """
        words = (
            f"{_safe(self.instrument)}-{_safe(self.detector)}",
            target,
            _safe(self.opt_elem),
            str(self.cenwave),
            _safe(self.aperture),
        )
        return f"hlsp_hstlc_hst_{'_'.join(words)}_v1_sci.fits"


def _capitals(word: str | None) -> str:
    return (word or "").strip().upper() or UNKNOWN


def _safe(word: str) -> str:
    """Return a word as part of a name; one that had to be changed ends in a hash of 4 digits."""
    lower = word.lower()
    safe = re.sub(r"[^a-z0-9.+-]+", "-", lower).strip(".+-")
    if safe == lower:
        return safe
    digest = hashlib.sha256(word.encode()).hexdigest()[:HASH_DIGITS]
    return f"{safe}-{digest}" if safe else digest
