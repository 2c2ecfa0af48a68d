"""Where am I, what next?"""

from recviz.ui.caches import workspace
from recviz.ui.home_first import show_first_steps
from recviz.ui.home_tiles import show_home
from recviz.ui.shell import is_empty

ws = workspace()
if is_empty(ws):
    show_first_steps(ws)
else:
    show_home(ws)
