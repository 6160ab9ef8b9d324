"""Tools of all rooms: files, progress, plots, image grids, logs, devices."""
