"""Load on `kerasgan serve`, against the SavedModel called directly.

    python benchmarks/serving_load.py --seconds 30

Starts the server at a free port of the loopback and drives it with 64 clients,
each of which sends its next request when it has the answer to the last one.
Before each kind of request a process of its own calls the same signature of the
same SavedModel in a loop, with all cores and nothing else to do. At the end
come more clients than the queue holds, which have to be rejected at once.

Prints tables in Markdown: requests and images a second, median and 99th
percentile of the latency, errors (anything but 200), and the server's resident
memory at the beginning and at the end of each part.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil

# Name, signature, images of a request.
REQUESTS = (
    ("serving_default, batch 1", "serving_default", 1),
    ("serving_default, batch 16", "serving_default", 16),
    ("sample, count 1", "sample", 1),
    ("sample, count 16", "sample", 16),
    ("sample_png, count 1", "sample_png", 1),
    ("sample_png, count 16", "sample_png", 16),
)
PATIENCE = 60.0  # seconds; an answer that takes longer counts as none


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--savedmodels", default="savedmodels")
    parser.add_argument("--model", default="dcgan-wn-celeba")
    parser.add_argument("--queue", type=int, default=128)
    parser.add_argument("--direct", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.direct:
        direct(options.savedmodels, options.model)
        return
    with contextlib.ExitStack() as stack:
        worker = stack.enter_context(start(options, "--direct"))
        size = json.loads(worker.stdout.readline())
        server, port = stack.enter_context(serve(options))
        print(f"{options.clients} clients, {options.seconds:g} s each")
        print_load(worker, server, port, size, options)
        print_overload(server, port, size, options)


def print_load(worker, server, port, size, options):
    print(
        "\n| request | direct: requests/s | images/s | p50 ms "
        "| server: requests/s | images/s | p50 ms | p99 ms | errors | MB |"
    )
    print("|---|" + "---:|" * 9)
    for name, signature, count in REQUESTS:
        asked = json.dumps([signature, count, options.seconds])
        worker.stdin.write(asked + "\n")
        worker.stdin.flush()
        rate, median = json.loads(worker.stdout.readline())
        request = as_bytes(options.model, signature, count, size)
        asyncio.run(load(port, request, options.clients, 0.5))
        before = resident(server)
        answers, seconds = asyncio.run(
            load(port, request, options.clients, options.seconds)
        )
        after = resident(server)
        good = sorted(took for status, took in answers if status == 200)
        errors = len(answers) - len(good)
        print(
            f"| {name} | {rate:.1f} | {rate * count:.0f} | {median:.1f} "
            f"| {len(good) / seconds:.1f} | {len(good) * count / seconds:.0f} "
            f"| {percentile(good, 50):.0f} | {percentile(good, 99):.0f} "
            f"| {errors} | {before:.0f} -> {after:.0f} |",
            flush=True,
        )


def print_overload(server, port, size, options):
    clients = 3 * options.queue
    request = as_bytes(options.model, "sample", 16, size)
    before = resident(server)
    answers, seconds = asyncio.run(
        load(port, request, clients, options.seconds, pause=0.05)
    )
    after = resident(server)
    print(
        f"\n{clients} clients at a queue of {options.queue}, sample, count 16; "
        f"{before:.0f} -> {after:.0f} MB"
    )
    print("\n| answer | requests/s | p50 ms | p99 ms | longest ms |")
    print("|---|" + "---:|" * 4)
    for status in sorted({status for status, _ in answers}, key=str):
        took = sorted(time for found, time in answers if found == status)
        print(
            f"| {status} | {len(took) / seconds:.1f} | {percentile(took, 50):.0f} "
            f"| {percentile(took, 99):.0f} | {1000 * took[-1]:.0f} |"
        )
    begin = time.monotonic()
    ((status, _),), _ = asyncio.run(load(port, request, 1, 0.0))
    took = time.monotonic() - begin
    print(f"\nOne request afterwards: {status}, {1000 * took:.0f} ms")


def as_bytes(model, signature, count, size):
    """A whole HTTP request."""
    if signature == "serving_default":
        inputs = {"latents": [[i % 7 / 3 - 1.0 for i in range(size)]] * count}
    else:
        inputs = {"count": count, "seed": 7, "truncation": 0.0}
    body = json.dumps({"signature_name": signature, "inputs": inputs}).encode()
    head = (
        f"POST /v1/models/{model}:predict HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def load(port, request, clients, seconds, pause=0.0):
    """Returns `(answers, seconds)`; an answer is its status or error, and time.

    Each client asks at least once; `pause` follows a rejection.
    """
    answers = []
    begin = time.perf_counter()

    async def client():
        connection = None
        while True:
            asked = time.perf_counter()
            try:
                if connection is None:
                    connection = await asyncio.open_connection(
                        "127.0.0.1", port
                    )
                status, kept = await asyncio.wait_for(
                    ask(*connection, request), PATIENCE
                )
                if not kept:
                    connection[1].close()
                    connection = None
            except (OSError, EOFError, TimeoutError) as error:
                status, connection = type(error).__name__, None
            answers.append((status, time.perf_counter() - asked))
            if status != 200:
                await asyncio.sleep(pause)
            if time.perf_counter() - begin >= seconds:
                break
        if connection is not None:
            connection[1].close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers, time.perf_counter() - begin


async def ask(reader, writer, request):
    """The status of an answer, and whether the connection is kept."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    while size:
        size -= len(await reader.read(min(size, 1 << 18))) or size
    return int(head.split(None, 2)[1]), b"connection: close" not in head


