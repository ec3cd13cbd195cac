"""What a Spark load reads: a path that every executor sees, or an address of the cluster's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from engine.data.reading.part_names import is_passed_over, no_parts, partitions_of
from engine.data.sql_query import is_address
from engine.errors import FileRefused
from engine.loading import source_files
from engine.loading.source_files import Part, SourceFiles
from engine.store.spark_cluster import RemoteFile, SparkCluster
from engine.store.spark_table import SparkTable


@dataclass(frozen=True)
class SparkSource:
    """Part files, and where the cluster finds them.

    Attributes:
        origin: As it was named.
        files: The parts; at an address their paths are none of this machine.
        addresses: Of each part, where their contents are to be sent to the tasks.
    """

    origin: str
    files: SourceFiles
    addresses: Sequence[str] = field(default_factory=tuple)

    @property
    def numbers(self) -> Mapping[str, int]:
        """Address of a part -> its number."""
        return {address: number for number, address in enumerate(self.addresses)}

    def table(self, cluster: SparkCluster) -> SparkTable:
        """Return a row for each part: its number, or its address and content."""
        if self.addresses:
            return cluster.contents(self.addresses)
        return cluster.numbers(len(self.files.parts))

    def check_unchanged(self) -> None:
        """Refuse a folder that has other parts now; each part is looked at by its own task.

        Raises:
            FileRefused: It changed.
        """
        if not self.addresses and source_files.find(Path(self.origin)) != self.files:
            raise FileRefused(
                f"{self.files.name} changed while it was read; nothing of it is loaded",
                code="changed",
                hint="wait until it is written, and run the same command again",
            )


def find(cluster: SparkCluster, origin: str) -> SparkSource:
    """Return what is to be read at a path or an address.

    Raises:
        FileRefused: There is nothing, it is no export, or it is still being written.
    """
    if not is_address(origin):
        return SparkSource(origin, source_files.find(Path(origin)))
    found = sorted(_wanted(cluster.files_below(origin), origin))
    if not found:
        raise no_parts(_name(origin))
    parts = tuple(part for _, part, _ in found)
    return SparkSource(
        origin, SourceFiles(Path(_name(origin)), parts), tuple(address for *_, address in found)
    )


def _wanted(files: Sequence[RemoteFile], origin: str) -> "list[tuple[tuple[str, ...], Part, str]]":
    """Return the parts in their order, which is that of the names of folders and files."""
    root, wanted = _name(origin), []
    for one in files:
        names = PurePosixPath(one.inside).parts
        if not names:
            return [(names, Part(Path(root), root), one.address)]
        if any(is_passed_over(name, root) for name in names) or not one.size:
            continue
        name = "/".join((root, *names))
        part = Part(Path(name), name, partitions_of((root, *names[:-1])))
        wanted.append((names, part, one.address))
    return wanted


def _name(origin: str) -> str:
    return PurePosixPath(origin.partition("://")[2]).name
