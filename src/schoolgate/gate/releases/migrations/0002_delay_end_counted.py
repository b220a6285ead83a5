
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='tellingdelay',
            name='end_counted',
            field=models.BooleanField(default=False, help_text='its last day is past, and the public totals know it'),
        ),
    ]
