"""The figures as a table for people and as JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.rounds import Row, Spread

FOLDER: Final = Path(__file__).parent / "results"
_HEAD: Final = ("line", "on", "portal", "peer", "ratio", "limit", "met", "floor")


@dataclass(frozen=True, slots=True)
class Results:
    """What one go of the bench measured, and on what."""

    rows: Sequence[Row]
    machine: Mapping[str, str]
    at: datetime
    missing: Sequence[str] = field(default_factory=list)
    """Lines that could not run here, each with the reason."""


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a table in Markdown; times with their median, least and most."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    lines = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    peer = f"{row.peer_name} {_spread(row.peer, row.unit)}" if row.peer else "-"
    return (
        row.line,
        row.database,
        _spread(row.portal, row.unit),
        peer,
        f"{row.ratio:.2f}",
        "-" if row.limit is None else f"{row.limit:.2f}",
        {None: "-", True: "yes", False: "NO"}[row.met],
        "-" if row.floor is None else f"{row.floor:.2f}",
    )


def _spread(spread: Spread, unit: str) -> str:
    return f"{spread.middle:.3f} ({spread.least:.3f} to {spread.most:.3f}) {unit}"


def as_objects(results: Results) -> list[dict[str, Any]]:
    """Return a list of objects: line, ratio, limit, met, floor, and what stands behind them."""
    return [
        {
            "line": row.line,
            "title": row.title,
            "database": row.database,
            "peer": row.peer_name,
            "unit": row.unit,
            "rounds": row.rounds,
            "portal": _numbers(row.portal),
            "peer_took": _numbers(row.peer) if row.peer else None,
            "ratio": round(row.ratio, 4),
            "limit": row.limit,
            "met": row.met,
            "floor": None if row.floor is None else round(row.floor, 4),
            "notes": row.notes,
            "at": results.at.isoformat(timespec="seconds"),
            "machine": dict(results.machine),
        }
        for row in results.rows
    ]


def write(results: Results, *, folder: Path, is_whole: bool) -> Path:
    """Write the figures of one go under its date; a go of all lines is the latest, too."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_objects(results), indent=1, ensure_ascii=False) + "\n"
    path = folder / f"{results.at:%Y-%m-%dT%H%M%S}.json"
    path.write_text(text, encoding="utf-8")
    if is_whole:
        (folder / "latest.json").write_text(text, encoding="utf-8")
    return path


def _numbers(spread: Spread) -> dict[str, float]:
    return {
        "median": round(spread.middle, 6),
        "min": round(spread.least, 6),
        "max": round(spread.most, 6),
    }
