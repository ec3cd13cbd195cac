"""What comes out of what was seen and done with lists, field by field."""

from engine.serving.replies import Reply


class ImpressionsReply(Reply):
    """How many items are seen now for the first time, and how many were seen before."""

    accepted: int
    duplicate: int
