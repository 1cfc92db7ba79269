"""Decide whether a server is asked again, and when: one policy for all that ask over HTTP.

How a request is sent, and what its answer means, is known to those who ask: `downloads` for files,
`archive/mast` for lists, `calibration` for the client of CRDS. `Retry` of urllib3 is not enough for
them: to it an answer of status 200 is a success, also if its body breaks off, or is a login page.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Statuses after which asking again can help, and what they mean. MAST says 500 to a request that it
# does not understand too, but also when it is overloaded.
TRANSIENT = {
    408: "it waited for too long",
    425: "it is too early for it",
    429: "it is asked too often",
    500: "it has an error of its own",
    502: "what stands behind it does not answer",
    503: "it is busy or under maintenance",
    504: "what stands behind it does not answer",
}


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a server is asked.

    Attributes
    ----------
    attempts : int
        How often something is asked for before it is given up; at least once.
    connect_s, read_s : float
        How long to wait for a connection, and for the next bytes of an answer, s.
    first_wait_s, longest_wait_s : float
        Before attempt n + 1 the wait is random, up to `first_wait_s` 2^(n - 1), s. The longest
        bounds that, and what a server asks for by Retry-After.
    """

    attempts: int = 5
    connect_s: float = 5.0
    read_s: float = 60.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 120.0

    @property
    def step_s(self) -> float:
        """How long the headers of an answer, or a piece of it, may take byte by byte, s."""
        return 2 * self.read_s

    def choose_wait(self, attempt: int, asked_s: float | None = None) -> float:
        """Return how long to wait after a failed attempt, s.

        Parameters
        ----------
        attempt : int
            Its number, from 1.
        asked_s : float, optional
            What the server asked for, s; it is kept to, but for the longest wait.
        """
        if asked_s is not None:
            return min(asked_s, self.longest_wait_s)
        longest = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(attempt - 1, 60))
        # At random from zero on, lest all that wait come back together.
        return random.uniform(0.0, longest)  # noqa: S311 - no secret


def read_retry_after(text: str | None, now: datetime | None = None) -> float | None:
    """Return how long a Retry-After asks to wait, s: it is a number of them, or an HTTP date.

    None if there is none, or it is neither; a date that has passed is 0.
    """
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
