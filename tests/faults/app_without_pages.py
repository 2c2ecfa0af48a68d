"""A process that supervises like the app does, to be killed by a test."""

import time

from recviz.jobs import supervisor
from recviz.settings import settings_from_environment
from tests.jobs import scripted

supervisor.worker_command = scripted.command
supervisor.ensure(settings_from_environment())
time.sleep(60)
