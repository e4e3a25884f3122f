"""What one run of the bench is made of, handed from its runner to its tests in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """One combination: TLS version ("1.2" or "1.3"), the services in use, and the seed.

    ``postgresql`` and ``redis`` are the folders of the services; None means SQLite, and a folder
    as the broker. ``minutes`` is how long a soak takes.
    """

    seed: int
    tls: str
    postgresql: Path | None = None
    redis: Path | None = None
    minutes: float = 5.0

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "RunEnvironment":
        """Read what :meth:`variables` wrote. Raises RuntimeError outside a run of the bench."""
        if "FAULTS_SEED" not in environ:
            raise RuntimeError("These tests need a run of their own: python -m faults once")
        postgresql, redis = environ.get("FAULTS_POSTGRESQL"), environ.get("FAULTS_REDIS")
        return cls(
            seed=int(environ["FAULTS_SEED"]),
            tls=environ["FAULTS_TLS"],
            postgresql=Path(postgresql) if postgresql else None,
            redis=Path(redis) if redis else None,
            minutes=float(environ["FAULTS_MINUTES"]),
        )

    def variables(self) -> dict[str, str]:
        """Return the environment variables that tell tests and workers of this."""
        return {
            "FAULTS_SEED": str(self.seed),
            "FAULTS_TLS": self.tls,
            "FAULTS_POSTGRESQL": str(self.postgresql or ""),
            "FAULTS_REDIS": str(self.redis or ""),
            "FAULTS_MINUTES": str(self.minutes),
        }
