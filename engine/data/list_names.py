"""The engine's own lists, by the names under which every face of it offers them."""

from typing import Literal, TypeAlias, get_args

OwnList: TypeAlias = Literal[
    "for-you", "because", "again", "next", "people", "friends", "trending", "popular", "likes"
]
OWN_LISTS: tuple[OwnList, ...] = get_args(OwnList)
