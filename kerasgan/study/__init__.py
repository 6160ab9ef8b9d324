"""Studies: trainings that differ in what a file says, compared."""
