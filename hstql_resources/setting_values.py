"""Read the values of settings that are more than numbers: texts, paths, modes, groups, addresses.

Each function raises ValueError with the end of a sentence that begins with the name of the setting.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

LONGEST = 4096  # characters, as of a path
LARGEST_GROUP = 2**31 - 1
_MODE = re.compile(r"(0o)?[0-7]{3,5}")
_GROUP_NUMBER = re.compile(r"[0-9]+")


def check_text(value: str) -> str:
    """Refuse what has no letter, or one that cannot be shown, such as a line break."""
    if not value.strip():
        raise ValueError("there are only blanks in it")
    if len(value) > LONGEST:
        raise ValueError(f"it has {len(value)} characters")
    if not value.isprintable():
        raise ValueError(f"{value!r} has characters that cannot be printed")
    return value


def find_path(value: Path) -> Path:
    """Return an absolute path, with `~` and links followed."""
    try:
        return value.expanduser().resolve()
    except (RuntimeError, OSError) as error:  # a user that there is not; links in a circle
        raise ValueError(f"{value} cannot be found: {_reason(error)}") from None


def require_path(value: Path, *, is_folder: bool = False) -> Path:
    """Return the absolute path of a file or folder that exists."""
    path = find_path(value)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    except (OSError, ValueError) as error:
        raise ValueError(f"{value} cannot be looked at: {_reason(error)}") from None
    if mode is None or (is_folder and not path.is_dir()):
        raise ValueError(
            f"{value} {'is not a folder that exists' if is_folder else 'does not exist'}"
        )
    return path


def read_mode(value: object) -> int:
    """Return the octal mode of folders."""
    mode = int(value, 8) if isinstance(value, str) and _MODE.fullmatch(value) else value
    # Without all three bits of its own a folder is closed to the very process that made it.
    if not isinstance(mode, int) or mode & 0o700 != 0o700 or not 0 < mode <= 0o7777:
        raise ValueError(f"{value!r} is not an octal mode that begins with 7, such as 0770")
    return mode


def check_group(value: str) -> str:
    """Refuse the number of a group that no system can have."""
    if _GROUP_NUMBER.fullmatch(value) and (len(value) > 10 or int(value) > LARGEST_GROUP):
        raise ValueError(f"{value} is not the number of a group")
    return value


def check_address(value: str) -> str:
    """Refuse what is not the address of a web server, without user, question and fragment."""
    try:
        parts = urlsplit(value)
        is_usable = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and " " not in value
            and value.isascii()
        )
    except ValueError:  # half of an IPv6 address; a port that is none
        is_usable = False
    if not is_usable:
        raise ValueError("it is not an address such as https://mast.stsci.edu")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("it has to be an address without user, password, question and fragment")
    return value


def check_broker(value: str) -> None:
    """Refuse what is not the address of a Redis; its password is not shown."""
    try:
        parts = urlsplit(value)
        is_usable = (
            parts.scheme in ("redis", "rediss")
            and bool(parts.hostname)
            and parts.port != 0
            and " " not in value
        )
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError("it is not an address such as redis://:password@host:6379/0")


def check_token(value: str) -> str:
    """Refuse what cannot stand in the header of a request; it is not shown."""
    if not value.isascii() or " " in value:
        raise ValueError("it is not a token: there are blanks in it, or letters beyond ASCII")
    return value


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")
