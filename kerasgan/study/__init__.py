"""Studies: trainings that a file describes, and their comparison."""
