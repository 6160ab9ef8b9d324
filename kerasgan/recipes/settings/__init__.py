"""The sections of a recipe.

A recipe consists of plain names, so that reading one does not import Keras; the
tests compare them with the tables that map them to code.
"""
