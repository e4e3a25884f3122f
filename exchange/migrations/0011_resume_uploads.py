from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0010_count_what_is_open")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="modified",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="upload",
            name="writer",
            field=models.UUIDField(null=True),
        ),
    ]
