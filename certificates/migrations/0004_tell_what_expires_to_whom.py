import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0003_describe_anchors_and_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_read_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ExpirySubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AlterField(model_name='trustanchor', name='issuer', field=models.TextField(verbose_name='issuer')),
        migrations.AlterField(model_name='trustanchor', name='serial', field=models.CharField(max_length=64, verbose_name='serial number')),
        migrations.AlterField(model_name='trustanchor', name='not_before', field=models.DateTimeField(verbose_name='valid from')),
        migrations.AlterField(model_name='trustanchor', name='is_authority', field=models.BooleanField()),
        migrations.AlterModelOptions(
            name='expirynotice',
            options={'ordering': ['-sent_at', '-pk']},
        ),
        migrations.RemoveConstraint(
            model_name='expirynotice',
            name='expiry_notice_once_per_threshold',
        ),
        migrations.RemoveField(
            model_name='expirynotice',
            name='certificate',
        ),
        migrations.AddField(
            model_name='expirynotice',
            name='acknowledged_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='expirynotice',
            name='acknowledged_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(model_name='expirynotice', name='environment', field=models.CharField(choices=[('TNI', 'TNI (test and integration)'), ('PRD', 'PRD (production)'), ('SANDBOX', 'practice MAGDA')], max_length=10, verbose_name='environment')),
        migrations.AlterField(model_name='expirynotice', name='fingerprint', field=models.CharField(max_length=64)),
        migrations.AlterField(model_name='expirynotice', name='kind', field=models.CharField(choices=[('CERTIFICATE', 'client certificate'), ('SERVER', 'server certificate'), ('ANCHOR', 'trust anchor'), ('LIST', 'revocation list')], max_length=12)),
        migrations.AlterField(model_name='expirynotice', name='organisation', field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='expiry_notices', to='people.organisation')),
        migrations.AddConstraint(
            model_name='expirynotice',
            constraint=models.UniqueConstraint(fields=('organisation', 'environment', 'kind', 'fingerprint', 'threshold_days'), name='expiry_notice_once_per_threshold'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feed', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='expirysubscription',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='expiry_subscriptions', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='expirysubscription',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='expiry_subscriptions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='expirysubscription',
            constraint=models.UniqueConstraint(fields=('organisation', 'person'), name='expiry_subscription_once'),
        ),
    ]
