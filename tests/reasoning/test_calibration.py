"""Chances against what turned out: exact on known tables, near the diagonal on cases from the network."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import massage_pain as mp


def test_chances_of_cases_from_the_network_come_true(back: mp.Reasoner) -> None:
    frame = back.simulate(20_000, seed=3)
    found = back.calibration(frame)
    assert found.causes == tuple(each.id for each in back.network.causes)
    assert found.rows == 20_000 * 6
    assert found.count.sum() == found.rows
    assert found.error < 0.01
    assert ((found.low <= found.said + 0.02) & (found.said - 0.02 <= found.high)).all()
    assert "come true about as often as said" in str(found)


def test_it_is_the_mean_of_each_bin(back: mp.Reasoner) -> None:
    frame = back.simulate(400, seed=1)
    found = back.calibration(frame, "muscle_strain", bins=4)
    causes = [each.id for each in back.network.causes]
    said = back.posteriors(frame.drop(columns=causes))["muscle_strain"].to_numpy()
    seen = (frame["muscle_strain"] == "present").to_numpy()
    first = said < 0.25
    assert found.said[0] == pytest.approx(said[first].mean())
    assert found.seen[0] == pytest.approx(seen[first].mean())
    assert found.count[0] == first.sum()
    assert found.brier == pytest.approx(((said - seen) ** 2).mean())
    assert np.all(
        (found.low >= 0) & (found.low <= found.seen) & (found.seen <= found.high) & (found.high <= 1)
    )


def test_what_is_not_known_is_left_out(back: mp.Reasoner) -> None:
    frame = pd.DataFrame(
        {"aching": ["present", "present", "absent"], "muscle_strain": ["present", None, "absent"]}
    )
    found = back.calibration(frame)
    assert found.rows == 2
    assert found.causes == ("muscle_strain",)
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert sum(each["count"] for each in record["bins"]) == 2
    assert found.to_frame()["count"].sum() == 2


def test_errors_name_what_is_wrong(back: mp.Reasoner) -> None:
    frame = pd.DataFrame({"aching": ["present"], "muscle_strain": ["present"]})
    with pytest.raises(mp.UnknownVariableError, match="Did you mean 'muscle_strain'"):
        back.calibration(frame, "muscle_strian")
    with pytest.raises(mp.EvidenceError, match="no column for the cause 'fasciitis'"):
        back.calibration(frame, "fasciitis")
    with pytest.raises(mp.EvidenceError, match="no column for any of the causes"):
        back.calibration(frame[["aching"]])
    with pytest.raises(mp.EvidenceError, match="takes a DataFrame of cases, got list"):
        back.calibration([1])
    with pytest.raises(mp.QueryError, match="bins must be a whole number from 2 to 100, got 1"):
        back.calibration(frame, bins=1)
    with pytest.raises(mp.EvidenceError, match="No row can be used"):
        back.calibration(pd.DataFrame({"aching": ["present"], "muscle_strain": [None]}))
