"""Show the examples of docstrings as code.

Markdown takes a line that begins with >>> for a quotation.
"""

import re
from typing import Any

import griffe

_EXAMPLE = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)


class FencedExamples(griffe.Extension):
    """Fence each example, from its first line to the next empty one."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Look through the docstring of one object."""
        if obj.docstring:
            obj.docstring.value = _EXAMPLE.sub(r"```pycon\n\g<0>\n```", obj.docstring.value)
