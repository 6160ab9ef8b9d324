"""`python -m kerasgan.cli`."""

from kerasgan.cli import main

main()
