"""The form with which a clerk looks through the files that were brought, and sends them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.models import Environment
from exchange.advice import advice_for
from exchange.filenames import MAX_NAME_BYTES, FileNameError, check_final_name
from exchange.services.name_guard import why_refused
from exchange.services.reasons import LONGEST_REASON, SHORTEST_REASON, why_no_reason
from exchange.services.reviewing import Reviewed

_ABOUT_REASON = ("name.held", "transfer.reason_short", "transfer.reason_long")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of the form; the fields that it has no use for are None."""

    reviewed: Reviewed
    name: forms.BoundField | None
    resend_reason: forms.BoundField | None
    overrule_reason: forms.BoundField | None


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error for the summary: the file that it is about, and the field to go to."""

    file_name: str
    field: forms.BoundField
    message: str


def typed_names(data: QueryDict, uploads: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names that a posted form gives to uploads, those that a file may have."""
    names = {pk: str(data[key]) for pk in uploads if (key := _key("name", pk)) in data}
    return {pk: name for pk, name in names.items() if not _why_unusable(name)}


class ReviewForm(forms.Form):
    """Has a name and the reasons that are needed for each file that can go.

    ``names_changed`` says that the posted names are not those that the page showed: a
    confirmation for production that was given over the old ones doesn't count.
    """

    has_new_files = False

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        files: Sequence[Reviewed],
        environment: str,
        names_changed: bool = False,
    ) -> None:
        self._files = files
        self._going = [row for row in files if row.can_go]
        self.names_changed = names_changed and environment == Environment.PRD
        if data is not None:
            data = data.copy()
            # A file that was brought in another tab was not on the page that was sent.
            self.has_new_files = _fill_in_names(data, self._going)
            if self.names_changed:
                data.pop("confirmed", None)
        super().__init__(data)
        for row in self._going:
            self._add_fields(row)
        if environment == Environment.PRD and self._going:
            self.fields["confirmed"] = forms.BooleanField(
                label=_("Yes, these files go to production"),
                required=not self.names_changed,
                error_messages={"required": _("Confirm that these files go to production.")},
            )

    @property
    def going(self) -> list[Reviewed]:
        return self._going

    def rows(self) -> Iterator[FileRow]:
        for row in self._files:
            pk = row.upload.pk
            yield FileRow(
                row,
                name=self._bound("name", pk),
                resend_reason=self._bound("resend", pk),
                overrule_reason=self._bound("overrule", pk),
            )

    def field_errors(self) -> Iterator[FieldError]:
        """Yield the errors of the fields, in the order of the page."""
        for row in self._going:
            for kind in ("name", "resend", "overrule"):
                if (field := self._bound(kind, row.upload.pk)) is not None:
                    for message in field.errors:
                        yield FieldError(row.upload.file_name, field, str(message))
        if "confirmed" in self.fields:
            for message in self["confirmed"].errors:
                yield FieldError("", self["confirmed"], str(message))

    def resend_reason(self, row: Reviewed) -> str:
        return self._typed("resend", row)

    def overrule_reason(self, row: Reviewed) -> str:
        return self._typed("overrule", row)

    def refuse(self, row: Reviewed, code: str) -> None:
        """Say at the field concerned why the service refused a file."""
        kind = "resend" if code in _ABOUT_REASON else code.partition(".")[0]
        key = _key(kind, row.upload.pk)
        self.add_error(key if key in self.fields else None, str(advice_for(code)))

    def refuse_unseen(self, row: Reviewed) -> None:
        """Refuse the reason for a file in which the last check found more than was shown."""
        self.add_error(_key("overrule", row.upload.pk), str(advice_for("review.found_more")))

    def clean(self) -> dict[str, Any]:
        """Check what depends on more than one field."""
        cleaned = super().clean() or self.cleaned_data
        self._refuse_equal_names()
        for row in self._going:
            self._check_reasons(row)
        if self.names_changed:
            self.add_error("confirmed", str(advice_for("review.names_changed")))
        return cleaned

    def _add_fields(self, row: Reviewed) -> None:
        pk = row.upload.pk
        self.fields[_key("name", pk)] = forms.CharField(
            label=_("Name at MAGDA"),
            initial=row.upload.name,
            strip=False,
            max_length=10 * MAX_NAME_BYTES,
            validators=[_check_name],
        )
        if row.name_code == "name.held":
            self.fields[_key("resend", pk)] = _reason(
                gettext("Why is it sent again?"), row.upload.resend_reason
            )
        if row.warnings:
            self.fields[_key("overrule", pk)] = _reason(
                gettext("Why may it be sent in spite of the warning?"), row.upload.overrule_reason
            )

    def _typed(self, kind: str, row: Reviewed) -> str:
        """Return what was typed, also where it is refused; empty for what no field takes."""
        key = _key(kind, row.upload.pk)
        if key not in self.fields:
            return ""
        try:
            return str(self.fields[key].clean(self.data.get(key)))
        except forms.ValidationError:
            return ""

    def _refuse_equal_names(self) -> None:
        keys = [_key("name", row.upload.pk) for row in self._going]
        count = Counter(self.cleaned_data.get(key) for key in keys)
        for key in keys:
            if key in self.cleaned_data and count[self.cleaned_data[key]] > 1:
                self.add_error(key, str(advice_for("review.name_twice")))

    def _check_reasons(self, row: Reviewed) -> None:
        """Refuse what is no reason, unless its field refused it already."""
        resend, overrule = _key("resend", row.upload.pk), _key("overrule", row.upload.pk)
        if row.holder and resend not in self.errors:
            code = why_refused(row.holder, reason=self.resend_reason(row))
            if code:
                self.refuse(row, code)
        if row.warnings and overrule not in self.errors:
            code = why_no_reason(self.overrule_reason(row))
            if code:
                self.add_error(overrule, str(advice_for(code)))

    def _bound(self, kind: str, pk: UUID) -> forms.BoundField | None:
        key = _key(kind, pk)
        return self[key] if key in self.fields else None


def _fill_in_names(data: QueryDict, files: Sequence[Reviewed]) -> bool:
    """Fill in the names of files that the page sent with ``data`` didn't show; say if there are."""
    names = {_key("name", row.upload.pk): row.upload.name for row in files}
    missing = {key: name for key, name in names.items() if key not in data}
    data.update(missing)
    return bool(missing)


def _key(kind: str, pk: UUID) -> str:
    return f"{kind}-{pk.hex}"


def _reason(label: str, initial: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        initial=initial,
        required=False,
        max_length=LONGEST_REASON,
        error_messages={"max_length": str(advice_for("transfer.reason_long"))},
        widget=forms.TextInput(attrs={"minlength": SHORTEST_REASON}),
        help_text=_("In 10 to 300 characters; the history keeps it."),
    )


def _why_unusable(name: str) -> str:
    try:
        check_final_name(name)
    except FileNameError as exc:
        return exc.code
    return ""


def _check_name(name: str) -> None:
    if code := _why_unusable(name):
        raise forms.ValidationError(str(advice_for(code)))
