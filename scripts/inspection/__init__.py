"""Visual inspection: the package behind the commands and the notebooks."""

import os

# TensorFlow reads this when it is first imported: without it each start of a command
# fills the terminal with what was compiled in and which GPU libraries are missing
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
