import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0001_initial"),
        ("exchange", "0005_note_steps_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="stepped_back_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="certificates.certificate",
            ),
        ),
    ]
