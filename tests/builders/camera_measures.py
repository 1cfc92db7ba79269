"""Reads what was put into simulated camera files, and measures what is in them."""

import json
from pathlib import Path

import numpy as np


def read_truth(camera_files: Path, rootname: str) -> dict:
    return json.loads((camera_files / f"{rootname}_truth.json").read_text())


def clip(values: np.ndarray) -> np.ndarray:
    """Return values without the outermost: 5 sigma by the quartiles, three times over."""
    for _ in range(3):
        low, middle, high = np.percentile(values, [25, 50, 75])
        values = values[np.abs(values - middle) < 5 * (high - low) / 1.349]
    return values


def measure_peak(image: np.ndarray, x: float, y: float) -> tuple[float, float, float]:
    """Return light and centroid of the pixels within 4 of a place, above those at 6 to 7."""
    row, column = np.indices(image.shape)
    distance = np.hypot(column - x, row - y)
    inside, ring = distance <= 4, (distance >= 6) & (distance <= 7)
    light = np.where(inside, image - np.median(image[ring]), 0.0)
    total = light.sum()
    return total, (light * column).sum() / total, (light * row).sum() / total
