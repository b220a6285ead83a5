"""The witness: watches that logs only grow, and says so by cosigning their checkpoints (C2SP tlog-witness).

It stands alone: run by a newspaper, a university or the regulator, on their own machine. It has its own key and its
own state, and knows nothing of schoolgate but how a signed note and a Merkle tree are checked.
"""

from __future__ import annotations

from schoolgate.witness.protocol import Answer, Witness
from schoolgate.witness.server import serve
from schoolgate.witness.state import Evidence, State, Watched, WitnessError, open_keys

__all__ = ["Answer", "Evidence", "State", "Watched", "Witness", "WitnessError", "open_keys", "serve"]
