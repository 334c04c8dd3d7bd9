"""Two propagations that must say the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massage_pain.inference.propagation import Propagation


def assert_same(found: Propagation, expected: Propagation, targets: Sequence[str]) -> None:
    """P(findings), the targets and their joint, where there is one, to 1e-12."""
    np.testing.assert_allclose(found.log_evidence, expected.log_evidence, rtol=1e-12, atol=1e-12)
    for name in targets:
        np.testing.assert_allclose(found.marginals[name], expected.marginals[name], rtol=0, atol=1e-12)
    assert (found.joint is None) == (expected.joint is None)
    if found.joint is not None and expected.joint is not None:
        np.testing.assert_allclose(found.joint, expected.joint, rtol=0, atol=1e-12)
