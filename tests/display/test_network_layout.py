"""The layout: identities that hold for any graph."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massage_pain.display.network_layout import crossings, layered, longest_path_ranks


@st.composite
def graphs(draw):
    """A random acyclic graph: sizes and weighted links from earlier to later nodes."""
    count = draw(st.integers(1, 12))
    names = [f"n{at}" for at in range(count)]
    sizes = {name: (draw(st.integers(20, 200)), draw(st.integers(10, 60))) for name in names}
    pairs = list(itertools.combinations(names, 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=25)) if pairs else []
    return sizes, {pair: draw(st.floats(0, 1)) for pair in chosen}


@given(graphs(), st.booleans())
def test_nodes_of_a_layer_never_touch_and_stay_inside(graph, even) -> None:
    sizes, links = graph
    layout = layered(sizes, links, beside=8, even=even)
    assert set(layout.positions) == set(sizes)
    for layer in layout.layers:
        for one, two in itertools.pairwise(layer):
            assert layout.positions[one][1] + sizes[one][1] + 8 <= layout.positions[two][1] + 1e-6
    for name, (depth, across) in layout.positions.items():
        assert -1e-6 <= across <= layout.across - sizes[name][1] + 1e-6
        assert -1e-6 <= depth <= layout.depth - sizes[name][0] + 1e-6


@given(graphs())
def test_every_link_runs_forward_and_bends_in_each_layer_it_passes(graph) -> None:
    sizes, links = graph
    layout = layered(sizes, links)
    layer_of = {name: at for at, layer in enumerate(layout.layers) for name in layer}
    for parent, child in links:
        passed = layer_of[child] - layer_of[parent] - 1
        assert passed >= 0
        bends = layout.bends[parent, child]
        assert len(bends) == 2 * passed
        depths = [layout.positions[parent][0] + sizes[parent][0], *(depth for depth, _ in bends)]
        assert depths == sorted(depths)
        assert depths[-1] <= layout.positions[child][0]


@given(graphs())
def test_no_link_passes_through_a_node(graph) -> None:
    sizes, links = graph
    layout = layered(sizes, links)
    for bends in layout.bends.values():
        for (near, across), (_, same) in zip(bends[::2], bends[1::2], strict=True):
            assert across == same
            for name, (depth, top) in layout.positions.items():
                if depth == near:
                    assert not top < across < top + sizes[name][1]


@given(graphs())
def test_equal_input_gives_equal_positions(graph) -> None:
    sizes, links = graph
    assert layered(sizes, links) == layered(dict(sizes), dict(links))


@given(graphs())
def test_ranks_grow_along_every_link_and_roots_stand_just_above_their_first_child(graph) -> None:
    sizes, links = graph
    ranks = longest_path_ranks(tuple(sizes), links)
    assert all(ranks[parent] < ranks[child] for parent, child in links)
    for name in sizes:
        children = [ranks[child] for parent, child in links if parent == name]
        if children and not any(child == name for _, child in links):
            assert ranks[name] == min(children) - 1


@given(st.permutations("abcde"), st.permutations("vwxyz"), st.data())
def test_crossings_agree_with_counting_pairs(upper, lower, data) -> None:
    pairs = [(a, b) for a in upper for b in lower]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    weights = {pair: data.draw(st.integers(1, 5)) for pair in chosen}
    below: dict = {}
    for (a, b), weight in weights.items():
        below.setdefault(a, {})[b] = float(weight)
    expected = sum(
        weights[one] * weights[two]
        for one, two in itertools.combinations(chosen, 2)
        if (upper.index(one[0]) - upper.index(two[0])) * (lower.index(one[1]) - lower.index(two[1])) < 0
    )
    assert crossings([upper, lower], below) == pytest.approx(expected)


def test_it_finds_the_order_without_crossings() -> None:
    sizes = dict.fromkeys("abcxyz", (50, 20))
    links = {("a", "z"): 1.0, ("b", "x"): 1.0, ("c", "y"): 1.0}
    layout = layered(sizes, links, {"a": 0, "b": 0, "c": 0, "x": 1, "y": 1, "z": 1})
    order = {name: at for layer in layout.layers for at, name in enumerate(layer)}
    assert [order[child] for parent, child in sorted(links, key=lambda link: order[link[0]])] == [0, 1, 2]


def test_what_is_first_stays_first() -> None:
    sizes = dict.fromkeys("axyz", (50, 20))
    layout = layered(sizes, {("a", each): 1.0 for each in "xyz"}, first=("z",))
    assert layout.layers[1][0] == "z"


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        longest_path_ranks("ab", {("a", "b"): 1, ("b", "a"): 1})
