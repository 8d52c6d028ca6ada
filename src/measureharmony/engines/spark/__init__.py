"""The Spark engine: Spark matches codes and brings each person's rows together, tasks evaluate them as locally.

Needs PySpark (``pip install 'measureharmony[spark]'``); importing this without it raises a ``UsageError``. Tasks run
:mod:`measureharmony.practice`, :mod:`measureharmony.engines.assembling` and the kernels over the people they are given,
so that what is accepted, and what comes out, is what the local engine finds.
"""

from measureharmony.errors import UsageError

try:
    import pyspark  # noqa: F401
except ImportError:
    raise UsageError("PySpark is not installed. Install it: pip install 'measureharmony[spark]'") from None
