"""Tell which of the reference files that a header names are read by the pipeline.

A header names more files than a run needs: what a switch turns off is not read. For COS the rules
are those of CalCOS 3.6.2 (`Association.missingRefFiles` and what it reads without looking
first). For the others a file is left out only if every switch that can use it is off.
"""

from astropy.io import fits

Switches = tuple[str, ...]

# In HSTCAL's headers and documents. What only other programs read has no switch here.
_STIS: dict[str, Switches] = {
    "BIASFILE": ("BIASCORR",),
    "CRREJTAB": ("CRCORR",),
    "DARKFILE": ("DARKCORR",),
    "DFLTFILE": ("FLATCORR",),
    "DISPTAB": ("DISPCORR", "WAVECORR", "X1DCORR", "X2DCORR"),
    "GACTAB": ("FLUXCORR",),
    "IDCTAB": ("GEOCORR",),
    "IMPHTTAB": ("PHOTCORR",),
    "INANGTAB": ("DISPCORR", "WAVECORR", "X1DCORR", "X2DCORR"),
    "LAMPTAB": ("WAVECORR",),
    "LFLTFILE": ("FLATCORR",),
    "PCTAB": ("FLUXCORR",),
    "PFLTFILE": ("FLATCORR",),
    "PHOTTAB": ("FLUXCORR", "PHOTCORR"),
    "SDCTAB": ("WAVECORR", "X2DCORR"),
    "SDSTFILE": ("SGEOCORR",),
    "SHADFILE": ("SHADCORR",),
    "SPTRCTAB": ("WAVECORR", "X1DCORR", "X2DCORR"),
    "TDSTAB": ("FLUXCORR",),
    "WCPTAB": ("WAVECORR",),
    "XTRACTAB": ("X1DCORR",),
}
_CAMERAS: dict[str, Switches] = {
    "ATODTAB": ("ATODCORR",),
    "BIACFILE": ("PCTECORR",),
    "BIASFILE": ("BIASCORR",),
    "BPIXTAB": ("DQICORR",),
    "COMPTAB": (),
    "D2IMFILE": (),
    "DARKFILE": ("DARKCORR",),
    "DFLTFILE": ("FLATCORR",),
    "DGEOFILE": (),
    "DRKCFILE": ("PCTECORR",),
    "FLSCFILE": ("PCTECORR",),
    "FLSHFILE": ("FLSHCORR",),
    "GRAPHTAB": (),
    "IDCTAB": (),
    "IMPHTTAB": ("PHOTCORR",),
    "LFLTFILE": ("FLATCORR",),
    "MDRIZTAB": (),
    "NLINFILE": ("NLINCORR",),
    "NPOLFILE": (),
    "OSCNTAB": ("BLEVCORR",),
    "PCTETAB": ("PCTECORR",),
    "PFLTFILE": ("FLATCORR",),
    "SHADFILE": ("SHADCORR",),
    "SNKCFILE": ("DQICORR", "SINKCORR"),
}
_COS: dict[str, Switches] = {
    "BADTTAB": ("BADTCORR",),
    "BPIXTAB": ("DQICORR",),
    "BRSTTAB": ("BRSTCORR",),
    "DEADTAB": ("DEADCORR",),
    "DGEOFILE": ("DGEOCORR",),
    "FLATFILE": ("FLATCORR",),
    "FLUXTAB": ("FLUXCORR",),
    "GEOFILE": ("GEOCORR",),
    "GSAGTAB": ("DQICORR",),
    "HVDSTAB": ("HVDSCORR",),
    "IMPHTTAB": (),  # the numbers are in the program
    "PHAFILE": ("PHACORR",),
    "PHATAB": ("PHACORR",),
    "PHOTTAB": ("FLUXCORR",),
    "PROFTAB": ("ALGNCORR",),
    "SPOTTAB": ("DQICORR",),
    "TDSTAB": ("TDSCORR",),
    "TRACETAB": ("TRCECORR",),
    "XWLKFILE": ("XWLKCORR",),
    "YWLKFILE": ("YWLKCORR",),
}
# Of COS, for spectra only.
_COS_SPECTRA: dict[str, Switches] = {
    "DISPTAB": ("X1DCORR", "DOPPCORR", "HELCORR", "WAVECORR"),
    "LAMPTAB": ("WAVECORR",),
    "WCPTAB": ("WAVECORR",),
    "XTRACTAB": ("X1DCORR", "DOPPCORR", "HELCORR", "WAVECORR"),
}


def is_needed(instrument: str, keyword: str, header: fits.Header) -> bool:
    """Tell whether the pipeline reads the reference file that a keyword names.

    Parameters
    ----------
    instrument : str
        `cos`, `stis`, `acs` or `wfc3`.
    keyword : str
        Such as `FLATFILE`.
    header : astropy.io.fits.Header
        Primary header of the raw file.
    """
    if instrument == "cos":
        return _is_needed_by_calcos(keyword, header)
    rules = _STIS if instrument == "stis" else _CAMERAS
    return keyword not in rules or _performs_any(header, rules[keyword])


def _is_needed_by_calcos(keyword: str, header: fits.Header) -> bool:
    if keyword in _COS_SPECTRA:
        return _word(header, "OBSTYPE") == "SPECTROSCOPIC" and _performs_any(
            header, _COS_SPECTRA[keyword]
        )
    conditions = {
        # Where the detector is sensitive; FUV always, NUV never.
        "BRFTAB": _word(header, "DETECTOR") == "FUV",
        "SPWCSTAB": _word(header, "OBSTYPE") == "SPECTROSCOPIC",
        "TWOZXTAB": _word(header, "XTRCTALG") == "TWOZONE",
    }
    if keyword in conditions:
        return conditions[keyword]
    if keyword not in _COS:
        return True
    if keyword == "TDSTAB" and _word(header, "FLUXCORR") != "PERFORM":
        return False
    return _performs_any(header, _COS[keyword]) and not _is_replaced(keyword, header)


def _is_replaced(keyword: str, header: fits.Header) -> bool:
    """Tell whether a newer file is read instead."""
    if keyword == "PHATAB":
        is_named = _word(header, "PHAFILE") not in {"", "N/A"}
        return is_named and _word(header, "OBSMODE") == "TIME-TAG"
    return keyword == "PHOTTAB" and "FLUXTAB" in header


def _performs_any(header: fits.Header, switches: Switches) -> bool:
    return any(_word(header, switch) == "PERFORM" for switch in switches)


def _word(header: fits.Header, keyword: str) -> str:
    return str(header.get(keyword, "")).strip().upper()
