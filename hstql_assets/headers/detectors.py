"""Which detector a file says that it is of: that is part of the name of its header tables."""

import re

from hstql_assets.headers.reading import FileHeaders
from hstql_resources.filenames import INSTRUMENTS

# Jitter files say S/C where they mean none of them.
_CONFIG = re.compile(rf"(?:{'|'.join(INSTRUMENTS.values())})/([A-Z0-9-]+)", re.IGNORECASE)


def own_detector(file: FileHeaders) -> str | None:
    """Return DETECTOR of any HDU, else the configured detector; None if the file names none."""
    detector = file.find("DETECTOR")
    return configured_detector(file) if detector is None else str(detector)


def configured_detector(file: FileHeaders) -> str | None:
    """Return what CONFIG says after the slash, such as FUV of COS/FUV; None if it does not."""
    match = _CONFIG.fullmatch(str(file.find("CONFIG")))
    return None if match is None else match[1]
