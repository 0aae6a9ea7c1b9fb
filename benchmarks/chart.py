#!/usr/bin/env python3
"""Draws the charts of the measurements in results/, with Python's standard library alone.

    python3 benchmarks/chart.py     docs/epoch.svg from peers.csv, docs/gpu.svg from gpu.csv; results/*.svg from the CSV file of the same name

The drawings follow the reader's light or dark scheme, and have a background of their own in case the page does not follow it.
"""
import math
import os
from xml.sax.saxutils import escape, quoteattr

import results

STYLE = """
  svg { --back: #ffffff; --edge: #d8dee4; --front: #1f2328; --quiet: #59636e; --grid: #eaeef2;
    --peer: #a9b4c0; --ours: #0969da; --gpu: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    svg { --back: #0d1117; --edge: #30363d; --front: #e6edf3; --quiet: #9198a1; --grid: #21262d;
      --peer: #535c67; --ours: #4493f8; --gpu: #3fb950; }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--front); }
  .title { font-size: 17px; font-weight: 600; }
  .strong { font-weight: 600; }
  .quiet { fill: var(--quiet); }
  .small { font-size: 12px; }
  .back { fill: var(--back); stroke: var(--edge); }
  .grid { stroke: var(--grid); }
  .dot { fill: var(--ours); }
  .curve { fill: none; stroke: var(--ours); stroke-width: 2; }
"""


class Drawing:
    """An SVG with a title, a subtitle and a background."""

    def __init__(self, width, height, title, subtitle, description):
        self.width, self.height = width, height
        self.label = f"{title}. {description}"
        self.elements = []
        self.add("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, rx=8, class_="back")
        self.text(24, 36, title, "title")
        self.text(24, 58, subtitle, "quiet")

    def add(self, tag, content="", **attributes):
        def value(v):
            return f"{v:.5g}" if isinstance(v, float) else str(v)
        pairs = "".join(f" {name.rstrip('_').replace('_', '-')}={quoteattr(value(v))}"
                        for name, v in attributes.items())
        self.elements.append(f"<{tag}{pairs}>{escape(content)}</{tag}>")

    def text(self, x, y, text, kind="", anchor="start", **attributes):
        self.add("text", text, x=x, y=y, class_=kind, text_anchor=anchor, **attributes)

    def line(self, x1, y1, x2, y2, **attributes):
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)

    def write(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w") as file:
            file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
                       f'width="{self.width}" height="{self.height}" role="img" aria-label={quoteattr(self.label)}>\n'
                       f"<style>{STYLE}</style>\n" + "\n".join(self.elements) + "\n</svg>\n")
        os.replace(path + ".new", path)


class Scale:
    """Maps values to places, linearly or by their logarithm."""

    def __init__(self, least, most, start, end, logarithmic=False):
        self.scaled = math.log10 if logarithmic else float
        self.least, self.most, self.start, self.end = self.scaled(least), self.scaled(most), start, end

    def __call__(self, value):
        return self.start + (self.scaled(value) - self.least) / (self.most - self.least) * (self.end - self.start)


