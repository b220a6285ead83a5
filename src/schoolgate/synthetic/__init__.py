"""Synthetic: made-up children on real schools, as School Census returns. Nothing here is a person."""

from schoolgate.synthetic.areas import choose_schools
from schoolgate.synthetic.nation import generate

__all__ = ["choose_schools", "generate"]
