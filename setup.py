"""Metadata is in setup.cfg; this adds what it cannot say."""

from setuptools import find_packages, setup

setup(
    # `find:` sees no package whose folder is elsewhere.
    packages=[
        *find_packages(include=["kerasgan", "kerasgan.*"]),
        "kerasgan.zoo.entries",
    ]
)
