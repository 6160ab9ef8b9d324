from kerasgan.optimizers import table
from kerasgan.recipes.section import one_of, sections

DECAYS = sections(table.DECAYS)
OPTIMIZERS = sections(table.OPTIMIZERS)
Optimizer = one_of(OPTIMIZERS)
