"""Every error has an exit code of its branch, and the tree in the docstring is the tree."""

import inspect

from engine import errors


def test_every_error_stands_in_the_drawing() -> None:
    drawing = errors.__doc__ or ""
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        assert issubclass(kind, errors.EngineError)
        assert name in drawing
        assert kind.exit_code > 0


def test_branches_have_codes_of_their_own() -> None:
    codes = [kind.exit_code for kind in errors.EngineError.__subclasses__()]
    assert len(codes) == len(set(codes))
