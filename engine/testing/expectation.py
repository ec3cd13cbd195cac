"""What a check expects; python -O and pytest's rewriting change nothing about it."""


def expect(condition: bool, otherwise: str) -> None:
    """Raise ``AssertionError`` with what is wrong where the condition does not hold."""
    if not condition:
        raise AssertionError(otherwise)
