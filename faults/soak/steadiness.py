"""Whether processes stay as they are over a long run: memory and open file descriptors."""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

# What a process may grow by between the second quarter of a run and its last.
_MOST_GROWTH = 0.15
_MOST_KIBIBYTES = 20 * 1024
_MOST_DESCRIPTORS = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """What one process held at a moment."""

    kibibytes: int
    descriptors: int


@dataclass
class Sampler:
    """Samples of some processes by id, oldest first."""

    samples: dict[int, list[Sample]] = field(default_factory=dict)

    def sample(self, processes: list[int]) -> None:
        for process in processes:
            found = _look(process)
            if found is not None:
                self.samples.setdefault(process, []).append(found)

    def complaints(self) -> list[str]:
        """Say which process grew."""
        return [text for process, taken in self.samples.items() for text in _growth(process, taken)]

    def lines(self) -> list[str]:
        """Describe each process in a line."""
        return [
            f"process {process}: {len(taken)} samples,"
            f" {taken[0].kibibytes // 1024} to {taken[-1].kibibytes // 1024} MiB,"
            f" {taken[0].descriptors} to {taken[-1].descriptors} descriptors"
            for process, taken in self.samples.items()
        ]


def _look(process: int) -> Sample | None:
    folder = Path(f"/proc/{process}")
    try:
        pages = int((folder / "statm").read_text(encoding="ascii").split()[1])
        return Sample(pages * 4, sum(1 for _ in (folder / "fd").iterdir()))
    except (OSError, IndexError):
        return None


def _growth(process: int, taken: list[Sample]) -> list[str]:
    """Compare the second quarter with the last: the first is warming up."""
    quarter = len(taken) // 4
    if quarter < 3:
        return []
    early, late = taken[quarter : 2 * quarter], taken[-quarter:]
    before = median(sample.kibibytes for sample in early)
    after = median(sample.kibibytes for sample in late)
    found = []
    if after - before > max(_MOST_GROWTH * before, _MOST_KIBIBYTES):
        found.append(f"Process {process} grew from {before:.0f} to {after:.0f} KiB.")
    more = median(s.descriptors for s in late) - median(s.descriptors for s in early)
    if more > _MOST_DESCRIPTORS:
        found.append(f"Process {process} holds {more:.0f} file descriptors more than before.")
    return found
