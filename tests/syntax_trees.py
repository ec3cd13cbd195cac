"""Source files as syntax trees."""

import ast
import gc
from functools import cache
from pathlib import Path


@cache
def syntax_tree(path: Path) -> ast.Module:
    """Return the tree of a file.

    No garbage is collected while CPython 3.11 parses: what prints a traceback then, as the end of a
    forgotten socket does, parses too, and the first of the two fails with a ``SystemError``.
    """
    text = path.read_text(encoding="utf-8")
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.enable()
