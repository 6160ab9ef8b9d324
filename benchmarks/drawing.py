"""Panels of points and of curves, drawn with Pillow for the documentation."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Everything is drawn so many times as large, and made smaller at the end.
SCALE = 3

INK = (45, 45, 50)
GRAY = (125, 125, 130)
PALE = (226, 226, 230)
GOOD = (31, 84, 158)
BAD = (222, 110, 38)
# Of curves, in the order in which they come.
COLORS = [
    (31, 84, 158),
    (214, 90, 30),
    (46, 135, 82),
    (130, 68, 150),
    (190, 40, 70),
    (105, 105, 110),
    (200, 150, 20),
    (20, 150, 170),
]


class Canvas:
    """A white picture; all places and sizes are in pixels of the final one."""

    def __init__(self, width, height):
        size = round(width * SCALE), round(height * SCALE)
        self.image = Image.new("RGB", size, "white")
        self.draw = ImageDraw.Draw(self.image)

    def text(self, place, words, size=12, color=INK, anchor="mm"):
        """Words at (x, y); `anchor` as in Pillow: mm is their middle."""
        font = ImageFont.load_default(size * SCALE)
        self.draw.text(
            [v * SCALE for v in place], words, color, font, anchor=anchor
        )

    def line(self, points, color=INK, width=1.0):
        flat = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(flat, color, round(width * SCALE), joint="curve")

    def dashes(self, start, end, color=GRAY, width=1.0, dash=4.0):
        (x0, y0), (x1, y1) = start, end
        count = max(int(math.hypot(x1 - x0, y1 - y0) / (2 * dash)), 1)
        for i in range(count):
            a, b = i / count, (i + 0.5) / count
            self.line(
                [
                    (x0 + a * (x1 - x0), y0 + a * (y1 - y0)),
                    (x0 + b * (x1 - x0), y0 + b * (y1 - y0)),
                ],
                color,
                width,
            )

    def frame(self, box, color=PALE):
        self.draw.rectangle(
            [v * SCALE for v in box], outline=color, width=SCALE
        )

    def circle(self, center, radius, color=PALE, width=1.0):
        x, y = center
        corners = [x - radius, y - radius, x + radius, y + radius]
        self.draw.ellipse(
            [v * SCALE for v in corners],
            outline=color,
            width=round(width * SCALE),
        )

    def dots(self, box, places, color, radius=1.2, opacity=0.35):
        """Dots inside a box; where many lie upon each other it is darker."""
        left, top, right, bottom = (round(v * SCALE) for v in box)
        width, height = right - left, bottom - top
        found = np.zeros((height, width))
        reach = round(radius * SCALE)
        for x, y in np.round(np.asarray(places) * SCALE).astype(int):
            for dy in range(-reach, reach + 1):
                dx = math.isqrt(reach**2 - dy**2)
                row, start = y - top + dy, x - left - dx
                if 0 <= row < height and start + 2 * dx + 1 > 0:
                    found[row, max(start, 0) : start + 2 * dx + 1] += 1
        alpha = (1 - (1 - opacity) ** found)[:, :, None]
        place = left, top, right, bottom
        below = np.asarray(self.image.crop(place), "float64")
        mixed = below * (1 - alpha) + np.asarray(color) * alpha
        self.image.paste(Image.fromarray(mixed.round().astype("uint8")), place)

    def save(self, path):
        """Write a PNG with a palette, which takes a third of a full one."""
        size = [side // SCALE for side in self.image.size]
        small = self.image.resize(size, Image.Resampling.LANCZOS)
        colors = small.quantize(
            128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        colors.save(path, optimize=True)


def scatter(canvas, box, points, centers, reach, limit=2.6):
    """Points in the plane, in two colors: near one of the centers, or not."""
    left, top, right, bottom = box
    unit = (right - left) / (2 * limit)

    def place(points):
        x, y = np.asarray(points).T
        middle = (left + right) / 2, (top + bottom) / 2
        return np.stack([middle[0] + unit * x, middle[1] - unit * y], axis=1)

    for center in place(centers):
        canvas.circle(center, max(reach * unit, 4), PALE)
    distances = np.linalg.norm(points[:, None] - centers, axis=2).min(axis=1)
    good = distances < reach
    canvas.dots(box, place(points[~good]), BAD)
    canvas.dots(box, place(points[good]), GOOD)
    canvas.frame(box)


def chart(
    canvas,
    box,
    curves,
    y_range,
    x_range,
    levels=(),
    x_label="",
    ticks=4,
):
    """Curves over a common axis.

    Args:
        canvas: a `Canvas`.
        box: left, top, right, bottom of the axes; labels lie outside.
        curves: `(x, y, color, width)` each.
        y_range: lowest and highest value; what lies outside is not drawn.
        x_range: the same for x.
        levels: values at which a dashed line is drawn.
        x_label: words below the axis.
        ticks: about how many numbers stand at an axis.
    """
    left, top, right, bottom = box
    (x0, x1), (y0, y1) = x_range, y_range

    def place(x, y):
        return (
            left + (x - x0) / (x1 - x0) * (right - left),
            bottom - (y - y0) / (y1 - y0) * (bottom - top),
        )

    for value in _round_numbers(y0, y1, ticks):
        at = place(x0, value)[1]
        canvas.line([(left, at), (right, at)], PALE)
        canvas.text((left - 5, at), f"{value:g}", 10, GRAY, "rm")
    for value in _round_numbers(x0, x1, ticks):
        at = place(value, y0)[0]
        canvas.line([(at, bottom), (at, bottom + 3)], GRAY)
        canvas.text((at, bottom + 5), f"{value:g}", 10, GRAY, "mt")
    for value in levels:
        canvas.dashes(place(x0, value), place(x1, value))
    for x, y, color, width in curves:
        run = []
        for one in zip(x, y):
            if y0 <= one[1] <= y1:
                run.append(place(*one))
                continue
            if len(run) > 1:
                canvas.line(run, color, width)
            run = []
        if len(run) > 1:
            canvas.line(run, color, width)
    canvas.frame(box, GRAY)
    canvas.text(((left + right) / 2, bottom + 20), x_label, 10, GRAY, "mt")


def legend(canvas, place, entries, apart=None):
    """Short lines with their names: below each other, or `apart` in a row.

    Args:
        canvas: a `Canvas`.
        place: left end and height of the first line.
        entries: `(name, color)` each.
        apart: pixels from one to the next in a row, or None.
    """
    x, y = place
    for i, (name, color) in enumerate(entries):
        at = (x + i * apart, y) if apart else (x, y + 16 * i)
        canvas.line([at, (at[0] + 16, at[1])], color, 2.0)
        canvas.text((at[0] + 21, at[1]), name, 11, INK, "lm")


def _round_numbers(low, high, count):
    """Multiples of 1, 2, 2.5 or 5 times a power of ten from low to high."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 10) + 0.0 for i in range(first, last + 1)]
