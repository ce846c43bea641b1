"""Learning the weights: penalised maximum likelihood of what happened, given what was known.

The outcome of a place and origin is 1 when at least one incident followed, with probability
``1 − exp(−expected)``; the likelihood is concave in background and weights for a given damping.
All organised violence shares one weight a memory and scale, and violence against civilians may
weigh more, never less (``Family.outweighs``): told apart freely, the two overfit a short history. Weights are shrunk
towards a prior model, so that a short history moves them little.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from threats.risk.evidence import FAMILIES, family_of
from threats.risk.intensity import IntensityModel, in_long_memory

MOST_STEPS = 400
LEAST_BACKGROUND = 1e-7
FEWEST_OUTCOMES = 40  # incidents that followed; with fewer a mission's history teaches too little
DAMPING_SPREAD = 0.5  # standard deviation of the prior on the damping
STRENGTH = 300.0  # rows the prior model is worth
EXTRA_STRENGTH = 300.0  # rows the equality of civilians' and other violence is worth


def sharing(terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """How parameters make weights, and which of them are extras.

    Returns (parameters, terms), so that ``weights = parameters @ matrix``, and a mask of the
    parameters by which a family outweighs another.
    """
    number = {term: place for place, term in enumerate(terms)}
    matrix, extra = np.eye(len(terms)), np.zeros(len(terms), bool)
    outweighs = {family.name: family.outweighs for family in FAMILIES if family.outweighs}
    for term, place in number.items():
        family, _, rest = term.partition("_")
        shared = number.get(f"{outweighs.get(family, '')}_{rest}")
        if shared is not None:
            matrix[shared, place] = 1.0
            extra[place] = True
    return matrix, extra


def learnt(terms: tuple[str, ...]) -> np.ndarray:
    """Mask of the terms whose weights training moves."""
    fixed = {family.name for family in FAMILIES if not family.is_learnt}
    return np.array([family_of(term) not in fixed for term in terms])


def fit(
    sums: np.ndarray,
    outcome: np.ndarray,
    *,
    terms: tuple[str, ...],
    prior: IntensityModel | None = None,
    damped: bool = True,
    exposure: np.ndarray | None = None,
) -> IntensityModel:
    """Fit one target's model.

    ``sums``: shape (n, len(terms)). ``outcome``: shape (n,), 0 or 1. Without a prior the weights are
    shrunk, hardly, towards 0. ``exposure``: shape (n,), known factors of the expected number.
    Raises ValueError where nothing happened.
    """
    happened = float(outcome.mean()) if len(outcome) else 0.0
    if happened == 0:
        raise ValueError("no incident followed any origin: there is nothing to learn from")
    matrix, extra = sharing(terms)
    features = sums @ matrix.T
    unit = features.std(axis=0)
    unit[unit == 0] = 1.0
    scaled = features / unit
    memory = np.log1p(sums @ in_long_memory(terms))
    exposed = np.ones(len(outcome)) if exposure is None else exposure
    towards = np.zeros(len(terms))
    rows = np.where(extra, EXTRA_STRENGTH, STRENGTH if prior is not None else STRENGTH / 100)
    if prior is not None:
        towards = np.maximum(np.linalg.solve(matrix.T, prior.weights), 0.0) * unit
    firmness = rows / happened

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        background, weights, damping = x[0], x[1:-1], x[-1]
        factor = exposed * np.exp(-damping * memory)
        expected = np.maximum(factor * (background + scaled @ weights), 1e-12)
        chance = -np.expm1(-expected)
        likelihood = np.where(outcome > 0, np.log(chance), -expected).sum()
        slope = np.where(outcome > 0, (1.0 - chance) / chance, -1.0)
        pull = weights - towards
        penalty = 0.5 * (firmness * pull**2).sum() + 0.5 * (damping / DAMPING_SPREAD) ** 2
        gradient = np.concatenate(
            [
                [-(slope * factor).sum()],
                -(scaled.T @ (slope * factor)) + firmness * pull,
                [(slope * expected * memory).sum() + damping / DAMPING_SPREAD**2],
            ]
        )
        return penalty - likelihood, gradient

    count = len(terms)
    start = np.concatenate([[0.3 * happened], np.full(count, 0.03 * happened), [0.1 * damped]])
    moves = learnt(terms)
    start[1:-1] = np.where(moves, start[1:-1], towards)
    bounds = [
        (LEAST_BACKGROUND, None),
        *((0.0, None) if free else (at, at) for free, at in zip(moves, towards, strict=True)),
        (0.0, 1.0 if damped else 0.0),
    ]
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": MOST_STEPS}
    )
    # What never occurred teaches nothing: there the prior stands.
    seen = (features != 0).any(axis=0)
    parameters = np.where(seen, np.maximum(found.x[1:-1], 0.0), towards) / unit
    return IntensityModel(float(found.x[0]), parameters @ matrix, float(found.x[-1]), tuple(terms))
