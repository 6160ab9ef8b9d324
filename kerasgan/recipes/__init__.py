"""Recipes, checked key by key, and what is built from them."""
