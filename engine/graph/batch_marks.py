"""A batch: one transaction that leaves a marker of its own (``cypher/ingest``).

So a batch is in the graph whole or not at all, and a lost answer can be looked up.
"""

import uuid
from collections.abc import Callable

from engine.errors import Busy, CommitUnknown
from engine.store.graph_client import GraphClient, Transaction

_NUMBERS_TRIED = 20


def new_token(home: str) -> str:
    """Return what no other batch has, after the word of the home that loads it where it has one."""
    token = str(uuid.uuid4())
    return f"{home}/{token}" if home else token


def in_batch(
    client: GraphClient,
    ingest: int,
    work: Callable[[Transaction, int], int],
    *,
    of_nodes: bool = False,
    merge_ends: Callable[[Transaction], None] = lambda _tx: None,
) -> int:
    """Write a batch once, its marker with it, and return how many rows it has.

    Args:
        client: The graph.
        ingest: Number of the load in the registry.
        work: Writes the rows, given the batch's number, and returns how many there were. Asked
            again where it raises ``EndsRemoved``.
        of_nodes: Whether rows are nodes that were described; else relationships that were created.
        merge_ends: Merges the nodes that ``work`` joins, before it is asked again.

    Raises:
        Busy: Watermarks are read, or nodes removed, faster than the batch can be written.
    """
    token = new_token(client.target.home)
    removed = False
    for _ in range(_NUMBERS_TRIED):
        number = client.write("ingest/next_batch")[0]["number"]

        def whole(tx: Transaction, number: int = number, removed: bool = removed) -> int:
            if removed:
                merge_ends(tx)
            if rows := work(tx, number):
                marked = tx.run(
                    "ingest/mark_batch",
                    number=number,
                    token=token,
                    rows=0 if of_nodes else rows,
                    described=rows if of_nodes else 0,
                    ingest=ingest,
                )
                if not marked:
                    raise _NumberClosed
            return rows

        try:
            return client.transact(whole)
        except _NumberClosed:
            continue
        except EndsRemoved:
            removed = True
        except CommitUnknown:
            # The answer was lost, not necessarily the batch: its marker shows which.
            if found := client.read("ingest/find_batch", token=token):
                return int(found[0]["rows"])
    raise Busy("this batch could not be written", hint="run the same command again")


class EndsRemoved(Exception):
    """Undoes a transaction of which nodes were removed since they were merged."""


class _NumberClosed(Exception):
    """Undoes a transaction whose number came too late: a watermark at or above it was read."""
