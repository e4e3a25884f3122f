from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0007_note_when_a_revocation_was_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="watchedserver",
            name="accepting_common_name",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
