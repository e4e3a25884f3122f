from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_name_what_happens_to_certificates")]

    operations = [
        migrations.RemoveIndex(model_name="auditevent", name="audit_organisation"),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["organisation_id", "-at", "-id"], name="audit_organisation_time"
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["-at", "-id"], name="audit_time"),
        ),
    ]
