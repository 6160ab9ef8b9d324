"""Exports of a generator: SavedModels, ONNX and LiteRT files."""
