from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0009_find_transfers_by_time")]

    operations = [
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["account", "state", "finished_at", "direction"], name="transfer_by_state"
            ),
        ),
        migrations.AddIndex(
            model_name="remotefile",
            index=models.Index(
                fields=["account", "state", "removal_day"], name="remote_file_by_state"
            ),
        ),
        migrations.AddIndex(
            model_name="payload",
            index=models.Index(
                condition=models.Q(("erased_at", None), ("first_opened_at", None)),
                fields=["id"],
                name="payload_unopened",
            ),
        ),
    ]
