"""schoolgate: a national pupil database in which every read of pupil data passes one gate.

Read the rooms in the order the data travels: ``dictionary`` (what is held), ``collect`` (a school's
return), ``match`` (whose record is this), ``records`` (the pupil lake and the identity vault),
``requests`` (who may ask for what), ``policy`` and ``gate`` (the one door), ``ledger`` (what ran),
``register`` (the public log), ``rights`` (a family's answer), ``web`` and ``cli`` (the faces).
"""

__version__ = "0.1.0"
