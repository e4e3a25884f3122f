from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0003_hold_slots_and_name_temporary_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='accepts_host_in_common_name',
            field=models.BooleanField(default=False, verbose_name='accept a host name in the common name'),
        ),
    ]
