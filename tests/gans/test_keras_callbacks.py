"""Keras's own callbacks on a GAN."""

import csv

import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, NumpyGAN, fed, images, table

from kerasgan.callbacks import ForNetwork, LossHealth
from kerasgan.data import Batches
from kerasgan.gans import NonSaturatingGAN

REAL = images(3 * BATCH)
EPOCHS = 4
NAMES = ["discriminator_loss", "fake_logits", "generator_loss", "real_logits"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two GANs, compiled once for all tests, and how they began."""
    start = tmp_path_factory.mktemp("start") / "start.weights.h5"
    gans = []
    for seed in range(2):
        keras.utils.set_random_seed(seed)
        gan = NonSaturatingGAN(*gan_models.stateful_networks(), seed=seed)
        gan.compile(keras.optimizers.Adam(1e-2), keras.optimizers.RMSprop(2e-2))
        gans.append(gan)
    gans[0].save_weights(start)
    return *gans, start


@pytest.fixture
def gan(pair):
    """One of them, as it began."""
    gan, _, start = pair
    gan.load_weights(start)
    return gan


@pytest.fixture
def other(pair):
    """The other one, in some other state."""
    return pair[1]


def fit(gan, callbacks, epochs=EPOCHS, **options):
    return gan.fit(
        REAL,
        epochs=epochs,
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
        **options,
    )


class States(keras.callbacks.Callback):
    """Keeps the state at the end of each epoch."""

    def __init__(self):
        super().__init__()
        self.of_epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.of_epochs.append(gan_models.state(self.model))


class Says(keras.callbacks.Callback):
    """Puts known numbers into the logs, for the callbacks behind it."""

    def __init__(self, name, values):
        super().__init__()
        self.name, self.values = name, values

    def on_epoch_end(self, epoch, logs=None):
        logs[self.name] = self.values[epoch]


def assert_state(gan, expected):
    found = gan_models.state(gan).values()
    for (name, value), other in zip(expected.items(), found, strict=True):
        np.testing.assert_array_equal(other, value, err_msg=name)


class Counted(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.calls = []

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append((batch, sorted(logs), int(self.model.steps)))


@pytest.fixture(scope="module")
def run(pair, tmp_path_factory):
    """A training that many callbacks watch; where they wrote, and what."""
    gan, _, start = pair
    gan.load_weights(start)
    folder = tmp_path_factory.mktemp("run")
    kept = keras.callbacks.ModelCheckpoint
    lines = []
    states, counted = States(), Counted()
    # Which of the losses is the least is not known: which of these is.
    says = Says("val_generator_loss", [0.5, 0.2, 0.4, 0.3])
    best = {"monitor": "val_generator_loss", "mode": "min"}
    history = fit(
        gan,
        [
            states,
            says,
            kept(folder / "{epoch}.weights.h5", save_weights_only=True),
            kept(folder / "best.keras", save_best_only=True, **best),
            kept(
                folder / "best.weights.h5",
                save_weights_only=True,
                save_best_only=True,
                **best,
            ),
            keras.callbacks.CSVLogger(folder / "log.csv"),
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: lines.append((epoch, logs))
            ),
            counted,
        ],
        validation_data=(REAL,),
    ).history
    return folder, states.of_epochs, history, lines, counted.calls


def test_checkpoints_of_the_best_epoch(run, other):
    folder, states, *_ = run
    best = keras.models.load_model(folder / "best.keras")
    assert_state(best, states[1])
    assert not best.ema_generator.trainable_variables
    other.load_weights(folder / "best.weights.h5")
    assert_state(other, states[1])
    # From there training goes the way that it went.
    fit(other, [], epochs=1)
    assert_state(other, states[2])


def test_tables_and_functions_get_the_logs(run):
    folder, _, history, lines, calls = run
    assert [epoch for epoch, _ in lines] == list(range(EPOCHS))
    names = [*NAMES, *(f"val_{name}" for name in NAMES)]
    assert sorted(history) == sorted(names)
    with open(folder / "log.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row.pop("epoch") for row in rows] == ["0", "1", "2", "3"]
    for i, ((_, logs), row) in enumerate(zip(lines, rows, strict=True)):
        assert sorted(row) == sorted(names) == sorted(logs)
        for name in names:
            assert float(row[name]) == logs[name] == history[name][i]
    assert [(batch, logs) for batch, logs, _ in calls] == [
        (batch, NAMES) for _ in range(EPOCHS) for batch in range(3)
    ]


def test_a_checkpoint_in_the_middle_of_an_epoch(gan, other, tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint(
        tmp_path / "{batch}.weights.h5", save_weights_only=True, save_freq=2
    )
    states = []

    def note(batch, logs):
        # On JAX the variables of the model wait for the end of the epoch.
        if batch == 1:
            gan.save_weights(tmp_path / "note.weights.h5")
            states.append(gan_models.state(gan))

    noting = keras.callbacks.LambdaCallback(on_train_batch_end=note)
    fit(gan, [checkpoint, noting], epochs=1)
    (path,) = set(tmp_path.iterdir()) - {tmp_path / "note.weights.h5"}
    other.load_weights(path)
    assert int(other.steps) == 2
    assert_state(other, *states)


def test_backup_and_restore(run, gan, other, tmp_path):
    """As if training had not been interrupted in its third epoch."""
    _, states, *_ = run
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")

    def strike(batch, logs):
        if len(gan.history.epoch) == 2 and batch == 1:
            raise InterruptedError

    accident = keras.callbacks.LambdaCallback(on_train_batch_begin=strike)
    with pytest.raises(InterruptedError):
        fit(gan, [backup, accident])
    seen = States()
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    fit(other, [backup, seen])
    assert len(seen.of_epochs) == 2
    for found, expected in zip(seen.of_epochs, states[2:], strict=True):
        for (name, value), value_again in zip(expected.items(), found.values()):
            np.testing.assert_array_equal(value_again, value, err_msg=name)
    assert not (tmp_path / "backup").exists()


def test_backup_and_restore_in_the_order_of_the_data(pair, tmp_path):
    """Each `fit` with new data, as in a new process."""
    gan, other, start = pair
    pixels = np.random.default_rng(0).integers(0, 256, (20, 2, 2, 1), np.uint8)

    def train(gan, epochs, **options):
        data = Batches(pixels, BATCH).epochs()
        gan.fit(data, epochs=epochs, verbose=0, **options)

    gan.load_weights(start)
    train(gan, 3)
    expected = gan_models.state(gan)
    gan.load_weights(start)

    def strike(epoch, logs=None):
        if epoch == 1:
            raise InterruptedError

    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    accident = keras.callbacks.LambdaCallback(on_epoch_begin=strike)
    with pytest.raises(InterruptedError):
        train(gan, 3, callbacks=[backup, accident])
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    train(other, 3, callbacks=[backup])
    assert_state(other, expected)


def test_early_stopping(gan):
    """The weights of the best epoch come back, as in Keras without slots."""
    weights = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(gan.get_weights())
    )
    stopping = keras.callbacks.EarlyStopping(
        "generator_loss", mode="min", patience=1, restore_best_weights=True
    )
    history = fit(
        gan, [keep, Says("generator_loss", [0.4, 0.3, 0.6, 0.5]), stopping]
    )
    assert len(history.epoch) == 3 and stopping.best_epoch == 1
    for found, best in zip(gan.get_weights(), weights[1], strict=True):
        np.testing.assert_array_equal(found, best)
    assert int(gan.steps) == 6


def test_reduce_on_plateau(gan):
    rates = []
    fit(
        gan,
        [
            Says("generator_loss", [0.4, 0.5, 0.6, 0.3]),
            keras.callbacks.ReduceLROnPlateau(
                "generator_loss",
                mode="min",
                factor=0.5,
                patience=1,
                min_delta=0,
            ),
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: rates.append(
                    [
                        float(gan.optimizer.generator.learning_rate),
                        float(gan.optimizer.discriminator.learning_rate),
                    ]
                )
            ),
        ],
    )
    np.testing.assert_allclose(
        rates, [[0.01, 0.02], [0.005, 0.02], [0.0025, 0.02], [0.0025, 0.02]]
    )


def test_scheduled_learning_rate():
    """That of the generator; the steps are those of numpy with such rates."""
    gan = fed(
        gan_models.FedGAN(*gan_models.linear_networks(), ema_decay=None),
        table(6),
    )
    gan.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.3))
    peer = NumpyGAN(gan)
    for step, (batch, z) in enumerate(zip([*np.split(REAL, 3)] * 2, gan.table)):
        peer.rates = (0.5 / (1 + step // 3), 0.3)
        peer.discriminator_step(batch, z[0])
        peer.generator_step(z[1])
    scheduler = keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: rate / (1 + epoch)
    )
    history = fit(gan, [scheduler], epochs=2).history
    np.testing.assert_allclose(history["learning_rate"], [0.5, 0.25])
    for network, weights in (
        (gan.generator, peer.a),
        (gan.discriminator, peer.w),
    ):
        np.testing.assert_allclose(
            network.get_weights()[0], weights, rtol=1e-4, atol=1e-5
        )


def test_tensorboard(gan, tmp_path):
    tf = pytest.importorskip(
        "tensorflow",
        reason="reads the files of TensorBoard by TensorFlow",
        exc_type=ImportError,
    )
    pytest.importorskip("tensorboard", reason="needs tensorboard")
    board = keras.callbacks.TensorBoard(
        tmp_path, histogram_freq=1, update_freq=1
    )
    history = fit(gan, [board], epochs=2, validation_data=(REAL,)).history
    found, tags = {}, set()
    for path in tmp_path.glob("*/events.out.tfevents.*"):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                tags.add(value.tag)
                if value.tag.startswith("epoch_"):
                    number = float(tf.make_ndarray(value.tensor))
                    key = path.parent.name, value.tag
                    found.setdefault(key, []).append(number)
    for name in NAMES:
        for folder, prefix in (("train", ""), ("validation", "val_")):
            np.testing.assert_allclose(
                found[folder, f"epoch_{name}"],
                history[prefix + name],
                rtol=1e-6,
            )
        assert f"batch_{name}" in tags
    np.testing.assert_allclose(
        found["train", "epoch_learning_rate"], [0.01] * 2
    )
    for network in (gan.generator, gan.discriminator):
        for weight in network.weights:
            assert f"{weight.path}/histogram" in tags


def poisoned():
    data = REAL.copy()
    data[BATCH] = np.nan
    return data


def test_training_ends_where_a_loss_is_not_a_number(gan):
    with pytest.warns(UserWarning, match="not finite, at step 3"):
        history = gan.fit(
            poisoned(),
            epochs=3,
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
            callbacks=[LossHealth()],
        )
    assert history.epoch == [0]


def test_terminate_on_nan(gan):
    """Of any log: a GAN has none named `loss`."""
    steps = []
    count = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: steps.append(batch)
    )
    terminate = keras.callbacks.TerminateOnNaN
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    history = gan.fit(
        poisoned(), epochs=3, callbacks=[count, terminate()], **options
    )
    assert history.epoch == [0] and steps == [0, 1]
    with pytest.raises(RuntimeError, match="at batch 0"):
        gan.fit(REAL, callbacks=terminate(raise_error=True), **options)


@pytest.mark.parametrize(
    "callback, other",
    [
        (keras.callbacks.EarlyStopping("loss"), '"generator_loss"'),
        (keras.callbacks.ReduceLROnPlateau(), '"val_generator_loss"'),
        (
            ForNetwork("discriminator", keras.callbacks.ReduceLROnPlateau()),
            '"val_generator_loss"',
        ),
        (
            keras.callbacks.ModelCheckpoint("a.keras", save_best_only=True),
            '"val_generator_loss"',
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_loss_that_a_gan_does_not_log_is_refused(gan, callback, other):
    with pytest.raises(ValueError, match=f"monitor={other}, mode=") as caught:
        fit(gan, callback)
    assert "\n" not in str(caught.value)
    assert int(gan.steps) == 0


def test_the_average_of_one_optimizer_is_refused(gan):
    with pytest.raises(ValueError, match="gan.ema_generator"):
        fit(gan, [keras.callbacks.SwapEMAWeights()])
