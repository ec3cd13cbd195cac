"""The example of docs/pyg.md runs as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import neo4j

from engine.store.graph_client import GraphClient, Neo4jTarget

_ROOT = Path(__file__).parents[2]
_SHOP = """
UNWIND range(0, 59) AS i
CREATE (:Item {id: 'i' + i, vector: [j IN range(1, 8) | rand()]})
WITH count(*) AS items
UNWIND range(0, 149) AS u
CREATE (user:User {id: 'u' + u, segment: u % 4})
WITH user, u UNWIND range(0, 7) AS turn
MATCH (item:Item {id: 'i' + (u * 7 + turn * turn) % 60})
CREATE (user)-[:INTERACTED {key: u * 8 + turn, at: turn}]->(item)
"""


def test_the_example_runs(
    graph: GraphClient, bare_driver: neo4j.Driver, on_server: Neo4jTarget
) -> None:
    with bare_driver.session() as session:
        session.run(_SHOP).consume()
    (example,) = re.findall(
        r"```python\n(.*?)```", (_ROOT / "docs" / "pyg.md").read_text(encoding="utf-8"), re.DOTALL
    )
    done = subprocess.run(
        [sys.executable, "-c", example],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    assert done.returncode == 0, done.stderr
    said = re.fullmatch(r"loss (\d\.\d+); the first user is u0\n", done.stdout)
    assert said, done.stdout
    assert float(said[1]) < 2.0
