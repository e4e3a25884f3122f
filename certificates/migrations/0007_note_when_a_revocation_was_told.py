from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0006_watch_servers"),
    ]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="revocation_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
