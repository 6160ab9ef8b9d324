from kerasgan.gans.augmentation import table
from kerasgan.zoo.sections import one_of, sections

AUGMENTATIONS = sections(table.AUGMENTATIONS)
# A name alone stands for the augmentation with its defaults.
Augmentation = one_of(AUGMENTATIONS)
