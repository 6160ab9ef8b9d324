"""At which step of training a pass over a data set starts."""

import contextlib
import weakref


class _Reader:
    """Whoever takes one pass after the other."""

    def __init__(self, first_step):
        self.first_step = first_step


# Outside of `fit` passes count from the first epoch.
_others = _Reader(lambda: 0)
# No thread's own: batches are made in threads of Keras and TensorFlow.
_reader = _others


@contextlib.contextmanager
def trained_by(gan):
    """Lets data sets continue where a GAN's training is, inside the block.

    Args:
        gan: a `kerasgan.gans.GAN` whose `fit` this is, or None for whatever
            else reads data, such as its `evaluate`.
    """
    import keras

    global _reader
    outer = _reader
    _reader = _others
    if gan is not None:
        # Under tf.distribute `int` does not take a variable.
        _reader = _Reader(lambda: int(keras.ops.convert_to_numpy(gan.steps)))
    try:
        yield
    finally:
        _reader = outer


class Position:
    """The next step of a data set, for each iterator."""

    def __init__(self):
        self.next = weakref.WeakKeyDictionary()

    def take(self, count):
        """Returns the first of the next `count` steps.

        The first time in a `fit` it is the GAN's own step, which is read as
        late as that: a callback such as `BackupAndRestore` may have changed it
        in the beginning.
        """
        reader = _reader
        if reader not in self.next:
            self.next[reader] = reader.first_step()
        step = self.next[reader]
        self.next[reader] = step + count
        return step
