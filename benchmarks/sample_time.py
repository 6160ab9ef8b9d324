"""Time of `kerasgan.sample` against the SavedModel of the same entry.

The peer is `serving_default` of the SavedModel, called in its process with
latents that are there. Each has a process of its own, and they take turns.

    python benchmarks/sample_time.py
    python benchmarks/sample_time.py --entry dcgan-bn-celeba --counts 1,64
"""

import argparse
import pathlib
import sys

import turns

SAVEDMODELS = pathlib.Path(__file__).parents[1] / "savedmodels"


def run_of(args):
    """Returns the function of a number of draws that is timed."""
    from kerasgan import sampling, zoo

    generator = zoo.load(args.entry)
    if args.contestant == "sample":

        def draw():
            return sampling.sample(generator, args.count)

    else:
        import tensorflow as tf

        versions = (args.savedmodels / args.entry).iterdir()
        newest = max(versions, key=lambda folder: int(folder.name))
        model = tf.saved_model.load(newest).signatures["serving_default"]
        z = sampling.latents(args.count, sampling.latent_size(generator))

        def draw(model=model):
            return model(latents=tf.constant(z))["images"].numpy()

    def run(draws):
        for _ in range(draws):
            draw()

    return run


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--entry", default="dcgan-wn-celeba")
    parser.add_argument("--savedmodels", type=pathlib.Path, default=SAVEDMODELS)
    parser.add_argument("--counts", default="1,16,64,256")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--contestant", choices=("sample", "savedmodel"), help=argparse.SUPPRESS
    )
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    return parser


def compete(args):
    """Yields each count of images with the times of both."""
    for count in map(int, args.counts.split(",")):
        command = [sys.executable, __file__, f"--count={count}"]
        command += [
            f"--entry={args.entry}",
            f"--savedmodels={args.savedmodels}",
        ]
        commands = {
            "kerasgan.sample": [*command, "--contestant=sample"],
            "SavedModel": [*command, "--contestant=savedmodel"],
        }
        # A round is long enough to be timed, however small the draw.
        draws = max(1, 128 // count)
        yield count, turns.compete(commands, draws, args.rounds)


def main():
    args = parser().parse_args()
    if args.contestant:
        turns.answer(run_of(args))
        return
    print(f"{args.entry}; {turns.machine()}")
    for count, times in compete(args):
        print(f"\n{count} images\n\n{turns.table(times, 'SavedModel', True)}")


if __name__ == "__main__":
    main()
