"""What is answered about the catalogue; what does not hold is left out."""

from engine.serving.answer_form import AnswerModel


class CatalogueReply(AnswerModel):
    """What every answer about the catalogue carries.

    Attributes:
        took_ms: From the arrival of the request.
    """

    took_ms: float


class DescribedReply(CatalogueReply):
    """What became of the rows.

    Attributes:
        accepted: Rows that changed something.
        duplicate: Rows that said what was known.
        forgotten: Rows and facts of users and items that are forgotten; they are written nowhere.
    """

    accepted: int
    duplicate: int
    forgotten: int


class StoredFact(AnswerModel):
    """A fact of which the user or the item is the head."""

    relation: str
    tail: str
    tail_type: str


class UserReply(CatalogueReply):
    """What is said of a user; the first thousand facts."""

    id: str
    attributes: dict[str, str | bool | int | float | list[str] | list[float]]
    facts: list[StoredFact]


class ItemReply(UserReply):
    """What is said of an item; the first thousand facts.

    Attributes:
        hidden: Whether every list leaves it out.
        expires_at: Epoch milliseconds from which on they do.
    """

    hidden: bool
    expires_at: int | None = None


class CatalogueEntry(AnswerModel):
    """An item of a search.

    Attributes:
        expires_at: Epoch milliseconds from which on every list leaves it out.
    """

    id: str
    name: str | None = None
    hidden: bool
    expires_at: int | None = None


class CataloguePageReply(CatalogueReply):
    """Items of a search.

    Attributes:
        more: Whether others follow.
    """

    items: list[CatalogueEntry]
    more: bool
