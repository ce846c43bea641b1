"""Readers for the tests of the child process that reads brought files."""

import os
import resource
import time


def told(stream, name, limits):
    yield {
        "environment": sorted(os.environ),
        "memory": list(resource.getrlimit(resource.RLIMIT_AS)),
        "processor": list(resource.getrlimit(resource.RLIMIT_CPU)),
        "files": list(resource.getrlimit(resource.RLIMIT_FSIZE)),
        "open": len(os.listdir("/proc/self/fd")) - 1,
    }


def waiting(stream, name, limits):
    time.sleep(600)
    yield None
