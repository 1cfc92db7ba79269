"""Sort why an attempt failed: to be repeated, final, elsewhere, or the local disk's.

No message holds anything that a server or a library said: either can repeat what was sent to it,
the token too.
"""

import errno
import os
from collections.abc import Iterator

from urllib3 import exceptions

_FULL = (errno.ENOSPC, errno.EDQUOT)


class AttemptError(Exception):
    """One attempt that failed; the message continues the sentence `<file> `.

    Parameters
    ----------
    reason : str
        Without the full stop.
    is_passing : bool
        Whether asking again can help.
    is_absent : bool
        Whether the server does not have the file.
    is_refused : bool
        Whether the server does not give it to this token, or without one.
    is_local : bool
        Whether it is this machine's disk that stands in the way.
    wait_s : float, optional
        How long the server asks to be left alone, s.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_passing: bool = False,
        is_absent: bool = False,
        is_refused: bool = False,
        is_local: bool = False,
        wait_s: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_passing = is_passing
        self.is_absent = is_absent
        self.is_refused = is_refused
        self.is_local = is_local
        self.wait_s = wait_s

    @property
    def may_be_elsewhere(self) -> bool:
        """Whether it is worth asking another address."""
        return self.is_passing or self.is_absent or self.is_refused


class StoppedError(Exception):
    """Nobody waits for the file any more."""


def describe_disk(error: OSError) -> AttemptError:
    """Return the failure of a file that cannot be written: no repeat helps."""
    text = os.strerror(error.errno) if error.errno else "the disk gave no reason"
    advice = "make room on that disk" if error.errno in _FULL else "check its folder"
    return AttemptError(f"cannot be written: {text}; {advice} and fetch it again", is_local=True)


def describe_network(error: Exception, host: str) -> AttemptError:
    """Return the failure of a request that got no answer, or no whole one."""
    reason = next((text for kind, text in _INTERRUPTIONS if isinstance(error, kind)), _LOST)
    if any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error)):
        reason = "connection refused by"
    return AttemptError(f"could not be fetched: {reason} {host}", is_passing=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it came from."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


_LOST = "the connection was lost to"
# The first that fits: each of the first three is a kind of the next.
_INTERRUPTIONS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.NameResolutionError, "there is no address of"),
    (exceptions.NewConnectionError, "no way leads to"),
    (exceptions.ConnectTimeoutError, "no connection in time to"),
    (exceptions.ReadTimeoutError, "nothing came any more from"),
    (exceptions.SSLError, "no secure connection to"),
    (exceptions.ProxyError, "the proxy does not lead to"),
)
