"""A block in the making."""

from typing import NamedTuple

from ingest.lines import Line
from ingest.types import Block, BlockKind


class Part(NamedTuple):
    """Lines that become one block; `group` numbers the lines between blank lines it is of."""

    start: int
    end: int
    kind: BlockKind
    level: int
    group: int
    lines: int
    line: Line

    @property
    def text(self) -> str:
        """Its first line."""
        return self.line.text

    @property
    def is_text(self) -> bool:
        """Whether it is a paragraph or a line of its own."""
        return self.kind is BlockKind.TEXT

    def block(self, kind: BlockKind) -> Block:
        """Return it as a block of a kind."""
        return Block(self.start, self.end, kind, self.level if kind is BlockKind.HEADING else 0)
