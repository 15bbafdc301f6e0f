"""Where a notebook runs: Colab, Kaggle, SageMaker, VS Code, or a Jupyter of one's own.

Known by the variables that each of them sets, and Colab by its package.
"""

import importlib.util
import os

MARKS = {  # {host: how the variables begin that it sets}
    "Kaggle": "KAGGLE_KERNEL",  # its API sets KAGGLE_KEY, on any machine
    "SageMaker": "SAGEMAKER_",
    "VS Code": "VSCODE_",
}
WRITABLE = {"Colab": "/content", "Kaggle": "/kaggle/working", "SageMaker": "~"}
KERNEL = {  # how to come to a Python that has what the course needs
    "Kaggle": "switch Internet on in the notebook's settings and run this cell again",
    "SageMaker": "open a terminal in the folder of the course, run: python "
    "scripts/setup_env.py, then choose the kernel of .venv",
    "VS Code": "choose the kernel of .venv, top right: Select Kernel, Python Environments; "
    "where there is no .venv, run: python scripts/setup_env.py",
    "": "choose the kernel of .venv, or start the notebooks with: make lab",
}


def on_colab():
    """Return whether this Python runs on Google Colab."""
    try:
        return importlib.util.find_spec("google.colab") is not None
    except ModuleNotFoundError:  # no other package of Google's is there either
        return False


def name() -> str:
    """Return the host's name, "" for a Jupyter of one's own."""
    if on_colab():
        return "Colab"
    for host, mark in MARKS.items():
        if any(variable.startswith(mark) for variable in os.environ):
            return host
    return ""


def writable() -> str:
    """Return the folder that a host lets its users write in, "" where it is unknown."""
    return WRITABLE.get(name(), "")


def to_a_kernel() -> str:
    """Return what to do where the Python of a notebook lacks what the course needs."""
    return KERNEL.get(name(), KERNEL[""])
