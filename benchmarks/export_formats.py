"""Time and difference of exported files against `kerasgan.sample`.

`python benchmarks/export_formats.py NAME`: the least of 15 calls, two threads.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

import kerasgan
from kerasgan import sampling, serving


def milliseconds(function):
    times = []
    for _ in range(16):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return f"{1e3 * min(times[1:]):.1f} ms"


def runner(path):
    if path.suffix == ".tflite":
        model = Interpreter(str(path), num_threads=2)
        run = model.get_signature_runner("serving_default")
        return lambda z: run(latents=z)["images"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options)
    return lambda z: session.run(["images"], {"latents": z})[0]


def main(name):
    generator = kerasgan.zoo.load(name)
    z = sampling.latents(16, sampling.latent_size(generator))
    wanted = kerasgan.sample(generator, 16).astype(int)
    for n in (1, 16):
        print("sample", n, milliseconds(lambda: kerasgan.sample(generator, n)))
    with tempfile.TemporaryDirectory() as folder:
        for weights in ("float32", "float16"):
            for suffix in (".onnx", ".tflite"):
                path = Path(folder, f"{weights}{suffix}")
                serving.export_file(generator, path, weights=weights)
                run = runner(path)
                apart = np.abs(sampling.to_uint8(run(z)) - wanted)
                times = [milliseconds(lambda: run(z[:n])) for n in (1, 16)]
                size = f"{path.stat().st_size / 1e6:.2f} MB"
                print(path.name, size, *times, apart.max(), (apart > 0).mean())


if __name__ == "__main__":
    main(*sys.argv[1:])
