"""Solve many small symmetric matrices at once, as arrays of shape (p, p, n).

numpy.linalg goes through them one by one, which takes longer than the rest of a fit.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SINGULAR = 1e-12  # what may be left of an element of the diagonal


def solve_symmetric(matrix: Floats, right: Floats) -> Floats:
    """Solve symmetric, positive systems of equations, all at once, by the factors L D L^T.

    An unknown that the others leave open is 0.

    Parameters
    ----------
    matrix : ndarray, shape (p, p, n)
        Only the upper half is read.
    right : ndarray, shape (p, n)

    Returns
    -------
    ndarray, shape (p, n)
    """
    size = len(right)
    rows = [[matrix[i, j] for j in range(size)] for i in range(size)]
    least = [_SINGULAR * matrix[i, i] for i in range(size)]
    solution = [right[i] for i in range(size)]
    for i in range(size):
        is_known = rows[i][i] > least[i]
        pivot = np.where(is_known, 1.0 / np.where(is_known, rows[i][i], 1.0), 0.0)
        for j in range(i + 1, size):
            factor = rows[i][j] * pivot
            solution[j] = solution[j] - factor * solution[i]
            for k in range(j, size):
                rows[j][k] = rows[j][k] - factor * rows[i][k]
        rows[i].append(pivot)
    for i in reversed(range(size)):
        rest = sum((rows[i][j] * solution[j] for j in range(i + 1, size)), start=0.0)
        solution[i] = (solution[i] - rest) * rows[i][size]
    return np.array(solution)


def quadratic_form(matrix: Floats, vector: Floats) -> Floats:
    """Return v M v of symmetric matrices, shape (n,); of the matrices only the upper half is read.

    Parameters
    ----------
    matrix : ndarray, shape (p, p, n)
    vector : ndarray, shape (p, n)
    """
    total = np.zeros(vector.shape[1])
    for i in range(len(vector)):
        total += vector[i] ** 2 * matrix[i, i]
        for j in range(i + 1, len(vector)):
            total += 2.0 * vector[i] * vector[j] * matrix[i, j]
    return total
