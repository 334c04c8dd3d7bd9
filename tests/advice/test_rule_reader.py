"""Rules that must not load, each with the sentence, the line and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from massage_pain.advice.rule_reader import read_rules, rules_beside
from massage_pain.advice.rules import KINDS, WITHHELD, Rules
from massage_pain.advice.urgency import Contraindication, Urgency
from massage_pain.errors import NetworkFileError
from tests.advice.small import ADVICE, RED_FLAGS, small_network, small_rules

NETWORK = small_network()


def refused(folder: Path, *, red_flags: str = RED_FLAGS, advice: str | None = ADVICE) -> NetworkFileError:
    with pytest.raises(NetworkFileError) as caught:
        small_rules(folder, NETWORK, red_flags, advice)
    return caught.value


def test_rules_are_read_in_the_order_of_their_files(tmp_path: Path) -> None:
    rules = small_rules(tmp_path, NETWORK)
    assert [each.id for each in rules.red_flags] == ["numbness", "fever", "old_and_new"]
    assert rules.red_flags[0].urgency is Urgency.EMERGENCY
    assert rules.red_flags[1].sources == ("paper",)
    assert [each.level for each in rules.contraindications] == [
        Contraindication.ASK_DOCTOR_FIRST,
        Contraindication.DO_NOT_MASSAGE,
    ]
    by_id = {each.id: each for each in rules.advice}
    assert by_id["lighter"].moments == ("assess", "screen")
    assert by_id["medicine"].withheld_when is not None
    assert by_id["stop"].article == "Stop promptly."
    assert repr(rules) == "<Rules: 3 red flags, 2 contraindications, 9 pieces of advice>"


def test_the_hash_is_that_of_the_content_and_not_of_the_writing(tmp_path: Path) -> None:
    rules = small_rules(tmp_path, NETWORK)
    rewritten = RED_FLAGS.replace('source = "paper"', 'source = ["paper"]  # a comment')
    rewritten = rewritten.replace('["thigh", "foot"]', '["foot", "thigh"]')
    assert small_rules(tmp_path, NETWORK, rewritten).content_hash == rules.content_hash
    changed = RED_FLAGS.replace("at_least = 50", "at_least = 51")
    assert small_rules(tmp_path, NETWORK, changed).content_hash != rules.content_hash
    assert len(rules.content_hash) == 64


def test_a_folder_may_hold_one_file_or_none(tmp_path: Path) -> None:
    assert rules_beside(NETWORK, tmp_path) is None
    (tmp_path / "red_flags.toml").write_text(RED_FLAGS, encoding="utf-8")
    found = rules_beside(NETWORK, tmp_path)
    assert found is not None
    assert (len(found.red_flags), len(found.advice)) == (3, 0)
    assert read_rules(NETWORK) == Rules()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('source = ["book"]', "", "source is missing"),
        ('source = ["book"]', "source = []", "source is empty; every rule names at least one."),
        ('source = ["book"]', 'source = ["bok"]', "Unknown source 'bok'. Did you mean 'book'?"),
        ('source = "paper"', 'source = "papers"', "Unknown source 'papers'. Did you mean 'paper'?"),
        ('id = "numbness"', 'id = "fever"', "The id 'fever' is taken by an earlier rule."),
        ('id = "numbness"', 'id = "Numb;ness"', "id must be lower-case letters, digits and _"),
        ('"EMERGENCY"', '"EMERGANCY"', "Unknown urgency 'EMERGANCY'. Did you mean 'EMERGENCY'?"),
        ('"EMERGENCY"', '"SELF_CARE"', "Unknown urgency 'SELF_CARE'."),
        ('"ASK_DOCTOR_FIRST"', '"NONE"', "Unknown level 'NONE'."),
        ('why = "Hours matter."', "", "why is missing"),
        ('why = "Hours', 'whi = "Hours', "Unknown key 'whi'. Did you mean 'why'?"),
        ('any = ["numb", ', 'any = ["numm", ', "Unknown variable 'numm'. Did you mean 'numb'?"),
        ('any = ["numb", ', 'any = [{ not = "numb" }, ', "`not` has no place in a red flag"),
        ('any = ["numb", ', 'any = [{ numb = "absent" }, ', "'absent' denies 'numb'"),
        ('when = "thinner"', 'when = { thinner = "absent" }', "'absent' denies 'thinner'"),
        ('radiates = "foot"', 'radiates = "feet"', "Unknown state 'feet' for radiates."),
        ('all = ["fever", "pain"]', 'any = ["pain", "fever"]', "'pain' alone would raise this in every"),
        ("format = 1", "format = 2", "format must be 1"),
        ("[[contraindication]]", "[[contraindications]]", "Unknown key 'contraindications'."),
    ],
)
def test_a_red_flag_that_must_not_load(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in RED_FLAGS
    error = refused(tmp_path, red_flags=RED_FLAGS.replace(old, new, 1), advice=None)
    assert sentence in str(error)
    assert error.file.endswith("red_flags.toml")
    assert error.line is not None


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('kind = "stop"', 'kind = "stopp"', "Unknown kind 'stopp'. Did you mean 'stop'?"),
        ('kind = "warmth"\nurgency = "SELF_CARE"', 'kind = "warmth"\nurgency = "SAME_DAY"',
         "Advice of kind 'warmth' is never shown at SAME_DAY; allowed there: seek_care, stop"),
        ('kind = "stop"\nurgency = "STOP_AND_REST"', 'kind = "stop"\nurgency = "EMERGENCY"',
         "Advice of kind 'stop' is never shown at EMERGENCY; allowed there: seek_care."),
        ('moment = "screen"', 'moment = "screening"', "Unknown moment 'screening'. Did you mean 'screen'?"),
        ('moment = "screen"', "moment = []", "moment is empty; name assess or screen, or both."),
        ('flag = "fever"', 'flag = "feverish"', "Unknown red flag 'feverish'. Did you mean 'fever'?"),
        ("The article mentions, under a doctor's guidance:", "Take:", "A medicine_note begins with"),
        ("an anti-inflammatory.", "200 mg of an anti-inflammatory.", "A medicine_note names no dose"),
        ("Only one of its kind", "Two tablets; only one of its kind", "A medicine_note names no dose"),
        ('cautions = "Only one of its kind; ask a pharmacist."', "", "A medicine_note needs its cautions."),
        ("none_of_these = 0.6", "none_of_these = 60", "Is it a percentage?"),
        ('{ any = ["thinner", "ulcer"] }', '{ any = ["thinner", "ulcers"] }', "Unknown variable 'ulcers'."),
        ('source = "book"', 'source = "boook"', "Unknown source 'boook'. Did you mean 'book'?"),
    ],
)  # fmt: skip
def test_advice_that_must_not_load(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in ADVICE
    if "tablets" in new:
        new = new.replace("Two tablets", "2 tablets")
    error = refused(tmp_path, advice=ADVICE.replace(old, new, 1))
    assert sentence in str(error)
    assert error.file.endswith("advice.toml")
    assert error.line is not None


def test_the_error_names_the_line_and_the_key(tmp_path: Path) -> None:
    error = refused(tmp_path, red_flags=RED_FLAGS.replace('["fever", "pain"]', '["fever", "pian"]'))
    line = 1 + RED_FLAGS.split("\n").index('when = { all = ["fever", "pain"] }')
    assert error.line == line
    assert error.key == "red_flag[1].when.all[1]"
    assert str(error).endswith(f"red_flags.toml:{line}, at {error.key}: " + str(error).split(": ", 1)[1])
    assert "Did you mean 'pain'?" in str(error)


def test_every_cause_needs_advice(tmp_path: Path) -> None:
    without = ADVICE.replace('posterior = "nerve", at_least', 'posterior = "strain", at_least')
    assert "The cause 'nerve' has no advice" in str(refused(tmp_path, advice=without))
    for other in ('posterior = "nerve", below', 'posterior = "nerve", at_least = 0, below'):
        only_below = without.replace('{ flag = "fever" }', f"{{ {other} = 0.3 }}")
        assert "The cause 'nerve' has no advice" in str(refused(tmp_path, advice=only_below))
    first = without.replace('{ flag = "fever" }', '{ first = "nerve" }')
    small_rules(tmp_path, NETWORK, RED_FLAGS, first)


def test_nothing_but_the_call_for_help_may_stand_in_an_emergency() -> None:
    assert set(KINDS) - WITHHELD[Urgency.EMERGENCY] == {"seek_care"}
    comforting = {"warmth", "exercise", "massage", "medicine_note", "reassurance"}
    assert comforting <= WITHHELD[Urgency.SAME_DAY]
    assert "reassurance" in WITHHELD[Urgency.SEE_DOCTOR]


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path) -> None:
    before = small_rules(tmp_path, NETWORK)
    refused(tmp_path, red_flags=RED_FLAGS.replace("fever", "fevr", 1))
    assert small_rules(tmp_path, NETWORK) == before
