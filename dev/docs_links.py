"""Prepare the pages of docs/ for the site: a hook of MkDocs, named in mkdocs.yml.

The pages are written for the repository, where they link to files outside docs/. On the site, such links lead
to the repository. A link whose file does not exist is left unchanged, so that ``mkdocs build --strict``
reports it.
"""

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BRANCH = "main"
LINK = re.compile(r"(\]\()(\.\./[^)\s#]+)(#[^)\s]*)?(\))")
ESCAPED_PIPE = re.compile(r"`[^`\n]*\\\|[^`\n]*`")


def on_page_markdown(markdown: str, page, config, **_rest) -> str:
	"""Return the text of a page as the site shows it."""
	folder = posixpath.dirname(page.file.src_uri)
	return unescape_pipes(link_to_repository(markdown, folder, config["repo_url"]))


def link_to_repository(markdown: str, folder: str, repository: str, root: Path = ROOT) -> str:
	"""Return the text with links to files outside docs/ turned into links to the repository.

	``folder`` is the page's own, inside docs/.
	"""

	def repository_link(match: re.Match) -> str:
		path = posixpath.normpath(posixpath.join("docs", folder, match[2]))
		if path.startswith(("../", "docs/")) or not (root / path).exists():
			return match[0]
		kind = "tree" if (root / path).is_dir() else "blob"
		return f"{match[1]}{repository.rstrip('/')}/{kind}/{BRANCH}/{path}{match[3] or ''}{match[4]}"

	return LINK.sub(repository_link, markdown)


def unescape_pipes(markdown: str) -> str:
	"""Return the text with plain pipes in the code of tables.

	GitHub needs a backslash before such a pipe; Python-Markdown would show it.
	"""
	lines = markdown.split("\n")
	return "\n".join(
		ESCAPED_PIPE.sub(lambda code: code[0].replace("\\|", "|"), line) if line.startswith("|") else line
		for line in lines
	)
