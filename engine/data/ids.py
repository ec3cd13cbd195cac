"""Identifier types. Ids are strings, unique per label: user ``1`` and item ``1`` are two things."""

from typing import NewType

UserId = NewType("UserId", str)
ItemId = NewType("ItemId", str)
EntityId = NewType("EntityId", str)
Generation = NewType("Generation", int)
