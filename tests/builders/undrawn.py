"""Leave out the charts of monitors where only rows are looked at: to draw them takes longer."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hstql_assets.monitors.framework import publishing
from hstql_assets.monitors.framework.page import MonitorPage


@contextmanager
def leave_charts_out() -> Iterator[None]:
    """Let pages of monitors, and their pictures, be empty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "FEWEST_TO_SHARE", math.inf)  # workers would draw them
        patch.setattr(publishing, "_draw", lambda *_: b"")
        patch.setattr(publishing, "write_numbers", lambda *_: "")
        patch.setattr(publishing, "describe_monitor", lambda *_: MonitorPage({}, {}))
        patch.setattr(publishing, "render_monitor", lambda *_: "")
        yield
