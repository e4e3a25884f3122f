from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0008_uploads")]

    operations = [
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["account", "-created_at", "-id"], name="transfer_by_time"
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["-created_at", "-id"], name="transfer_by_time_of_all"
            ),
        ),
    ]
