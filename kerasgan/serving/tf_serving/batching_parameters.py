"""Batching parameters: TensorFlow Serving joins concurrent requests by them.

With `--enable_batching` alone the server wraps all signatures of all models,
and answers scalar inputs with INVALID_ARGUMENT ("Batching Run() input tensors
must have at least one dimension"), the warm-up requests of `sample` among
them, so that such a model is not even loaded. With
`--enable_per_model_batching_parameters`, too, only those versions are batched
that have a file of parameters in their folder: here those which
`kerasgan.serving.export(..., batched=True)` writes, whose one signature takes
rows.
"""

# Where TensorFlow Serving looks for it, in the folder of a version.
FILE = "batching_params.pbtxt"
# To which batches are padded, so that the network sees few shapes; all of them
# are warmed up.
SIZES = (1, 2, 4, 8, 16, 32)
# Of one request; it is answered in several batches.
MAX_ROWS = 256


def parameters(threads=None):
    """Returns the parameters as a text, in the form of `BatchingParameters`.

    A request waits at most 2 ms for others, and is rejected with UNAVAILABLE
    while 64 batches wait.

    Args:
        threads: the batches that are computed at a time. It is the server's,
            for all models together: a model's own file leaves it out.
    """
    values = {
        "max_batch_size": MAX_ROWS,
        "max_execution_batch_size": SIZES[-1],
        "enable_large_batch_splitting": "true",
        "batch_timeout_micros": 2000,
        "max_enqueued_batches": 64,
    }
    if threads is not None:
        values["num_batch_threads"] = threads
    lines = [f"{key} {{ value: {value} }}" for key, value in values.items()]
    lines += [f"allowed_batch_sizes: {size}" for size in SIZES]
    return "".join(f"{line}\n" for line in lines)
