"""What every room uses: files, progress, plots, image grids, logs, devices."""
