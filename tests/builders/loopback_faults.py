"""What can go wrong with a request for a file, as tests ask for it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "status", "stall", "drop", "reset", "half", "login", "login_as_fits", "no_range", "no_length",
    "drip", "redirect", "wrong_range", "wrong_total", "range_of_other", "changed", "gzip", "echo",
]  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    Attributes
    ----------
    kind : str
        `status` answers with `status` and, if given, `retry_after`. `stall` sends `share` of the
        body and then nothing for `seconds`, `drip` a byte every `seconds`. `drop` and `reset` close
        the connection after `share` of the body, politely or not. `half` sends a file cut at
        `share` as if it were whole. `login` is a page with status 200, `login_as_fits` the same
        that claims to be FITS. `no_range` ignores Range, `no_length` tells no size, `wrong_range`
        answers Range with another one, `wrong_total` with another size, `range_of_other` with
        another ETag, `changed` serves it under a new ETag from then on. `gzip` sends it with
        Content-Encoding. `redirect` leads to `location`, `echo` repeats what was sent in its body.
    """

    kind: Kind
    status: int = 503
    retry_after: str | None = None
    share: float = 0.5
    seconds: float = 0.05
    location: str = ""


# Every fault that a client gets over by asking again; for injection by rate.
PASSING = (
    Fault("status", 500),
    Fault("status", 503),
    Fault("status", 429, retry_after="0"),
    Fault("drop"),
    Fault("reset"),
    Fault("login"),
    Fault("half"),
    Fault("no_range"),
    Fault("no_length"),
)
