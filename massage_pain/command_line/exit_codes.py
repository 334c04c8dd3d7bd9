"""What a script learns from the exit code alone (docs/command_line.md; the reasons are in docs/why.md)."""

from __future__ import annotations

import enum

from massage_pain.advice.assessment import Assessment
from massage_pain.advice.screening import Screening
from massage_pain.advice.urgency import Contraindication, Urgency


class ExitCode(enum.IntEnum):
    """Exit codes, ordered so that a script may compare: at least `SEE_DOCTOR` means a doctor is needed."""

    ANSWERED = 0
    """There is an answer. With `--exit-code`: and it calls for no doctor."""
    FAULT = 1
    """A fault of the program or the machine, not of what was typed."""
    REFUSED = 2
    """What was typed cannot be answered; one sentence on standard error says why."""
    SEE_DOCTOR = 10
    """`--exit-code` only: see a doctor; before a massage, ask one first."""
    SAME_DAY = 20
    """`--exit-code` only: medical help today; before a massage, do not massage."""
    EMERGENCY = 30
    """`--exit-code` only: call emergency services now."""
    INTERRUPTED = 130
    """Stopped with Ctrl-C (128 + SIGINT, as a shell reports it)."""
    BROKEN_PIPE = 141
    """Whoever read the output stopped reading (128 + SIGPIPE, as a shell reports it)."""


OF_URGENCY = {
    Urgency.SELF_CARE: ExitCode.ANSWERED,
    Urgency.STOP_AND_REST: ExitCode.ANSWERED,
    Urgency.SEE_DOCTOR: ExitCode.SEE_DOCTOR,
    Urgency.SAME_DAY: ExitCode.SAME_DAY,
    Urgency.EMERGENCY: ExitCode.EMERGENCY,
}
OF_CONTRAINDICATION = {
    Contraindication.NONE: ExitCode.ANSWERED,
    Contraindication.ASK_DOCTOR_FIRST: ExitCode.SEE_DOCTOR,
    Contraindication.DO_NOT_MASSAGE: ExitCode.SAME_DAY,
}


def exit_code_of(answer: Assessment | Screening) -> ExitCode:
    """How much the answer calls for a doctor: the higher of its urgency and its contraindication.

    A network without rules has neither and gives `ANSWERED`.
    """
    codes = [ExitCode.ANSWERED]
    if answer.urgency is not None:
        codes.append(OF_URGENCY[answer.urgency])
    if isinstance(answer, Screening) and answer.contraindication is not None:
        codes.append(OF_CONTRAINDICATION[answer.contraindication])
    return max(codes)