def number(value):
    """Three digits or more: 5.22, 31.4, 6,846."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def powers(least, most):
    """The powers of ten from 1 up that are between two values, to label a logarithmic scale with."""
    return [10 ** power for power in range(7) if least <= 10 ** power <= most]


def bars(drawing, rows, left, right, top, height):
    """Horizontal bars on a logarithmic scale of milliseconds; a row is a name, a detail, a value, a color, and whether it is ours."""
    values = [value for _, _, value, _, _ in rows]
    bottom = top + height * len(rows)
    least, most = 10 ** math.floor(math.log10(min(values) / 1.5)), max(values) * 1.05
    x = Scale(least, most, left, right, logarithmic=True)
    for tick in powers(least, most):
        drawing.line(x(tick), top - 8, x(tick), bottom, class_="grid")
        drawing.text(x(tick), bottom + 20, f"{tick:,}", "quiet small", "middle")
    for place, (name, detail, value, color, ours) in enumerate(rows):
        y = top + height * place
        drawing.text(24, y + 17, name, "strong" if ours else "")
        drawing.text(left - 12, y + 17, detail, "quiet small", "end")
        drawing.add("rect", x=left, y=y + 1, width=x(value) - left, height=height - 12, rx=3, style=f"fill: var(--{color})")
        drawing.text(x(value) + 8, y + 17, f"{number(value)} ms", "strong")


def in_docs(name):
    return os.path.join(results.FOLDER, "..", "..", "docs", name)


def epoch():
    """Bars of milliseconds per epoch on a CPU: the peers and MnistGpu."""
    # MnistGpu with single images, and the GPU in another machine, are left to the table: this compares what a user would run.
    peers = [row for row in results.read("peers.csv")
             if row["threads"] and not (row["name"] == "MnistGpu cpu" and row["batch_size"] == "1")]

    def detail(row):
        if row["batch_size"] == "1":
            return "one image per step"
        return "1 thread" if row["threads"] == "1" else f"{row['threads']} threads"

    rows = [(row["name"], detail(row), float(row["ms_per_epoch"]), "ours" if ours else "peer", ours)
            for row in peers for ours in [row["name"].startswith("MnistGpu")]]
    drawing = Drawing(860, 96 + 34 * len(rows) + 42, "Time of one training epoch on MNIST, in milliseconds",
                      f"60,000 images, 784-100-10 network, batches of 64 · {peers[0]['machine']} · logarithmic scale",
                      "; ".join(f"{name} {detail}: {number(value)} ms" for name, detail, value, _, _ in rows))
    bars(drawing, rows, 250, 740, 96, 34)
    drawing.write(in_docs("epoch.svg"))


def gpu():
    """Pairs of bars of milliseconds: the CPU engine and a GPU at the same work."""
    rows = []
    pairs = results.read("gpu.csv")
    for row in pairs:
        times = f"{float(row['cpu_ms']) / float(row['cuda_ms']):.2g}×"
        rows.append((row["what"], f"{row['detail']} · CPU, 2 threads", float(row["cpu_ms"]), "ours", False))
        rows.append((f"{times} as fast", "NVIDIA H200", float(row["cuda_ms"]), "gpu", True))
    drawing = Drawing(860, 96 + 30 * len(rows) + 42, "The CPU engine and a GPU at the same training, in milliseconds",
                      "784-N-10 network, batches of 64 · NVIDIA H200, Intel Xeon · logarithmic scale",
                      "; ".join(f"{row['what']}, {row['detail']}: CPU {row['cpu_ms']} ms, GPU {row['cuda_ms']} ms"
                                for row in pairs))
    bars(drawing, rows, 460, 760, 96, 30)
    drawing.write(in_docs("gpu.svg"))


def sizes():
    """Accuracy with one option changed: a dot for the mean, a line from the least to the most."""
    rows = results.read("sizes.csv")
    reference = next(row for row in results.read("accuracy.csv") if row["device"] == "cpu" and not row["options"])
    rows = [reference | {"options": "the defaults"}] + rows
    left, right, top, height = 300, 780, 92, 24
    bottom = top + height * len(rows)
    least = min(float(row["least"]) for row in rows)
    x = Scale(math.floor(least / 5) * 5, 100, left, right)
    drawing = Drawing(860, bottom + 42, "Accuracy of the default learning rate at other sizes",
                      f"test accuracy in percent: mean, least and most over {rows[0]['seeds']} seeds",
                      "; ".join(f"{row['options']}: {row['mean']}" for row in rows))
    for tick in range(math.floor(least / 5) * 5, 101, 5):
        drawing.line(x(tick), top - 8, x(tick), bottom, class_="grid")
        drawing.text(x(tick), bottom + 18, f"{tick}", "quiet small", "middle")
    for place, row in enumerate(rows):
        y = top + height * place + 8
        drawing.text(24, y + 4, row["options"], "strong" if place == 0 else "")
        drawing.line(x(float(row["least"])), y, x(float(row["most"])), y, class_="curve")
        drawing.add("circle", cx=x(float(row["mean"])), cy=y, r=4.5, class_="dot")
        drawing.text(836, y + 4, row["mean"], "strong", "end")
    drawing.write(os.path.join(results.FOLDER, "sizes.svg"))


def scaling():
    """A panel for each size that was varied; both axes logarithmic."""
    rows = results.read("scaling.csv")
    varied = [name for name in dict.fromkeys(row["varied"] for row in rows) if name != "threads"]
    values = [float(row["ms_per_epoch"]) for row in rows]
    drawing = Drawing(860, 340, "Time of an epoch by the size of the work",
                      "milliseconds on one thread; both scales logarithmic",
                      "; ".join(f"{row['varied']} {row['size']}: {row['ms_per_epoch']} ms" for row in rows))
    panel = 260
    y = Scale(min(values) / 1.3, max(values) * 1.3, 270, 90, logarithmic=True)
    for tick in powers(min(values) / 1.3, max(values) * 1.3):
        drawing.line(64, y(tick), 64 + panel * len(varied), y(tick), class_="grid")
        drawing.text(56, y(tick) + 4, f"{tick:,}", "quiet small", "end")
    for place, name in enumerate(varied):
        left = 64 + panel * place
        points = [(int(row["size"]), float(row["ms_per_epoch"])) for row in rows if row["varied"] == name]
        x = Scale(points[0][0], points[-1][0], left + 24, left + panel - 36, logarithmic=True)
        drawing.text((x(points[0][0]) + x(points[-1][0])) / 2, 318, name, "strong", "middle")
        drawing.add("polyline", points=" ".join(f"{x(size):.5g},{y(ms):.5g}" for size, ms in points),
                    class_="curve")
        for size, ms in points:
            drawing.add("circle", cx=x(size), cy=y(ms), r=4, class_="dot")
            drawing.text(x(size), y(ms) - 10, number(ms), "small", "middle")
            drawing.text(x(size), 292, f"{size:,}", "quiet small", "middle")
    drawing.write(os.path.join(results.FOLDER, "scaling.svg"))


if __name__ == "__main__":
    for draw in (epoch, gpu, sizes, scaling):
        draw()
