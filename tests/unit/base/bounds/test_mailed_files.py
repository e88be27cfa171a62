"""An e-mail holds the public files that its words name, and no other file of the machine."""

import importlib

import pytest

PUBLIC = ("assets/frappe/images/logo.png", "/assets/frappe/images/logo.png", "files/a..b.png")
OTHERS = (
	"site1/site_config.json",
	"//etc/passwd",
	"private/files/list.csv",
	"/private/files/list.csv",
	"files/../../site_config.json",
	"/assets/../common_site_config.json",
	"./site1/private/files/list.csv",
)


@pytest.fixture
def mail(monkeypatch, tmp_path):
	"""Return Frappe's module for e-mails, with the paths that it reads in `paths`.

	It opens a log beside the current folder when it is imported.
	"""
	(tmp_path / "logs").mkdir()
	(tmp_path / "sites").mkdir()
	monkeypatch.chdir(tmp_path / "sites")
	module, paths = importlib.import_module("frappe.email.email_body"), []
	monkeypatch.setattr(module, "get_filecontent_from_path", lambda path: paths.append(path) or b"content")
	monkeypatch.setattr(module, "paths", paths, raising=False)
	mailed_files = importlib.import_module("school_dialer.base.bounds.mailed_files")
	mailed_files.begin()
	mailed_files.begin()
	return module


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_file_is_embedded(mail, path):
	message, images = mail.replace_filename_with_cid(f'<img embed="{path}">')
	assert mail.paths == [path] and "cid:" in message and images


@pytest.mark.parametrize("path", OTHERS)
@pytest.mark.parametrize("words", ['<img embed="{}">', "I say embed='{}'"])
def test_no_other_file_of_the_machine_is_embedded(mail, path, words):
	message, images = mail.replace_filename_with_cid(words.format(path))
	assert mail.paths == [] and not images and path not in message
