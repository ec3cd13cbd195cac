"""What a load reads: files, what the registry calls them, and how far that is in a longer story."""

from dataclasses import dataclass

from engine.graph.source_positions import SourcePosition
from engine.loading.source_files import SourceFiles


@dataclass(frozen=True)
class LoadSource:
    """What a load reads.

    Attributes:
        files: The rows.
        origin: What the registry calls it: a path, or an address without a login.
        position: How far a source is read by this that is read again; None: it is read as a whole.
        passed_over: Part files that are left out, as they were loaded before.
    """

    files: SourceFiles
    origin: str
    position: SourcePosition | None = None
    passed_over: int = 0
