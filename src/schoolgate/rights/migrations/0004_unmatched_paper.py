from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("rights", "0003_standing_and_papers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="paperclaim",
            name="outcome",
            field=models.CharField(
                blank=True, help_text="confirmed, refused, withdrawn, or empty while it waits", max_length=16
            ),
        ),
        migrations.AlterField(
            model_name="paperclaim",
            name="pupil",
            field=models.BigIntegerField(
                db_index=True, help_text="empty where no one record fits the number that a school typed", null=True
            ),
        ),
    ]
