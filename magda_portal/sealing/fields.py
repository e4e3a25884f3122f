"""A model column that holds a sealed secret."""

from typing import Any

from django.db import models

from magda_portal.sealing.ring import SealingError, ring


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # not generic at run time
    """Hold a blob that opens only in its own row and column.

    The column itself is never decrypted by loading a row: call :func:`seal_into` and
    :func:`unseal_from`. The model's primary key must be known before the first save (a UUID made
    by the program), since it is part of what is sealed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


def seal_into(row: models.Model, field: str, secret: bytes) -> None:
    """Seal ``secret`` into ``row.field``, without saving the row."""
    setattr(row, field, ring().seal(secret, place=_place(row, field)))


def unseal_from(row: models.Model, field: str) -> bytes:
    """Return the secret of ``row.field``. Raises SealingError when it is empty or doesn't open."""
    blob = getattr(row, field)
    if not blob:
        raise SealingError(f"{_place(row, field)} holds no secret.")
    return ring().unseal(bytes(blob), place=_place(row, field))


def place_of(model: type[models.Model], pk: object, field: str) -> str:
    """Return what a sealed value is bound to: ``table:id:field``."""
    return f"{model._meta.db_table}:{pk}:{field}"


def _place(row: models.Model, field: str) -> str:
    if row.pk is None:
        raise SealingError("A secret needs a row whose primary key is known.")
    return place_of(type(row), row.pk, field)
