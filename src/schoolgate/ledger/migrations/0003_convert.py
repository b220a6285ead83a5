"""The pupils of settled releases, from a row a scan and 65,536 references to blocks of all releases."""

from django.db import migrations
from django.db.models import F
from pyroaring import BitMap

from schoolgate.ledger.blocks import parts
from schoolgate.ledger.segments import write
from schoolgate.ledger.pupil_sets import blocks_of


def _set_of(pupils, PupilSet, Segment, alias):
    blocks = blocks_of(pupils)
    row, fresh = PupilSet.objects.using(alias).get_or_create(digest=blocks.digest(), defaults={"count": len(pupils)})
    if fresh:
        found = zip(blocks.numbers.tolist(), parts(row.pk, blocks.rows), strict=True)
        rows = [Segment(block=block, level=0, data=write([part])) for block, part in found]
        Segment.objects.using(alias).bulk_create(rows, batch_size=200)
    return row


def forwards(apps, schema_editor):
    """One release at a time: memory holds one set."""
    alias = schema_editor.connection.alias
    Release, Scan, Chunk, PupilSet, Segment = (
        apps.get_model("ledger", name) for name in ("Release", "ExposureScan", "ExposureChunk", "PupilSet", "Segment")
    )
    settled = Release.objects.using(alias).exclude(settled_at=None)
    for key in list(settled.order_by("pk").values_list("pk", flat=True)):
        for scan in Scan.objects.using(alias).filter(release_id=key):
            pupils = BitMap()
            for block, data in Chunk.objects.using(alias).filter(scan=scan).values_list("block", "pupils"):
                pupils |= BitMap.deserialize(bytes(data)).shift(block << 16)
            scan.pupils = _set_of(pupils, PupilSet, Segment, alias)
            scan.save(update_fields=["pupils"])
        release = Release.objects.using(alias).get(pk=key)
        release.left_out = _set_of(BitMap.deserialize(bytes(release.denied)), PupilSet, Segment, alias)
        release.denied = b""
        release.save(update_fields=["left_out", "denied"])
    settled.update(worked_out_at=F("settled_at"))


def backwards(apps, schema_editor):
    """Blocks are not turned back: a ledger that has grown since could lose what it holds."""
    if apps.get_model("ledger", "PupilSet").objects.using(schema_editor.connection.alias).exists():
        raise RuntimeError("The ledger's blocks cannot be turned back into chunks; restore a backup instead.")


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0002_blocks"),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
