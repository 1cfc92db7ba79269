"""The switches of raw COS exposures that CalCOS performs, of both detectors and of FUV alone."""

SWITCHES = (
    *("BADTCORR", "DEADCORR", "DOPPCORR", "FLATCORR", "WAVECORR", "DQICORR", "X1DCORR"),
    *("BACKCORR", "HELCORR", "FLUXCORR", "TDSCORR"),
)
FUV_SWITCHES = (
    *("RANDCORR", "TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "XWLKCORR", "YWLKCORR"),
    *("PHACORR", "HVDSCORR", "BRSTCORR", "TRCECORR", "ALGNCORR"),
)
