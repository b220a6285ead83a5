"""The pupil lake (facts keyed by PMR) and, apart, the sealed identity vault.

Three named surfaces, each with its own callers: `schoolgate.records.append` (match, once a return is
accepted), `schoolgate.records.vault` (match and the gate), `schoolgate.records.read` (the gate alone).
Nothing is exported here.
"""

__all__: list[str] = []
