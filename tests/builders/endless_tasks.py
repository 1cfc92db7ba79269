"""Tasks of a worker that end only because somebody ends them."""

import time

import numpy as np


def work_for_ever(_: object) -> str:
    """Go on until killed."""
    while True:
        time.sleep(60)


def take_memory(_: object) -> str:
    """Take more memory than a task may."""
    return str(np.zeros(8 << 30, np.uint8).sum())
