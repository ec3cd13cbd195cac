import numpy as np

from engine.data.edge_sampling import NodeEdges
from engine.graph.hub_lists import HubLists


def _edges(n: int) -> NodeEdges:
    return NodeEdges(np.arange(n))


def test_lists_are_found_by_kind_and_node() -> None:
    held = HubLists(10)
    held.keep("a", {1: _edges(3)})
    assert set(held.find("a", [1, 2])) == {1}
    assert held.find("b", [1]) == {}
    assert (len(held), held.edges) == (1, 3)


def test_the_least_recently_used_list_goes_first() -> None:
    held = HubLists(6)
    held.keep("a", {1: _edges(2), 2: _edges(2), 3: _edges(2)})
    held.find("a", [1])
    held.keep("a", {4: _edges(2)})
    assert set(held.find("a", [1, 2, 3, 4])) == {1, 3, 4}
    assert held.edges == 6


def test_a_list_larger_than_all_the_room_is_not_kept() -> None:
    held = HubLists(3)
    held.keep("a", {1: _edges(2)})
    held.keep("a", {2: _edges(4)})
    assert set(held.find("a", [1, 2])) == {1}


def test_the_same_list_twice_counts_once() -> None:
    held = HubLists(10)
    held.keep("a", {1: _edges(3)})
    held.keep("a", {1: _edges(3)})
    assert held.edges == 3


def test_everything_can_be_forgotten() -> None:
    held = HubLists(10)
    held.keep("a", {1: _edges(3)})
    held.forget()
    assert (held.find("a", [1]), len(held), held.edges) == ({}, 0, 0)
