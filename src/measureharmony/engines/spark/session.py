"""A session of a Spark cluster, for those who have none yet."""

from __future__ import annotations

import warnings

from pyspark.sql import SparkSession

from measureharmony.errors import UsageError


def session_at(master: str | None = None) -> SparkSession:
    """A session of the cluster at ``master`` (``spark://host:7077``, ``local[4]``), or as Spark's own settings say.

    :class:`UsageError` where Spark does not start.
    """
    # Nothing here goes through pandas, whose latest version PySpark warns of.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    builder = SparkSession.builder.appName("measureharmony").config("spark.ui.showConsoleProgress", "true")
    try:
        session = (builder.master(master) if master else builder).getOrCreate()
    except Exception as error:  # PySpark's, or a Java one of many lines
        what = str(error).splitlines()[0]
        fix = "It needs Java 17 or newer (JAVA_HOME), and a cluster that answers."
        raise UsageError(f"Spark does not start: {what} {fix}") from None
    session.sparkContext.setLogLevel("ERROR")
    return session


__all__ = ["session_at"]
