"""Draw the distortion of an exposure: polynomials as in real headers, of the size of real ones."""

from hstql_resources.archive.simulated.cameras.catalogue import Exposure

DISTORTION_STREAM = 91
STEP_PX = 0.5  # of a numerical derivative

_TERMS = tuple((axis, i, j) for axis in "AB" for i in range(6) for j in range(6) if 2 <= i + j <= 5)


def distortion_of(exposure: Exposure) -> dict[tuple[str, int, int], float]:
    """Return the coefficients A_i_j and B_i_j of SIP, by axis and powers."""
    coefficients = exposure.random_stream(DISTORTION_STREAM).standard_normal(len(_TERMS))
    return {
        (axis, i, j): float(coefficient) * 10.0 ** (2 - 4 * (i + j))
        for (axis, i, j), coefficient in zip(_TERMS, coefficients, strict=True)
    }


def distort(exposure: Exposure, u: float, v: float) -> tuple[float, float]:
    """Return where a pixel is without distortion; both from the reference pixel [pixel]."""
    found = {"A": u, "B": v}
    for (axis, i, j), coefficient in distortion_of(exposure).items():
        found[axis] += coefficient * u**i * v**j
    return found["A"], found["B"]


def area_at(exposure: Exposure, u: float, v: float) -> float:
    """Return the area of a pixel over a nominal one: of the quadrangle that its corners make."""
    corners = [
        distort(exposure, u + STEP_PX * across, v + STEP_PX * up)
        for across, up in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    (ax, ay), (bx, by) = (
        (corners[end][0] - corners[start][0], corners[end][1] - corners[start][1])
        for start, end in ((0, 2), (1, 3))
    )
    return abs(ax * by - ay * bx) / 2.0 / (2.0 * STEP_PX) ** 2
