"""What a generation keeps for its ranker, by rows of users and items."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class RankingKnowledge:
    """What is stored for a ranker, by rows of users and items.

    Attributes:
        numbers: Bytes of each item: ``item_numbers``.
        together: What shares baskets with each item, best first.
        following: What comes after each item, best first.
        users: Rows of the users of whom the next two tell.
        people: What the users most like each of them have: the best that the user does not have,
            then its own items.
        people_counts: How often they have it, on average, in decayed counts (user k-NN).
        popular: The most popular items of the last weeks, best first.
    """

    numbers: list[bytes]
    together: list[list[int]]
    following: list[list[int]]
    users: list[int]
    people: list[list[int]]
    people_counts: list[list[float]]
    popular: list[int]
