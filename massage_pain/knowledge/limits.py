"""Limits for what comes from outside: generous for real networks, small enough to refuse a bomb."""

from __future__ import annotations

FILE_BYTES = 32 * 1024 * 1024
"""The largest file read."""

READ_SECONDS = 5.0
"""The longest a file may take to read."""

TABLE_CELLS = 10**6
"""The most cells of one conditional probability table."""

COMPILED_CELLS = 10**8
"""The most cells of a compiled network."""

NAME_CHARACTERS = 256
"""The longest name of a variable or a state."""

ROW_SUM_TOLERANCE = 1e-6
"""How far from one a row of probabilities may sum and still be taken as rounding."""