def percentile(ordered, percent):
    """In milliseconds."""
    if not ordered:
        return float("nan")
    return 1000 * ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def resident(process):
    """Memory in MB."""
    return psutil.Process(process.pid).memory_info().rss / 1e6


@contextlib.contextmanager
def start(options, *more):
    """This script as another process, which is spoken to in lines."""
    arguments = ["--savedmodels", options.savedmodels, "--model", options.model]
    process = subprocess.Popen(
        [sys.executable, __file__, *arguments, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def serve(options):
    """The server as a process, and its port."""
    command = [sys.executable, "-m", "kerasgan.cli", "serve"]
    queue = str(options.queue)
    process = subprocess.Popen(
        [*command, options.savedmodels, "--port", "0", "--queue", queue],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        if not line.startswith("Serving "):
            raise SystemExit(f"the server did not start: {line}")
        port = int(line.rstrip("/\n").rpartition(":")[2])
        wait_until_ready(port)
        yield process, port
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(port):
    """Models are loaded after the server listens."""
    for _ in range(1200):
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").close()
            return
        time.sleep(0.1)
    raise SystemExit("the server was not ready within two minutes")


def direct(folder, model):
    """Call signatures as the standard input says, and tell the rates."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np
    import tensorflow as tf

    base = os.path.join(folder, model)
    newest = max(int(name) for name in os.listdir(base) if name.isdecimal())
    loaded = tf.saved_model.load(os.path.join(base, str(newest)))
    latents = loaded.signatures["serving_default"].structured_input_signature
    size = latents[1]["latents"].shape[1]
    print(size, flush=True)
    for line in sys.stdin:
        signature, count, seconds = json.loads(line)
        function = loaded.signatures[signature]
        if signature == "serving_default":
            inputs = {"latents": tf.zeros((count, size))}
        else:
            inputs = {
                "count": tf.constant(count),
                "seed": tf.constant(7, tf.int64),
                "truncation": tf.constant(0.0),
            }
        times = collections.deque()
        for warm in (min(1.0, seconds), seconds):
            times.clear()
            begin = time.perf_counter()
            while time.perf_counter() - begin < warm or not times:
                asked = time.perf_counter()
                for output in function(**inputs).values():
                    np.asarray(output)
                times.append(time.perf_counter() - asked)
        rate = len(times) / sum(times)
        print(json.dumps([rate, percentile(sorted(times), 50)]), flush=True)


if __name__ == "__main__":
    main()
