import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0007_services"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="transfer",
            name="overrule_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="transfer",
            name="overruled",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("parcel", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RECEIVING", "being received"),
                            ("WAITING", "waiting to be sent"),
                            ("SENT", "sent"),
                        ],
                        default="RECEIVING",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("file_name", models.CharField(max_length=500)),
                ("name", models.CharField(max_length=500)),
                ("length", models.PositiveBigIntegerField()),
                ("received", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("findings", models.JSONField(default=list)),
                ("overrule_reason", models.CharField(blank=True, max_length=300)),
                ("resend_reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="exchange.account",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "upload",
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(fields=["parcel"], name="upload_parcel"),
                    models.Index(fields=["touched_at"], name="upload_touched"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "RECEIVING"), _negated=True),
                        fields=("parcel", "file_name", "sha256"),
                        name="upload_once_in_a_parcel",
                    )
                ],
            },
        ),
    ]
