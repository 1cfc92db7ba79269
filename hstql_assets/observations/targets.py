"""The slug of a target: its name in paths, partition keys and tables."""

import hashlib
import re

LONGEST = 30
HASH_DIGITS = 4


def make_slug(target_name: str) -> str:
    """Return the slug of a target name.

    Parameters
    ----------
    target_name : str
        TARGNAME of the header; anything at all may stand there.

    Returns
    -------
    str
        1 to 30 of `[a-z0-9.+-]`, beginning and ending with a letter or digit, without `..`. A
        name that had to be cut, or of which nothing was left, ends in a hash of 4 digits.
    """
    slug = re.sub(r"[^a-z0-9.+-]+", "-", target_name.lower())
    slug = re.sub(r"\.{2,}", ".", slug)
    slug = re.sub(r"-{2,}", "-", slug).strip(".+-")
    if slug and len(slug) <= LONGEST:
        return slug
    digest = hashlib.sha256(target_name.encode()).hexdigest()[:HASH_DIGITS]
    stem = slug[: LONGEST - HASH_DIGITS - 1].strip(".+-") or "target"
    return f"{stem}-{digest}"
