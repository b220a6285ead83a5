"""Lifting a shield, recording a death and taking it back take two people. Deaths that were recorded before stand."""

from django.db import migrations, models


def stand(apps, schema_editor):
    """One person recorded them, by the rule of then."""
    death = apps.get_model("consent", "Death")
    death.objects.update(decided_at=models.F("recorded_at"), decided_by=models.F("recorded_by"))


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0005_upheld'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='death',
            name='death_stands_once',
        ),
        migrations.AddField(
            model_name='death',
            name='correct_first_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='death',
            name='correct_first_by',
            field=models.CharField(blank=True, default='', help_text='who says that it is an error; it takes two people', max_length=64),
        ),
        migrations.AddField(
            model_name='death',
            name='decided_at',
            field=models.DateTimeField(help_text='when the second person said so, too', null=True),
        ),
        migrations.AddField(
            model_name='death',
            name='decided_by',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.RunPython(stand, migrations.RunPython.noop),
        migrations.AddField(
            model_name='shield',
            name='lift_first_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='shield',
            name='lift_first_by',
            field=models.CharField(blank=True, default='', help_text='who wants it lifted; it takes two people', max_length=64),
        ),
        migrations.AlterField(
            model_name='death',
            name='corrected_at',
            field=models.DateTimeField(help_text='when it was found to be an error, or not agreed to', null=True),
        ),
        migrations.AddConstraint(
            model_name='death',
            constraint=models.UniqueConstraint(condition=models.Q(('corrected_at', None), ('decided_at__isnull', False)), fields=('pupil',), name='death_stands_once'),
        ),
        migrations.AddConstraint(
            model_name='death',
            constraint=models.UniqueConstraint(condition=models.Q(('corrected_at', None), ('decided_at', None)), fields=('pupil',), name='death_waits_once'),
        ),
    ]
