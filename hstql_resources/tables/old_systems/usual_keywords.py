"""Name the header tables and columns of old queries, to be there before any file was seen.

Others come with their first file.
"""

TEXTS, NUMBERS, INTEGERS, LOGICALS = "text", "double precision", "bigint", "boolean"

# Keywords by kind: in the primary header of every image, of each instrument, and so on.
PRIMARY = {
    TEXTS: """
        DATE FILETYPE TELESCOP INSTRUME IMAGETYP PRIMESI TARGNAME LINENUM PR_INV_L PR_INV_F PR_INV_M
        MTFLAG FGSLOCK DATE-OBS TIME-OBS EXPFLAG QUALITY CAL_VER OPUS_VER OBSTYPE OBSMODE SCLAMP
        DETECTOR APERTURE PROPAPER CCDAMP ASN_ID ASN_TAB ASN_MTYP DQICORR BLEVCORR BIASCORR FLSHCORR
        CRCORR DARKCORR FLATCORR PHOTCORR RPTCORR DRIZCORR BPIXTAB CCDTAB OSCNTAB ATODTAB BIASFILE
        FLSHFILE CRREJTAB DARKFILE DRKCFILE PFLTFILE DFLTFILE LFLTFILE PCTETAB D2IMFILE NPOLFILE
        IDCTAB MDRIZTAB IMPHTTAB DGEOFILE PATTERN1
    """,
    NUMBERS: """
        EQUINOX RA_TARG DEC_TARG SUNANGLE MOONANGL SUN_ALT EXPSTART EXPEND EXPTIME PA_V3 POSTARG1
        POSTARG2 PROCTIME CCDGAIN FLASHDUR
    """,
    INTEGERS: "NEXTEND PROPOSID NRPTEXP",
    LOGICALS: "SUBARRAY",
}
OWN = {
    "acs": {TEXTS: "FILTER1 FILTER2 PCTECORR SHADCORR SHADFILE FLASHCUR FLASHSTA SHUTRPOS"},
    "wfc3": {TEXTS: "FILTER SAMP_SEQ FLASHCUR", INTEGERS: "NSAMP", NUMBERS: "PHOTFLAM PHOTPLAM"},
}
SCIENCE = {
    TEXTS: "EXTNAME EXPNAME BUNIT PHOTMODE",
    NUMBERS: """
        DATAMIN DATAMAX CRPIX1 CRPIX2 CRVAL1 CRVAL2 CD1_1 CD1_2 CD2_1 CD2_2 ORIENTAT RA_APER
        DEC_APER PA_APER VAFACTOR PHOTFLAM PHOTZPT PHOTPLAM PHOTBW GOODMIN GOODMAX GOODMEAN SNRMIN
        SNRMAX SNRMEAN MEANDARK MEANBLEV MEANFLSH
    """,
    INTEGERS: "NAXIS1 NAXIS2 CCDCHIP BINAXIS1 BINAXIS2 NCOMBINE NGOODPIX SDQFLAGS",
}
ASSOCIATION = {
    TEXTS: "DATE TELESCOP INSTRUME PRIMESI TARGNAME LINENUM PR_INV_L PR_INV_F PR_INV_M DETECTOR "
    "ASN_ID ASN_TAB ASN_STAT",
    NUMBERS: "EQUINOX RA_TARG DEC_TARG",
    INTEGERS: "PROPOSID",
    LOGICALS: "ASN_PROD",
}
SUPPORT = {
    TEXTS: """
        DATE TELESCOP INSTRUME TARGNAME LINENUM PR_INV_L PR_INV_F PR_INV_M PROP_TYP PROPTTL1
        PROPTTL2 PROGRMID OBSET_ID OBSERVTN CONFIG OPMODE SPEC_1 APER_1 TARG_ID TAR_TYPE TARDESCR
        TARGCAT PSTRTIME PSTPTIME MTFLAG ASN_ID ASN_TAB ASN_MTYP
    """,
    NUMBERS: "EQUINOX RA_TARG DEC_TARG ECL_LONG ECL_LAT GAL_LONG GAL_LAT PA_V3",
    INTEGERS: "PROPOSID",
}
COS_SUPPORT = {
    "primary": {TEXTS: "PROC_TYP PROP_TYP DGESTAR SGESTAR PSTRTIME"},
    "support": {
        TEXTS: "LQTACENT",
        INTEGERS: "LQTASCAN LQTASTEP LQTAFLOR LQTADPOS",
        NUMBERS: "LQTAXPOS LQITIME",
    },
    "snap1": {
        INTEGERS: "LAPXLVDT LAPDLVDT LOM1POSC LOM2POSC LOM1POSF LOM2POSF",
        NUMBERS: "LOMFSTP LDCAMPAT LDCAMPBT LMMCETMP",
    },
}
IMAGES = {
    ("acs", "wfc"): ("raw", "flt", "flc", "drz", "drc", "crj", "crc"),
    ("acs", "hrc"): ("raw", "flt", "drz", "crj"),
    ("acs", "sbc"): ("raw", "flt", "drz"),
    ("wfc3", "uvis"): ("raw", "flt", "flc", "drz", "drc", "crj", "crc"),
    ("wfc3", "ir"): ("raw", "flt", "ima", "drz", "crj"),
}


def usual_tables() -> dict[str, dict[str, str]]:
    """Return the kinds of the usual keywords, by header table and keyword."""
    shapes = {}
    for (instrument, detector), filetypes in IMAGES.items():
        prefix = f"{instrument}_{detector}"
        primary = _list_kinds(PRIMARY) | _list_kinds(OWN[instrument])
        for filetype in filetypes:
            shapes[f"{prefix}_{filetype}_primary"] = primary
            shapes[f"{prefix}_{filetype}_sci"] = _list_kinds(SCIENCE)
        shapes[f"{prefix}_asn_primary"] = _list_kinds(ASSOCIATION)
        shapes[f"{prefix}_spt_primary"] = _list_kinds(SUPPORT)
    for detector in ("fuv", "nuv"):
        for extension, keywords in COS_SUPPORT.items():
            shapes[f"cos_{detector}_spt_{extension}"] = _list_kinds(keywords)
    return shapes


def _list_kinds(keywords: dict[str, str]) -> dict[str, str]:
    return {keyword: kind for kind, text in keywords.items() for keyword in text.split()}
