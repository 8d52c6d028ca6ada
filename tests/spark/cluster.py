"""A Spark cluster of several processes on this machine: a standalone master, and workers that start executors."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyspark
from pyspark.sql import SparkSession

HOME = Path(pyspark.__file__).parent
#: A JVM that lives for a minute: compiling what it runs costs more than it gains.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
WORKERS = 2
PATIENCE = 180  # seconds; a busy machine takes long to start a JVM


@dataclass(frozen=True)
class Daemon:
    """A process of Spark's, and what it writes."""

    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """A master and :data:`WORKERS` workers of one core each; yields the master's address."""
    with ExitStack() as running:
        master = running.enter_context(_daemon(folder, "master.Master", "--port", "0"))
        address = _said(master, r"Starting Spark master at (spark://\S+)")
        workers = [
            running.enter_context(
                _daemon(folder / f"worker{n}", "worker.Worker", "--port", "0", "-c", "1", "-m", "1g", address)
            )
            for n in range(WORKERS)
        ]
        for worker in workers:
            _said(worker, r"Successfully registered with master")
        yield address


@contextmanager
def session_of(address: str, folder: Path) -> Iterator[SparkSession]:
    """A session whose executors are processes of their own, one on each worker."""
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
        "spark.executor.extraJavaOptions": JAVA_OPTIONS,
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.executorEnv.PYTHONPATH": os.pathsep.join(sys.path),
        "spark.pyspark.python": sys.executable,
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.wholeStage": "false",  # so few rows are not worth compiling for
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master(address).appName("tests")
    session = builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def executors() -> list[psutil.Process]:
    """The executors that run on this machine as this test's descendants: one JVM each."""
    return [one for one in psutil.Process().children(recursive=True) if _is_executor(one)]


def _is_executor(process: psutil.Process) -> bool:
    try:
        return process.name() == "java" and any("ExecutorBackend" in word for word in process.cmdline())
    except psutil.Error:
        return False


@contextmanager
def _daemon(folder: Path, name: str, *arguments: str) -> Iterator[Daemon]:
    """One of Spark's daemons, with its log; it is ended with everything it started."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    own = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(HOME), "SPARK_DAEMON_MEMORY": "256m"}
    own |= {"SPARK_DAEMON_JAVA_OPTS": JAVA_OPTIONS, "SPARK_WORKER_DIR": str(folder / "work")}
    command = [HOME / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, "--webui-port", "0", *arguments], env=os.environ | own, stdout=written, stderr=written
        )
        try:
            yield Daemon(process, log)
        finally:
            started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.terminate()
            process.wait(PATIENCE)
            for one in started:
                with_grace(one)


def with_grace(process: psutil.Process) -> None:
    """End a process that was left behind."""
    try:
        process.kill()
        process.wait(PATIENCE)
    except psutil.NoSuchProcess:
        return


def _said(daemon: Daemon, pattern: str) -> str:
    """What a daemon's log says, once it does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ended = daemon.process.poll() is not None
        said = daemon.log.read_text(errors="replace")
        if found := re.search(pattern, said):
            return found[found.re.groups]
        assert not ended, said
        time.sleep(0.05)
    raise AssertionError(f"not said within {PATIENCE} s: {pattern}\n{said}")
