"""Golden file of FIDs by pytorch-fid, with its network, resizing and distance.

Writes pytorch_fid.npz: `fid2048` and `fid768` of two sets of images with random
weights, and `mean768`, the mean features of the first set. The images are
`numpy.random.RandomState(0)`: of each set uint8 `[24, 40, 48, 3]`, below 256 and
below 128; a third set has blocks of 8x8 pixels below 256. The weights are those of `torch_inception.py`, without batch
normalization: of it a scale of 1 and the bias are left. With a file of the real
weights as its argument it adds `real768`, from the first to the third, and `real_weights`, the
SHA-256 of the file. With more arguments it prints the distance of two folders with given weights:

    python pytorch_fid_distances.py inception.npz
    python pytorch_fid_distances.py inception.npz 768 folder folder
"""

import hashlib
import pathlib
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from pytorch_fid import fid_score, inception
from torch_inception import random_weights

FOLDER = pathlib.Path(__file__).parent
STEM = ["1a_3x3", "2a_3x3", "2b_3x3", "3b_1x1", "4a_3x3"]
# Of each block: pytorch-fid's name -> the name in the graph of 2015-12-05.
LARGE = {
    "branch1x1": "conv",
    "branch5x5_1": "tower_conv",
    "branch5x5_2": "tower_conv_1",
    "branch3x3dbl_1": "tower_1_conv",
    "branch3x3dbl_2": "tower_1_conv_1",
    "branch3x3dbl_3": "tower_1_conv_2",
    "branch_pool": "tower_2_conv",
}
MIDDLE = {
    "branch1x1": "conv",
    "branch7x7_1": "tower_conv",
    "branch7x7_2": "tower_conv_1",
    "branch7x7_3": "tower_conv_2",
    "branch7x7dbl_1": "tower_1_conv",
    **{f"branch7x7dbl_{i + 1}": f"tower_1_conv_{i}" for i in range(1, 5)},
    "branch_pool": "tower_2_conv",
}
SMALL = {
    "branch1x1": "conv",
    "branch3x3_1": "tower_conv",
    "branch3x3_2a": "tower_mixed_conv",
    "branch3x3_2b": "tower_mixed_conv_1",
    "branch3x3dbl_1": "tower_1_conv",
    "branch3x3dbl_2": "tower_1_conv_1",
    "branch3x3dbl_3a": "tower_1_mixed_conv",
    "branch3x3dbl_3b": "tower_1_mixed_conv_1",
    "branch_pool": "tower_2_conv",
}
HALVING = {
    "branch3x3": "conv",
    "branch3x3dbl_1": "tower_conv",
    "branch3x3dbl_2": "tower_conv_1",
    "branch3x3dbl_3": "tower_conv_2",
}
LAST_HALVING = {
    "branch3x3_1": "tower_conv",
    "branch3x3_2": "tower_conv_1",
    "branch7x7x3_1": "tower_1_conv",
    **{f"branch7x7x3_{i + 1}": f"tower_1_conv_{i}" for i in range(1, 4)},
}
BLOCKS = {
    "5b": ("mixed", LARGE),
    "5c": ("mixed_1", LARGE),
    "5d": ("mixed_2", LARGE),
    "6a": ("mixed_3", HALVING),
    "6b": ("mixed_4", MIDDLE),
    "6c": ("mixed_5", MIDDLE),
    "6d": ("mixed_6", MIDDLE),
    "6e": ("mixed_7", MIDDLE),
    "7a": ("mixed_8", LAST_HALVING),
    "7b": ("mixed_9", SMALL),
    "7c": ("mixed_10", SMALL),
}
NAMES = {
    **{
        f"Conv2d_{name}": f"conv_{i}" if i else "conv"
        for i, name in enumerate(STEM)
    },
    **{
        f"Mixed_{block}.{theirs}": f"{ours}_{layer}"
        for block, (ours, layers) in BLOCKS.items()
        for theirs, layer in layers.items()
    },
}


def network(weights):
    """Returns pytorch-fid's networks; `weights(name, shape)`: kernel and bias."""

    def load(self, found, *args, **kwargs):
        for name, layer in self.named_modules():
            if name not in NAMES:
                continue
            out, into, height, width = layer.conv.weight.shape
            try:
                kernel, bias = weights(NAMES[name], (height, width, into, out))
            except KeyError:
                # Behind the features that are asked for.
                continue
            with torch.no_grad():
                layer.conv.weight.copy_(
                    torch.tensor(kernel.astype("float32")).permute(3, 2, 0, 1)
                )
                layer.bn.weight.fill_(1)
                layer.bn.bias.copy_(torch.tensor(bias.astype("float32")))
                layer.bn.running_mean.fill_(0)
                layer.bn.running_var.fill_(1 - layer.bn.eps)

    inception.load_state_dict_from_url = lambda url, **options: {}
    torch.nn.Module.load_state_dict, before = (
        load,
        torch.nn.Module.load_state_dict,
    )
    try:
        return {
            dims: inception.InceptionV3(
                [inception.InceptionV3.BLOCK_INDEX_BY_DIM[dims]]
            ).eval()
            for dims in (768, 2048)
        }
    finally:
        torch.nn.Module.load_state_dict = before


def statistics(folder, model, dims):
    return fid_score.compute_statistics_of_path(
        str(folder), model, 32, dims, "cpu", 0
    )


def distance(folders, model, dims):
    first, second = (statistics(folder, model, dims) for folder in folders)
    return fid_score.calculate_frechet_distance(*first, *second), first[0]


def of_file(path):
    """Returns pytorch-fid's networks with the weights of a file."""
    file = np.load(path)
    return network(
        lambda name, shape: (file[f"{name}/kernel"], file[f"{name}/bias"])
    )


def main():
    if len(sys.argv) > 2:
        dims = int(sys.argv[2])
        model = of_file(sys.argv[1])[dims]
        print(distance(sys.argv[3:], model, dims)[0])
        return
    random = np.random.RandomState(0)
    models, found = network(random_weights), {}
    with tempfile.TemporaryDirectory() as folder:
        folders = [pathlib.Path(folder, name) for name in "abc"]
        for path, most, block in zip(folders, (256, 128, 256), (1, 1, 8)):
            path.mkdir()
            shape = (24, 40 // block, 48 // block, 3)
            images = random.randint(0, most, shape).astype("uint8")
            images = images.repeat(block, 1).repeat(block, 2)
            for i, image in enumerate(images):
                Image.fromarray(image).save(path / f"{i:02}.png")
        for dims, model in models.items():
            value, mean = distance(folders[:2], model, dims)
            found[f"fid{dims}"] = value
            if dims == 768:
                found["mean768"] = mean.astype("float32")
        for path in sys.argv[1:]:
            model = of_file(path)[768]
            found["real768"] = distance(folders[::2], model, 768)[0]
            content = pathlib.Path(path).read_bytes()
            found["real_weights"] = hashlib.sha256(content).hexdigest()
    print({key: found[key] for key in found if key != "mean768"})
    np.savez_compressed(FOLDER / "pytorch_fid.npz", **found)


if __name__ == "__main__":
    main()
