"""What the site asks of Sphinx beyond its settings: formulas, and pictures in words."""

import re
from html import escape
from pathlib import PurePosixPath

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

# what docutils lacks, and what stands for it; larger brackets would be drawn askew
ALIASES = {r"\\dots\b": r"\\ldots", r"\\[bB]igg?[lr]?(?![a-zA-Z])": ""}


def setup(app):
    """Register with Sphinx, which calls this."""
    app.add_config_value("alt_texts", {}, "env", types=[dict])
    app.connect("doctree-read", describe_images)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def describe_images(app, doctree):
    """Give the pictures of outputs, files named by their SHA-256, their words."""
    for image in doctree.findall(nodes.image):
        words = app.config.alt_texts.get(PurePosixPath(image["uri"]).stem)
        if words:
            image["alt"] = words


def visit_math(translator, node):
    """Write a formula within a line."""
    translator.body.append(drawn(node, "inline"))
    raise nodes.SkipNode


def visit_math_block(translator, node):
    """Write a formula on a line of its own."""
    translator.body.append(f'<div class="formula">{drawn(node, "block")}</div>\n')
    raise nodes.SkipNode


def drawn(node, display):
    """Return a formula as MathML, which browsers draw without a script.

    One that cannot be drawn is warned of, and stays as it was written.
    """
    formula = node.astext()
    try:
        return mathml(formula, display)
    except (MathError, IndexError) as error:  # the second: an argument is missing
        logging.getLogger(__name__).warning(
            "the formula %s cannot be drawn: %s", formula, error, location=node
        )
        return f"<code>{escape(formula)}</code>"


def mathml(formula: str, display: str = "inline") -> str:
    r"""Return LaTeX as MathML; raise MathError for a command that is not known.

    >>> "".join(mathml(r"\alpha \dots").split())
    '<mathxmlns="http://www.w3.org/1998/Math/MathML"><mi>α</mi><mi>…</mi></math>'
    """
    for pattern, known in ALIASES.items():
        formula = re.sub(pattern, known, formula)
    return tex2mathml(formula, as_block=display == "block")
