"""Make the slug of a target: its name in paths, partition keys and tables."""

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
    slug = _reduce(target_name)
    if slug and len(slug) <= LONGEST:
        return slug
    return _append_hash(slug, target_name)


def make_slug_of_place(target_name: str, place: str) -> str:
    """Return the slug of a target whose name is another target's too.

    Parameters
    ----------
    target_name : str
        Its name.
    place : str
        What tells it from the others of that name, such as its position.

    Returns
    -------
    str
        As from `make_slug`, always with a hash at its end, which is that of the place.
    """
    return _append_hash(_reduce(target_name), place)


def _reduce(name: str) -> str:
    slug = re.sub(r"[^a-z0-9.+-]+", "-", name.lower())
    slug = re.sub(r"\.{2,}", ".", slug)
    return re.sub(r"-{2,}", "-", slug).strip(".+-")


def _append_hash(slug: str, text: str) -> str:
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:HASH_DIGITS]
    stem = slug[: LONGEST - HASH_DIGITS - 1].strip(".+-") or "target"
    return f"{stem}-{digest}"
