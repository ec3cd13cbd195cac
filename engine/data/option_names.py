"""Names of keywords that a call hands on: what is none of them is refused, and the others named."""

from collections.abc import Iterable

from engine.errors import UsageError


def check_names(given: Iterable[str], options: type, refusal: str, known: str) -> None:
    """Refuse a keyword that a dictionary of options does not declare.

    Args:
        given: The keywords.
        options: The ``TypedDict`` that declares them.
        refusal: What the error says in front of the name.
        known: What the hint says in front of the names that there are.

    Raises:
        UsageError: Names the first, by the alphabet, that is not declared.
    """
    if unknown := sorted(set(given) - set(options.__annotations__)):
        raise UsageError(
            f"{refusal} {unknown[0]}", hint=f"{known} {', '.join(options.__annotations__)}"
        )
