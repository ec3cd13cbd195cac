"""Load attributes of items or users.

May import: ``load``, ``graph``, ``data``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.data import columns, events
from engine.data.rejection import Rejection
from engine.data.table_reader import read_blocks
from engine.graph import ingest as verbs
from engine.pipeline.load import BATCH_ROWS, FileReport, Load
from engine.pipeline.quarantine import Quarantine


def load_attributes(load: Load, report: FileReport, path: Path, quarantine: Quarantine) -> None:
    """Load the attributes of the items or users of a file; others of a node stay."""
    label, id_field = ("Item", "item_id") if report.kind == "items" else ("User", "user_id")
    seen: dict[str, dict[str, Any]] = {}
    for block in read_blocks(path, load.request.format):
        header = [name for name in block.frame.columns if name != "_row"]
        fields = {id_field: columns.EVENT_FIELDS[id_field]}
        chosen = {k: v for k, v in load.request.mapping.items() if k not in columns.EVENT_FIELDS}
        id_column = columns.assign(header, fields, (id_field,), {})[id_field]
        targets = columns.attributes(header, id_column, chosen if report.kind == "items" else {})
        rows, bad = [], list(block.broken)
        frame = block.frame.select("_row", id_column, *dict.fromkeys(targets.values()))
        for named in frame.iter_rows(named=True):
            id_ = named[id_column]
            properties = _attributes(named, targets)
            if not id_ or len(id_.encode()) > events.MAX_ID_BYTES:
                code = "too-long" if id_ else "required-value"
                bad.append(Rejection(named["_row"], code, id_field, str(named)))
            elif id_ not in seen:
                seen[id_] = properties
                rows.append({"id": id_, "attributes": properties})
            elif seen[id_] != properties:
                bad.append(Rejection(named["_row"], "conflict", id_field, str(named)))
        for start in range(0, len(rows), BATCH_ROWS // 4):
            verbs.set_attributes(load.graph, label, rows[start : start + BATCH_ROWS // 4])
        quarantine.add(bad)
        load.count(report, block.read, bad, len(rows))


def _attributes(row: Mapping[str, Any], targets: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column in targets.items():
        value = row[column]
        if value is None or value == "":
            continue
        if name == "hidden":
            found[name] = str(value).lower() in ("true", "1", "yes")
        elif name == "expires_at":
            found[name] = int(float(value)) if str(value).replace(".", "").isdigit() else value
        else:
            found[name] = value
    return found
