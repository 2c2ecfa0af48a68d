"""Is it going well?"""

from recviz.ui.caches import workspace
from recviz.ui.guards import require_run
from recviz.ui.runs_actions import open_clone
from recviz.ui.runs_detail import show_live
from recviz.ui.runs_dialogs import show_question
from recviz.ui.runs_page import log_names, require_runs

ws = workspace()
require_runs(ws)
open_clone(ws)
show_live(ws, log_names(ws))
require_run()
show_question(ws)
