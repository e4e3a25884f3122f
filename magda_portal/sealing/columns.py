"""Where the database holds sealed values: every SealedField of every installed model."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.functions import Substr

from magda_portal.sealing.fields import SealedField, place_of
from magda_portal.sealing.ring import HEAD_BYTES

BATCH = 200  # rows


@dataclass(frozen=True, slots=True)
class SealedValue:
    """The blob of one row and column, or its head."""

    pk: Any
    blob: bytes
    place: str


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of a table that holds sealed values; empty ones are passed over."""

    model: type[models.Model]
    field: str

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.field}"

    def values(self) -> Iterator[SealedValue]:
        """Read every value, in the order of the primary key, a batch of rows at a time.

        No cursor stays open between two batches, so the rows may be written meanwhile. A row that
        is added behind the place that was reached is not seen.
        """
        rows = self._rows().order_by("pk").values_list("pk", self.field)
        batch = list(rows[:BATCH])
        while batch:
            yield from self._filled(batch)
            batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH])

    def heads(self) -> Iterator[SealedValue]:
        """Read the first bytes of every value, enough for its key id and wrapped data key."""
        head = Substr(self.field, 1, HEAD_BYTES, output_field=models.BinaryField())
        rows = self._rows().annotate(head=head).order_by("pk").values_list("pk", "head")
        yield from self._filled(rows.iterator())

    def replace(self, value: SealedValue, blob: bytes) -> bool:
        """Store another blob unless the row changed since it was read; tell whether it was."""
        unchanged = {"pk": value.pk, self.field: value.blob}
        return bool(self._rows().filter(**unchanged).update(**{self.field: blob}))

    def _rows(self) -> models.QuerySet[models.Model]:
        # All of them: a model's own manager may leave some out.
        return models.QuerySet(self.model)

    def _filled(self, rows: Iterator[Any] | list[Any]) -> Iterator[SealedValue]:
        for pk, blob in rows:
            if blob:
                yield SealedValue(pk, bytes(blob), place_of(self.model, pk, self.field))


def sealed_columns() -> list[SealedColumn]:
    """Return every column that holds sealed values, in the order of its table's name."""
    columns = [
        SealedColumn(model, field.name)
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
    ]
    return sorted(columns, key=str)
