"""What `kerasgan train` makes of a recipe."""

import dataclasses
import json

import pytest

from kerasgan import zoo
from kerasgan.training.adaptation import adapt, find_own, run_name
from kerasgan.training.run_directory import Run, begin, check_run
from kerasgan.utils.run_log import LOG
from kerasgan.zoo.catalogue import NamedRecipe

NAME = "dcgan-wn-celeba"
# Of the entry, in these tests.
DECAY = "{name: linear, start: 12000, stop: 30000}"
TRAINING = [
    ("training.steps", 30000),
    ("training.generator_optimizer.decay", DECAY),
    ("training.discriminator_optimizer.decay", DECAY),
]


def adapted(name=NAME, settings=(), output=None, resume=False, **options):
    options = {key.replace("_", "-"): value for key, value in options.items()}
    base = zoo.catalogue.resolve(name)
    if name == NAME:
        recipe = base.recipe.override_all(TRAINING)
        base = dataclasses.replace(base, recipe=recipe)
    return adapt(base, options, settings, output, resume)


def stops(plan):
    training = plan.recipe.training
    return [
        getattr(training, network).decay.stop
        for network in ("generator_optimizer", "discriminator_optimizer")
    ]


@pytest.mark.parametrize(
    "source, expected",
    [
        ("/data/My Photos/", "dcgan-wn-my-photos"),
        ("Été à la mer.ZIP", "dcgan-wn-ete-a-la-mer"),
        ("写真", "dcgan-wn-images"),
        ("/data/faces.NPZ", "dcgan-wn-faces"),
        ("tfds:lsun/bedroom:3.1.0", "dcgan-wn-lsun-bedroom-own"),
        # The name of an entry of the zoo.
        ("cifar10", "dcgan-wn-cifar10-own"),
    ],
)
def test_a_run_is_named_after_its_images(source, expected):
    assert run_name(NAME, source, zoo.catalogue.entries()) == expected


@pytest.mark.parametrize(
    "source, own",
    [
        ("tfds:celeb_a", True),
        ("tfds:celeb_a:2.1.0", True),
        ("tfds:cifar10", False),
        ("photos", False),
    ],
)
def test_whose_images_keep_the_crop_of_an_entry(source, own):
    plan = adapted(data=source)
    assert (plan.recipe.name == NAME) is own
    assert plan.recipe.data.crop == (160 if own else None)
    assert ("middle 160x160 pixels" in plan.notes[0]) is own
    # Whoever asks for one gets it.
    assert adapted(data=source, crop="160").recipe.data.crop == 160
    assert adapted(data=source, crop="none").recipe.data.crop is None
    setting = ["crop=100", "name=mine"]
    recipe = adapted(data=source, settings=setting).recipe
    assert (recipe.data.crop, recipe.name) == (100, "mine")


def test_what_an_entry_was_trained_on_is_its_own(
    recipe, metrics, add_entry, image_folder
):
    folder = add_entry("dcgan-wn-dots", weights=True)
    add_entry("dcgan-bn-dots")
    source, entries = str(image_folder), zoo.catalogue.entries()
    for data, images, own in (
        ("images, train, fingerprint 0", 8, True),
        ("images, train, fingerprint 0", 9, False),
        ("images, test, fingerprint 0", 8, False),
        ("photos, train, fingerprint 0", 8, False),
    ):
        content = metrics.model_dump(mode="json")
        content["training"].update(data=data, images=images)
        (folder / "metrics.json").write_text(json.dumps(content))
        # Of every entry of the same source, one without weights, too.
        for entry in entries:
            ours = zoo.catalogue.resolve(entry)
            assert find_own(ours, source, entries)[0] is own
        other = NamedRecipe(recipe.override("source", "tfds:lines"))
        assert find_own(other, source, entries) == (False, source)


def test_recipes_and_runs_of_ones_own_stay_as_they_are(recipe, tmp_path):
    mine = recipe.override("crop", 100)
    (tmp_path / "mine.yaml").write_text(mine.to_yaml())
    plan = adapted(str(tmp_path / "mine.yaml"), data="photos")
    assert plan.recipe == mine.override("source", "photos")


def test_options_are_keys_of_a_recipe():
    plan = adapted(
        data="2024_05", crop="90", flip=False, image_size=32, batch_size=8,
        learning_rate=1e-3, steps=7, precision="float32",
    )  # fmt: skip
    recipe = plan.recipe
    # Not the number that YAML would read.
    assert recipe.data.source == "2024_05"
    assert (recipe.data.crop, recipe.data.flip) == (90, False)
    assert recipe.data.image_size == 32
    assert recipe.architecture.image_shape == (32, 32, 3)
    training = recipe.training
    assert (training.batch_size, training.steps) == (8, 7)
    assert training.precision == "float32"
    assert training.generator_optimizer.learning_rate == 1e-3
    assert training.discriminator_optimizer.learning_rate == 1e-3
    assert "not mirrored" in plan.notes[0]


