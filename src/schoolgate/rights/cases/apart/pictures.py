"""A picture decoded and written anew: nothing but its dots is left of what was sent. Runs shut in (`child`)."""

from __future__ import annotations

import io

from PIL import Image, JpegImagePlugin, PngImagePlugin

from schoolgate.rights.cases.apart.words import MOST_DOTS, Unfit

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a camera says that it was held (Exif 2.32, tag 274) -> what is done so that the picture stands upright."""

ORIENTATION = 274


def _turned(image: Image.Image) -> Image.Image:
    try:
        turn = _TURNS.get(image.getexif().get(ORIENTATION, 1))
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        turn = None  # notes that nobody can read turn nothing
    return image if turn is None else image.transpose(turn)


def _opened(kind: str, content: bytes) -> Image.Image:
    """The picture by this kind's own reader, and by no other; its size is looked at before it is unpacked."""
    reader = PngImagePlugin.PngImageFile if kind == "image/png" else JpegImagePlugin.JpegImageFile
    image = reader(io.BytesIO(content))
    if not 0 < image.width * image.height <= MOST_DOTS:
        raise Unfit("large")
    return image


def anew(kind: str, content: bytes) -> bytes:
    """The picture written anew.

    Args:
        kind: ``image/png`` or ``image/jpeg``.
        content: as it was sent.

    Raises:
        Unfit: it is too large. What a decoder raises for a damaged one goes through.
    """
    image = _opened(kind, content)
    image.load()
    return _png(_turned(image)) if kind == "image/png" else _jpeg(image)


def _png(image: Image.Image) -> bytes:
    if "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode.startswith("I"):  # 16 bits of grey: the upper half is what a screen shows
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    made = image.copy()
    made.info = {}
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    # As coarse as it was: its own tables make it neither much larger nor visibly worse.
    tables = getattr(image, "quantization", None)
    subsampling = JpegImagePlugin.get_sampling(image)
    made = _turned(image)
    same = made.mode in ("L", "RGB")
    made = made.copy() if same else made.convert("RGB")
    made.info = {}
    out = io.BytesIO()
    try:
        if same and tables and subsampling in (-1, 0, 1, 2):
            made.save(out, "JPEG", qtables=tables, subsampling=subsampling)
            return out.getvalue()
    except (ValueError, TypeError):
        out = io.BytesIO()
    made.save(out, "JPEG", quality=90)
    return out.getvalue()
