"""The sections of a recipe.

What a recipe may ask for is said in plain names, so that reading one does not
import Keras; the tests hold them against the tables that turn them into code.
"""
