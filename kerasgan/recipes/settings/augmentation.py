from kerasgan.gans.augmentation import table
from kerasgan.recipes.section import one_of, sections

AUGMENTATIONS = sections(table.AUGMENTATIONS)
# A name alone means the augmentation with its defaults.
Augmentation = one_of(AUGMENTATIONS)
