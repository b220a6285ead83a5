from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0002_delay_end_counted'),
    ]

    operations = [
        migrations.AddField(
            model_name='extractorder',
            name='reminded_to_fetch',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='extractorder',
            name='reminded_to_sign',
            field=models.BooleanField(default=False),
        ),
    ]
