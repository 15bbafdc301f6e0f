"""Build the site with Sphinx, from notebooks that have run: nothing is run again."""

import io
import os
import re
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from inspection.common.atomic_files import atomic_write, scratch_folder, together
from inspection.common.notices import warn_once
from inspection.course import paths
from inspection.publishing.site import front, sources

STATIC = front.FOLDER / "static"
MATH_FONT = files("ziamath.fonts") / "STIXTwoMath-Regular.ttf"
SETTINGS = {
    "project": "Visual inspection",
    "html_title": "Visual inspection",
    "language": "en",
    "extensions": ["myst_nb", "inspection.publishing.site.extension"],
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["dollarmath", "html_image"],
    "myst_heading_anchors": 4,  # as on GitHub, for the links between pages
    "smartquotes": False,
    "html_theme": "sphinx_book_theme",
    "html_theme_options": {
        "repository_url": paths.REPOSITORY,
        "use_repository_button": True,
        "use_download_button": False,
        "use_fullscreen_button": False,
        "home_page_in_toc": True,
        "navbar_persistent": [],
        "secondary_sidebar_items": {"**": ["page-toc.html"], "index": []},
        "search_bar_text": "Search the course",
        "pygments_light_style": "a11y-high-contrast-light",
        "pygments_dark_style": "a11y-high-contrast-dark",
    },
    "html_math_renderer": "mathml",
    "html_css_files": ["site.css"],
    "html_js_files": ["site.js"],
    "html_copy_source": False,
    "html_use_index": False,
    "html_show_copyright": False,
}
ANSI_COLORS = re.compile(r"\x1b\[[0-9;]*m")


def write_site(folder, runs=(), mode="quick"):
    """Build the site of some runs into a folder, and return its front page.

    Notebooks that did not run are shown as they are stored. What Sphinx warns of is
    warned of. The site takes its place as a whole; what else is in the folder stays.
    """
    folder = Path(folder)
    with scratch_folder(folder / "site") as scratch:
        pages = front.all_notebooks(runs)
        alts = sources.lay_out(pages, scratch / "sources")
        front.write_front(pages, mode, scratch / "sources")
        for fault in run_sphinx(scratch, alts):
            warn_once(fault)
        place(scratch / "html", folder)
    return folder / "index.html"


def run_sphinx(scratch, alts):
    """Build scratch/html of scratch/sources; return Sphinx's warnings."""
    says = io.StringIO()
    static = [STATIC, MATH_FONT, scratch / "sources" / front.COVERS]
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=scratch / "sources",
            confdir=None,
            outdir=scratch / "html",
            doctreedir=scratch / "doctrees",
            buildername="html",
            confoverrides=SETTINGS
            | {"alt_texts": alts, "html_static_path": list(map(str, static))},
            status=None,
            warning=says,
        )
        app.build()
    text = ANSI_COLORS.sub("", says.getvalue())
    return text.replace(f"{scratch / 'sources'}{os.sep}", "").splitlines()


def place(site, folder):
    """Move the parts of a site to where they belong, all of them or none."""
    with together():
        for part in sorted(site.iterdir()):
            if not part.name.startswith("."):  # Sphinx's notes to itself
                with atomic_write(folder / part.name) as draft:
                    part.rename(draft)
