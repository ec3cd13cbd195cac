"""Read remembered lists and sums of those that were removed, page by page; put them back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from engine.graph import aliases, remembered_lists
from engine.store.graph_client import GraphClient, Row

_ROWS_PER_QUERY = 2_000
_LISTS_PER_WRITE = 500


def list_pages(client: GraphClient, after: str = "") -> Iterator[list[Row]]:
    """Yield the lists after an id, by id; ``user`` is None of a list that is nobody's."""
    while rows := client.read("exchange/remembered_lists", after=after, limit=_ROWS_PER_QUERY):
        yield rows
        after = rows[-1]["id"]


def sums_pages(client: GraphClient, after: str = "") -> Iterator[list[Row]]:
    """Yield the sums after a key, by key."""
    while rows := client.read("exchange/list_sums", after=after, limit=_ROWS_PER_QUERY):
        yield rows
        after = rows[-1]["key"]


def first_moment(client: GraphClient) -> int:
    """Return the first moment (epoch ms) after the days that have sums.

    What is missing of the lists before it was removed, and is in the sums.
    """
    day = client.read("exchange/newest_list_sums")[0]["day"]
    if day is None:
        return 0
    next_day = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
    return round(next_day.timestamp() * 1_000)


def restore_lists(client: GraphClient, rows: Sequence[Row]) -> None:
    """Remember lists as ``list_pages`` yields them; those that are there stay as they are."""
    current = aliases.current(client, [row["user"] for row in rows if row["user"] is not None])
    for start in range(0, len(rows), _LISTS_PER_WRITE):
        part = [_given(row, current) for row in rows[start : start + _LISTS_PER_WRITE]]
        remembered_lists.write_rows(client, part)


def _given(row: Row, current: Mapping[str, str]) -> Row:
    properties = {name: row[name] for name in row if name not in ("id", "user")}
    user = row["user"]
    return {"id": row["id"], "user": current.get(user, user), "properties": properties}


def restore_sums(client: GraphClient, rows: Sequence[Row]) -> None:
    """Add sums as ``sums_pages`` yields them; those that are there stay as they are."""
    client.write("exchange/restore_list_sums", rows=list(rows))
