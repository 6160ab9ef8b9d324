"""Rows of several requests in one call of the network."""

import asyncio
import collections
import contextlib

from kerasgan.serving.server.errors import RequestError


class Batcher:
    """Collects what arrives while the network is busy, or within moments.

    Args:
        run: a function, called in another thread: a list of arrays `[N, ...]`,
            or of anything of N rows, with at most `size` rows in all, or one alone that has more -> a
            list of their results.
        executor: where it is called.
        size: rows of a batch.
        wait: seconds that a batch that is not full waits for more.
    """

    def __init__(self, run, executor, size, wait):
        self._run, self._executor = run, executor
        self._size, self._wait = size, wait
        self._waiting = collections.deque()  # of (array, future)
        self._full = asyncio.Event()
        self._task = None

    async def __call__(self, array):
        """Returns the result of some rows. To cancel it takes them out of the queue."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((array, future))
        if self._rows() >= self._size:
            self._full.set()
        if self._task is None:
            self._task = asyncio.ensure_future(self._work())
        return await future

    def _rows(self):
        return sum(len(array) for array, _ in self._waiting)

    async def _work(self):
        while self._waiting:
            await self._gather()
            batch = self._take()
            if batch:
                await self._answer(batch)
        self._task = None

    async def _gather(self):
        self._full.clear()
        if self._rows() < self._size:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._full.wait(), self._wait)

    def _take(self):
        batch, rows = [], 0
        while self._waiting:
            array, future = self._waiting[0]
            if future.done():
                # Nobody waits for it any more.
                self._waiting.popleft()
                continue
            if batch and rows + len(array) > self._size:
                break
            batch.append(self._waiting.popleft())
            rows += len(array)
        return batch

    async def _answer(self, batch):
        loop = asyncio.get_running_loop()
        try:
            results = await loop.run_in_executor(
                self._executor, self._run, [array for array, _ in batch]
            )
        except RequestError as error:
            if error.status_code == 400 and len(batch) > 1:
                # One that is wrong is no error of the others.
                for each in batch:
                    await self._answer([each])
                return
            _fail(batch, error)
            return
        except Exception as error:
            _fail(batch, error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _fail(batch, error):
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
