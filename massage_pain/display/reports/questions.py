"""What to ask next, in words."""
from __future__ import annotations
def why(summary):
    return "x"
