"""Many requests at a time: together where it helps, or refused."""

import asyncio
import concurrent.futures
import socket
import threading
import time

import numpy as np
import pytest

from kerasgan.serving.server.batcher import Batcher
from kerasgan.serving.server.version import Signature


def gather(size, wait, arrays, run=None, at_once=True):
    """The results of concurrent calls of a batcher, and its batches."""
    batches = []

    def double(group):
        batches.append([len(array) for array in group])
        return [2 * array for array in group]

    async def work():
        with concurrent.futures.ThreadPoolExecutor(2) as executor:
            batcher = Batcher(run or double, executor, size, wait)
            calls = []
            for array in arrays:
                calls.append(asyncio.ensure_future(batcher(array)))
                if not at_once:
                    await asyncio.sleep(0.005)
            return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(work()), batches


def test_concurrent_rows_go_together():
    arrays = [np.full((rows, 3), rows) for rows in (1, 2, 1, 3, 2, 9, 1)]
    results, batches = gather(4, 0.01, arrays)
    for array, result in zip(arrays, results, strict=True):
        np.testing.assert_array_equal(result, 2 * array)
    # In their order, never more than fits, but for one that is larger alone.
    assert batches == [[1, 2, 1], [3], [2], [9], [1]]


def test_what_arrives_within_moments_goes_together():
    arrays = [np.zeros((1, 3))] * 4
    assert gather(4, 5.0, arrays, at_once=False)[1] == [[1, 1, 1, 1]]
    assert len(gather(4, 0.0, arrays, at_once=False)[1]) > 1


def test_an_error_concerns_its_batch_alone():
    def run(group):
        if any(array[0] < 0 for array in group):
            raise RuntimeError("no")
        return group

    arrays = [np.array([n]) for n in (-1, 1, 2, 3)]
    results, _ = gather(2, 0.01, arrays, run)
    assert [isinstance(result, RuntimeError) for result in results] == [
        True,
        True,
        False,
        False,
    ]


def test_what_nobody_waits_for_is_not_computed():
    seen = []

    def run(group):
        seen.extend(int(array[0]) for array in group)
        time.sleep(0.05)
        return group

    async def work():
        with concurrent.futures.ThreadPoolExecutor(1) as executor:
            batcher = Batcher(run, executor, 1, 0.0)
            calls = [
                asyncio.ensure_future(batcher(np.array([n]))) for n in range(4)
            ]
            await asyncio.sleep(0.02)
            calls[2].cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    asyncio.run(work())
    assert seen == [0, 1, 3]


@pytest.fixture
def slowly(monkeypatch):
    """Makes TensorFlow wait, and counts its calls: a function of seconds."""
    calls = []
    original = Signature.__call__

    def slow(seconds):
        def call(self, arrays):
            calls.append({name: array.shape for name, array in arrays.items()})
            time.sleep(seconds)
            return original(self, arrays)

        monkeypatch.setattr(Signature, "__call__", call)
        return calls

    return slow


def at_once(number, call):
    """What a function returns to several threads, and the seconds it took."""
    results = [None] * number

    def work(at):
        begin = time.monotonic()
        results[at] = (*call(at), time.monotonic() - begin)

    threads = [
        threading.Thread(target=work, args=(at,)) for at in range(number)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_requests_share_calls_of_the_network(server, served, slowly):
    calls = slowly(0.02)
    latents = np.random.default_rng(0).normal(size=(24, 1, 5))
    latents = latents.astype(np.float32)
    found = at_once(
        24, lambda at: server.predict({"inputs": latents[at].tolist()})
    )
    expected = served.default(latents[:, 0])
    for at, (status, answer, _) in enumerate(found):
        assert status == 200
        np.testing.assert_allclose(
            np.float32(answer["outputs"])[0], expected[at], atol=1e-6
        )
    assert len(calls) < 12
    assert sum(call["latents"][0] for call in calls) == 24


SAMPLE = {
    "signature_name": "sample",
    "inputs": {"count": 1, "seed": 0, "truncation": 0},
}


@pytest.mark.integration
def test_more_than_the_queue_holds_is_refused_at_once(start, path, slowly):
    with start(path.parent.parent, queue=4) as server:
        slowly(0.3)

        def call(at):
            status, headers, body = server.ask(
                "/v1/models/faces:predict", SAMPLE
            )
            return status, headers.get("Retry-After"), body

        found = at_once(24, call)
        statuses = [status for status, *_ in found]
        assert set(statuses) == {200, 429}
        assert 4 <= statuses.count(200) < 24
        for status, retry, body, seconds in found:
            if status == 429:
                assert int(retry) >= 1 and b"takes no more" in body
                # All of them would have taken more than three.
                assert seconds < 3.0
        # And then there is room again.
        assert server.predict(SAMPLE)[0] == 200


@pytest.mark.integration
def test_what_takes_too_long_is_answered_in_time(start, path, slowly):
    with start(path.parent.parent, timeout=0.3) as server:
        slowly(0.5)
        found = at_once(8, lambda at: server.predict(SAMPLE))
        assert {status for status, *_ in found} <= {200, 504}
        assert max(seconds for *_, seconds in found) < 2.0
        status, answer, _ = found[-1]
        assert status == 504 and answer == {
            "error": "No answer within 0.3 seconds"
        }
        slowly(0.0)
        assert server.predict(SAMPLE)[0] == 200


@pytest.mark.integration
def test_answers_that_need_too_much_memory(start, path):
    with start(path.parent.parent, memory=100_000) as server:
        body = {**SAMPLE, "inputs": {**SAMPLE["inputs"], "count": 1000}}
        assert "Ask for less" in server.error(body)
        assert server.predict(SAMPLE)[0] == 200


@pytest.mark.integration
def test_more_connections_than_there_may_be(start, path):
    with start(path.parent.parent, connections=8) as server:
        held = [
            socket.create_connection((server.host, server.port))
            for _ in range(8)
        ]
        # A body that is sent before the answer is read resets nothing.
        path, body = "/v1/models/faces:predict", b" " * (8 << 20)
        status, answer = server.json(path, body, "POST")
        assert status == 503 and "takes no more" in answer["error"]
        for connection in held:
            connection.close()
