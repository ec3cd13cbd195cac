"""Pages of the site that lie outside of docs/, and links between the two.

A link in the repository's Markdown is relative to its file, so that it works where the repository
is read. On the site it leads to the page of that file; where there is none, the text stays.
"""

import logging
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
PAGES = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "cypher/README.md": "cypher.md",
    "benchmarks/README.md": "benchmarks.md",
}
_FILES = {page: path for path, page in PAGES.items()}
_LINK = re.compile(r"\[([^\]]*)\]\(([^)#:\s]+)(#[^)\s]*)?\)")
_LOG = logging.getLogger("mkdocs.hooks.outside_pages")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for path, page in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links that cross the border of docs/ to the pages of their files."""
    here = page.file.src_uri
    file = _FILES.get(here, f"docs/{here}")

    def led(link: re.Match[str]) -> str:
        text, target, anchor = link[1], link[2], link[3] or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
        if not (ROOT / path).exists():
            _LOG.warning("%s links to %s, which is not there", file, target)
        to = PAGES.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else "")
        if not to:
            return text
        return f"[{text}]({posixpath.relpath(to, posixpath.dirname(here) or '.')}{anchor})"

    return _LINK.sub(led, markdown)
