"""Prefetched: make the next batches in threads while the model trains on this one."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from torch_geometric.data import HeteroData
from torch_geometric.loader import LinkLoader, NodeLoader

from engine.data.edge_sampling import check_count
from engine.errors import UsageError


class Prefetched:
    """Yields the batches of a loader in order, preparing some in advance.

    Threads are enough, for a batch waits for the server; unlike worker processes they share its
    connections and the kept hubs.

    Args:
        loader: With ``num_workers=0``.
        depth: Batches that may be ready or in the making beyond the one in use.
        threads: Batches made at a time.

    Raises:
        UsageError: A number is not positive, or the loader has workers of its own.
    """

    def __init__(self, loader: NodeLoader | LinkLoader, depth: int = 4, threads: int = 2) -> None:
        check_count("depth", depth)
        check_count("threads", threads)
        if loader.num_workers or loader.batch_sampler is None:
            raise UsageError("parameter loader must have num_workers=0 and a batch_size")
        self._loader, self._depth, self._threads = loader, depth, threads

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[HeteroData]:
        coming: deque[Future[Any]] = deque()
        indices = iter(self._loader.batch_sampler)
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="batch")
        try:
            for index in indices:
                coming.append(pool.submit(self._loader, index))
                if len(coming) > self._depth:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
