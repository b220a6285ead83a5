"""Sets of pupils kept once, in blocks that answer for all releases; what is there is converted by 0003."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PupilSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("count", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("block", models.IntegerField()),
                ("level", models.SmallIntegerField()),
                ("data", models.BinaryField()),
            ],
            options={"indexes": [models.Index(fields=["block", "level"], name="segment_of_block")]},
        ),
        migrations.AddField(
            model_name="exposurescan",
            name="pupils",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="scans", to="ledger.pupilset"
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="left_out",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.pupilset"
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="worked_out_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="release",
            name="denied",
            field=models.BinaryField(
                help_text="roaring bitmap of the pupils left out; empty once it is in left_out"
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="version",
            field=models.SmallIntegerField(default=1, help_text="how salts, references and order are made"),
        ),
        migrations.AlterField(
            model_name="member",
            name="leaves",
            field=models.BinaryField(
                help_text="version 1: sorted 32-byte leaf hashes; 2: gate.commitment's tree top"
            ),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(
                condition=models.Q(("worked_out_at", None)), fields=["log_index"], name="not_worked_out"
            ),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(condition=models.Q(("settled_at", None)), fields=["log_index"], name="not_settled"),
        ),
    ]
