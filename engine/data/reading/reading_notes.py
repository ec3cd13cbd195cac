"""What was understood of a file that it does not say in so many words: for its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.columns import AttributeColumns
from engine.data.reading.header import bare_name, is_unnamed
from engine.data.reading.read_options import ReadOptions

_SHOWN = 20
_SHOWN_CHARACTERS = 200


@dataclass
class ReadingNotes:
    """How a file was read.

    Attributes:
        format: What its dialect is, where its name lets expect another.
        fields: Field -> column, where the column is called otherwise.
        kinds: Kind of event as it is written -> as it is stored, where the two differ.
        attributes: Column -> attribute, where the two differ.
        left_out: Column -> why it is no attribute.
        unused: Columns that are no field.
        unnamed: Columns that the file gives no name.
        not_found: Columns of ``--skip`` that the file has not.
    """

    format: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    not_found: list[str] = field(default_factory=list)

    def of_fields(self, block: Block, assigned: Mapping[str, str], options: ReadOptions) -> None:
        """Note how a block's columns were assigned to fields."""
        self.of_block(block, options)
        self.fields = {
            name: column for name, column in assigned.items() if bare_name(column) != name
        }
        rest = columns.unused(block.header, assigned)
        self.unused = [one for one in rest if not columns.is_skipped(one, options.skip)]

    def of_attributes(self, id_field: str, id_column: str, found: AttributeColumns) -> None:
        """Note which columns are attributes."""
        if id_column and bare_name(id_column) != id_field:
            self.fields = {id_field: id_column}
        self.attributes = found.renamed
        self.left_out = {
            column: why for column, why in found.left_out.items() if not is_unnamed(column)
        }

    def of_kinds(self, kinds: Mapping[str, str]) -> None:
        """Note kinds of event that are stored otherwise than they are written."""
        self.kinds.update(kinds)

    def of_block(self, block: Block, options: ReadOptions) -> None:
        """Note the dialect of a block and its columns without a name."""
        self.format = list(block.remarks)
        self.unnamed = [one for one in block.header if is_unnamed(one)]
        names = {*block.header, *map(bare_name, block.header)}
        self.not_found = [one for one in options.skip if one not in names] if names else []

    def lines(self) -> list[str]:
        """Return the notes as sentences without a full stop, the shortest lists in full."""
        found = list(self.format)
        if self.fields:
            found.append("read as " + _pairs(self.fields, "{} = {!r}"))
        if self.kinds:
            shown = _pairs(self.kinds, "{!r} is {}")
            found.append(f"kinds of event: {shown}; --kind TEXT=KIND says otherwise")
        if self.attributes:
            shown = _pairs(self.attributes, "{!r} as {}")
            found.append(f"columns stored under another name: {shown}")
        if self.left_out:
            found.append(f"columns left out: {_pairs(self.left_out, '{!r} ({})')}")
        if self.unnamed:
            found.append(f"columns without a name, not used: {', '.join(self.unnamed[:_SHOWN])}")
        if self.unused:
            more = ", …" if len(self.unused) > _SHOWN else ""
            found.append(
                f"columns not used: {', '.join(self.unused[:_SHOWN])}{more}; "
                "--map FIELD=COLUMN says what one is"
            )
        if self.not_found:
            found.append(f"--skip names no column of it: {', '.join(self.not_found)}")
        return found


def _pairs(pairs: Mapping[str, str], form: str) -> str:
    first = list(pairs.items())[:_SHOWN]
    shown = [form.format(*(text[:_SHOWN_CHARACTERS] for text in pair)) for pair in first]
    more = len(pairs) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