@pytest.mark.parametrize(
    "option, setting",
    [
        ("batch_size", "batch_size=4"),
        ("batch_size", "training.batch_size=4"),
        ("learning_rate", "generator_optimizer={name: sgd, learning_rate: 1}"),
        ("image_size", "image_shape=[8, 8, 3]"),
        ("data", "source=photos"),
    ],
)
def test_an_option_and_a_setting_of_one_key_are_refused(option, setting):
    values = {"data": "x", "learning_rate": 1.0}
    with pytest.raises(ValueError, match="both set .* give only one of them"):
        adapted(settings=[setting], **{option: values.get(option, 8)})


@pytest.mark.parametrize(
    "steps, settings, expected, said",
    [
        (30000, (), [30000, 30000], None),
        (
            60000,
            (),
            [60000, 60000],
            "its decay ends with the last step, 60,000",
        ),
        (
            20000,
            (),
            [20000, 20000],
            "its decay ends with the last step, 20,000",
        ),
        (
            12000,
            (),
            [30000, 30000],
            "constant, since its decay starts at step 12,000",
        ),
        (
            60000,
            ["generator_optimizer.decay.stop=30000"],
            [30000, 60000],
            "of discriminator_optimizer: its decay ends with the last step, 60,000",
        ),
        (
            60000,
            ["generator_optimizer.decay={name: linear, start: 1, stop: 30000}"]
            + ["discriminator_optimizer.decay.stop=50000"],
            [30000, 50000],
            None,
        ),
    ],
)
def test_a_decay_ends_with_the_training(steps, settings, expected, said):
    plan = adapted(steps=steps, settings=settings)
    assert stops(plan) == expected
    notes = [note for note in plan.notes if note.startswith("learning rate")]
    assert len(notes) == (said is not None)
    assert said is None or said in notes[0]
    by_settings = adapted(settings=[f"steps={steps}", *settings])
    assert by_settings.recipe == plan.recipe


@pytest.fixture
def begun(tmp_path):
    """A function: a run of 30,000 steps that has done some of them."""

    class Prepared:
        fingerprint, skipped, remarks = "0", [], []

        def __len__(self):
            return 8

    def make(done, **options):
        plan = adapted(output=tmp_path / "run", data="photos", **options)
        begin(plan.run.folder, plan.recipe, Prepared())
        (plan.run.folder / LOG).write_text(json.dumps({"step": done}) + "\n")
        return plan.run.folder

    return make


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    "done, steps, expected",
    [
        # The steps so far had the same rates.
        (12000, 60000, 60000),
        (12001, 60000, 30000),
        (20000, 25000, 30000),
    ],
)
def test_a_decay_that_began_stays(done, steps, expected, named, begun):
    output = begun(done)
    before = zoo.recipe(output)
    plan = adapted(
        **({} if named else {"name": str(output)}),
        output=output, data="photos", steps=steps, resume=True,
    )  # fmt: skip
    check_run(Run(output), plan.recipe, resume=True)
    assert stops(plan) == [expected, expected]
    assert plan.recipe.data == before.data and plan.recipe.name == before.name
    (note,) = [note for note in plan.notes if note.startswith("learning rate")]
    assert ("as when the run was started" in note) is (expected == 30000)
    # Another rate for steps that are done is another recipe.
    if done > 12000:
        moved = before.override("generator_optimizer.decay.stop", 40000)
        with pytest.raises(ValueError, match="decay.stop is 30000 there"):
            check_run(Run(output), moved, resume=True)


def test_a_run_keeps_the_crop_and_name_that_it_has(begun):
    # As a run that began when an entry's crop held for all images.
    output = begun(5, crop="160", settings=["name=dcgan-wn-celeba"])
    plan = adapted(output=output, data="photos", resume=True)
    assert plan.recipe == zoo.recipe(output)
    other = adapted(output=output, data="photos", resume=True, crop="none")
    with pytest.raises(
        ValueError, match="data.crop is 160 there and None here"
    ):
        check_run(Run(output), other.recipe, resume=True)


def test_a_run_that_is_not_there_is_begun(tmp_path):
    plan = adapted(output=tmp_path / "run", resume=True)
    assert plan.notes[1] == (
        f"there is no run in {tmp_path / 'run'} yet: a new one is started"
    )
