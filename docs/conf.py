"""How the documentation is built. Nothing is fetched; notebooks are executed once and kept."""

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

# Kernels of the notebooks: no network is asked for, and figures need no screen.
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

from generate import write_reference  # noqa: E402

from causation.version import VERSION  # noqa: E402

project = "causation"
author = "causation developers"
copyright = "causation developers"  # noqa: A001
version = release = VERSION
language = "en"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
# docs/validation holds what `causation calibrate` and its like write.
exclude_patterns = ["_build", "Thumbs.db", ".DS_Store", "jupyter_execute", "validation/*"]
templates_path = ["_templates"]

autosummary_generate = True
autosummary_imported_members = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
default_role = "py:obj"

nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / ".jupyter_cache")
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_excludepatterns = ["reference/*"]
nb_merge_streams = True
nb_ipywidgets_js = {}  # a page with a widget would fetch scripts from elsewhere

html_theme = "pydata_sphinx_theme"
html_title = "causation"
html_show_sourcelink = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
}
html_context = {"default_mode": "light"}

# The notebooks live beside the docs; Sphinx reads a copy.
NOTEBOOKS = HERE / "notebooks"
NOTEBOOKS.mkdir(exist_ok=True)
for source in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
    target = NOTEBOOKS / source.name
    if not target.is_file() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)
for copied in NOTEBOOKS.glob("*.ipynb"):
    if not (HERE.parent / "notebooks" / copied.name).is_file():
        copied.unlink()

write_reference(HERE / "reference" / "generated")
