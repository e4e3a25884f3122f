from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0004_accept_a_host_in_the_common_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="stepped_back_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="step_back_code",
            field=models.CharField(blank=True, default="", max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="account",
            name="step_back_alerted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
