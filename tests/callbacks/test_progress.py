import numpy as np
import pytest

from kerasgan.callbacks import Progress


@pytest.mark.filterwarnings("ignore:the first . real images have no value")
@pytest.mark.integration
def test_it_counts_steps_from_where_a_training_starts(make_gan, capsys):
    gan = make_gan()
    gan.steps.assign(4)
    bar = Progress(steps=10)
    images = np.zeros((24, 8, 8, 3), "float32")
    try:
        gan.fit(images, batch_size=8, epochs=2, verbose=0, callbacks=[bar])
        (task,) = bar.bar.tasks
        assert (task.completed, task.total) == (10, 10)
        assert task.fields["losses"].startswith("D ")
        assert "  G " in task.fields["losses"]
    finally:
        bar.close()
    text = capsys.readouterr()
    assert "10/10" in text.err and text.out == ""
    bar.close()


def test_a_bar_that_never_began_can_be_closed():
    Progress(steps=1).close()
