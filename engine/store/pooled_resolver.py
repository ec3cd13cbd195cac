"""A jgo resolver for many small downloads: connections stay open, and all stop when one fails.

jgo opens two connections for every jar, one of them for a SHA-1; over a few hundred jars that is
most of the time. The lock's SHA-256 takes the SHA-1's place.
"""

import threading
from concurrent.futures import CancelledError
from pathlib import Path

import requests
from jgo.maven import Artifact, PythonResolver
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

_CHUNK_BYTES = 1 << 16
# A repository that is busy says so; how long to wait is its own word.
_BUSY = Retry(total=3, connect=0, read=0, status_forcelist=(429, 502, 503, 504), backoff_factor=0.5)


class PooledResolver(PythonResolver):
    """Downloads over at most ``connections`` connections.

    Args:
        connections: As many as there are threads that download.
        stop: Once it is set, every download ends at its next chunk.
    """

    def __init__(self, connections: int, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(1, connections, max_retries=_BUSY))

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def download(self, artifact: Artifact) -> Path | None:
        """Return the file in the context's cache, or None when no repository has the artefact.

        Raises:
            CancelledError: ``stop`` was set.
            OSError: The network or the disk failed.
        """
        path = artifact.cached_path
        folder = artifact.component.path_prefix.as_posix()
        for repository in artifact.context.remote_repos.values():
            url = f"{repository}/{folder}/{artifact.filename}"
            with self._session.get(url, stream=True, timeout=artifact.context.timeout) as answer:
                if answer.status_code != requests.codes.ok or path is None:
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    for chunk in answer.iter_content(_CHUNK_BYTES):
                        if self._stop.is_set():
                            raise CancelledError
                        file.write(chunk)
                return path
        return None
