"""Output of benchmarks: tables in Markdown, as in README.md."""

import platform
import sys
from pathlib import Path

import psutil


def machine() -> str:
    model = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    memory = psutil.virtual_memory().total / 2**30
    cores, python = psutil.cpu_count(), platform.python_version()
    return f"{cores} cores ({model}), {memory:.0f} GiB, Python {python}, PostgreSQL 18"


def heading(text: str) -> None:
    write(f"\n{text}:\n")


def row(*cells: object) -> None:
    write("| " + " | ".join(str(cell) for cell in cells) + " |")


def write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
