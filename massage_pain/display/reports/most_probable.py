"""The likeliest joint states and the likeliest story, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from massage_pain.display import row_marks, scales, wording
from massage_pain.display.tables import Drawn, Report, Table

NOTHING = "None of the causes"


def report(summary: Mapping[str, Any]) -> Report:
    """The title is the likeliest joint state of the causes."""
    first = summary["joint_states"][0]
    title = f"Most probable: {_causes(first['there'])}, {wording.hundreds(first['probability'])}"
    scale = scales.chance()
    table = Table(
        ("What is present together", "Chance"),
        tuple(
            (_causes(each["there"]), wording.chance(each["probability"])) for each in summary["joint_states"]
        ),
        caption="Each row says of every cause whether it is present; the rows exclude one another.",
        numbers=(1,),
        strong=(0,),
        shown=10,
        heading="Causes taken together",
        drawn=Drawn(
            tuple(row_marks.amount(scale, each["probability"]) for each in summary["joint_states"]),
            row_marks.axis(scale),
            (),
            "Drawing, from 0 to 100%",
        ),
    )
    story = summary["explanation"]["there"]
    words = wording.joined(story) if story else "nothing beyond what was said"
    lead = (f"The single likeliest story of all that was not said: {words}.",)
    share = wording.hundreds(summary["explanation"]["probability"])
    notes = (
        f"The story as a whole: {share}. A story with many parts is never likely: "
        "its chance counts every detail.",
    )
    return Report("What goes together", title, lead, (table,), notes)


def _causes(there: Sequence[str]) -> str:
    if not there:
        return NOTHING
    return f"{there[0]} alone" if len(there) == 1 else wording.joined(there)
