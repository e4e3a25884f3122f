from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0011_resume_uploads")]

    operations = [
        migrations.AddField(
            model_name="transfer",
            name="errors_reported",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
