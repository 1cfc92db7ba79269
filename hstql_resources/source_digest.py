"""Tell whether what was made once is what the code would make today."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest_sources(files: Iterable[Path | str]) -> str:
    """Return a digest of Python sources; it changes with any of them."""
    digest = hashlib.sha256()
    for file in sorted(map(str, files)):
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()
