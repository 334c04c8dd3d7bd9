"""A Bayesian reasoner for pain at a back massage: causes, advice and red flags, each with its source.

A case goes in, an assessment comes out: how urgent it is, what to do, why, and how likely each cause is.

>>> import massage_pain as mp
>>> back = mp.load()
>>> case = mp.Case(focal_pressure="present", local_numbness="present", limb_numbness="absent")
>>> seen = back.assess(case)
>>> seen.urgency
<Urgency.STOP_AND_REST: 2>
>>> seen.top_cause
'impaired_circulation'

Red flags stand beside the chances: an answer raises them, and no other answer takes them back.

>>> worse = back.assess(case.observe(saddle_numbness="present"))
>>> worse.urgency is mp.Urgency.EMERGENCY
True
>>> [each.kind for each in worse.advice]
['seek_care']

Before a massage the pain is left open, and what speaks against it is said.

>>> back.screen({"anticoagulant": "present"}).contraindication
<Contraindication.ASK_DOCTOR_FIRST: 1>

For learning and decision support. Not a medical device.
"""

from __future__ import annotations

from massage_pain.advice.rule_reader import read_rules
from massage_pain.advice.rules import Rules
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.batches.batch import batch
from massage_pain.display.explorer import explore
from massage_pain.errors import (
    CaseFileError,
    ComplexityError,
    ConflictingEvidenceError,
    EvidenceError,
    ImpossibleEvidenceError,
    InvalidNetworkError,
    MassagePainError,
    MissingExtraError,
    NetworkFileError,
    NetworkWarning,
    QueryError,
    RefusedRowsWarning,
    UnknownStateError,
    UnknownVariableError,
    UnsupportedModelError,
)
from massage_pain.inference.case import UNSURE, Case, Likelihood
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.knowledge.catalogue import networks
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.network import Network
from massage_pain.reasoner import Reasoner, load

__version__ = "0.1.0"

__all__ = [
    "UNSURE",
    "Case",
    "CaseFileError",
    "CompiledNetwork",
    "ComplexityError",
    "ConflictingEvidenceError",
    "Contraindication",
    "EvidenceError",
    "ImpossibleEvidenceError",
    "InvalidNetworkError",
    "Likelihood",
    "MassagePainError",
    "MissingExtraError",
    "Network",
    "NetworkFileError",
    "NetworkWarning",
    "QueryError",
    "Reasoner",
    "RefusedRowsWarning",
    "Rules",
    "UnknownStateError",
    "UnknownVariableError",
    "UnsupportedModelError",
    "Urgency",
    "__version__",
    "batch",
    "explore",
    "load",
    "networks",
    "read_network",
    "read_rules",
]
