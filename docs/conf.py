"""How the documentation is built: `python -m sphinx -W docs build/docs` in a checkout with the `docs` extra.

The pages describe the checkout they stand in, and the notebooks are run while they are built. Nothing that
the pages need comes from another host.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
sys.path[:0] = [str(CHECKOUT), str(HERE)]
os.environ["PYTHONPATH"] = os.pathsep.join(  # the notebooks' kernels see the same checkout
    each for each in (str(CHECKOUT), os.environ.get("PYTHONPATH", "")) if each
)
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # a debugger's warning, not ours

import brought_in  # noqa: E402

import massage_pain  # noqa: E402

project = "massage_pain"
author = "The massage_pain authors"
project_copyright = f"2026, {author}"
version = release = massage_pain.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "mathml"]
exclude_patterns = ["_build", "build", "**.ipynb_checkpoints"]
nitpicky = False  # annotations name classes of pandas and numpy, whose documentation is on other hosts

brought_in.notebooks(CHECKOUT / "notebooks", HERE / "notebooks")
brought_in.functions(massage_pain, HERE / "reference" / "functions.rst")
brought_in.errors(massage_pain, HERE / "reference" / "errors.rst")
brought_in.rooms(massage_pain, HERE / "reference" / "rooms.rst")

# -- pages in Markdown, notebooks executed -----------------------------------------------------------

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 4
myst_update_mathjax = False
nb_execution_mode = "force"  # an answer kept from before the code changed would be a wrong answer
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
# A page has no kernel: an explorer shows its card, and no widget is fetched from another host.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
nb_ipywidgets_js = {}

# -- the reference, from docstrings --------------------------------------------------------------------

default_role = "py:obj"  # `name` in a docstring leads to its entry, where there is one
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
autodoc_mock_imports = ["dask", "distributed", "ipywidgets", "pyarrow"]  # other extras bring them
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
add_module_names = False

# -- how it looks ----------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = f"massage_pain {version}"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_favicon = "_static/icon.svg"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is; unset, the theme complains
html_theme_options = {
    "logo": {"text": "massage_pain"},
    "navbar_persistent": ["search-button"],  # the wide one says more than its label does
    "navbar_end": ["theme-switcher"],
    "footer_start": ["disclaimer"],
    "footer_end": ["theme-version"],
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "navigation_with_keys": False,  # arrow keys belong to the reader
    "show_nav_level": 1,
    "header_links_before_dropdown": 7,
}
html_sidebars = {"tutorial": []}  # it stands alone: a sidebar would hold a heading and nothing below
templates_path = ["_templates"]


def attributes_as_code(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """`.name` in a docstring is code: as a reference it would lead to any attribute of that name."""
    lines[:] = [re.sub(r"(?<!`)`(\.[A-Za-z_][\w.()]*)`(?!`)", r"``\1``", line) for line in lines]


def setup(app: Sphinx) -> None:
    """What Sphinx asks this file for."""
    app.connect("autodoc-process-docstring", attributes_as_code)
