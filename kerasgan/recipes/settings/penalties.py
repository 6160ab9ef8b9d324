from kerasgan.gans.penalties import table
from kerasgan.recipes.section import one_of, sections

PENALTIES = sections(table.PENALTIES)
# A name alone means the penalty with its defaults.
Penalty = one_of(PENALTIES)
