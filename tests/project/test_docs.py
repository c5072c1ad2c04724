"""What the documents say of the project is so: files that they show are those files, links lead somewhere."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SHOWN = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```\n", re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


class Docs(unittest.TestCase):
    def test_shown_files_are_the_files(self):
        shown = [(document, *match.groups()) for document in DOCUMENTS for match in SHOWN.finditer(document.read_text())]
        marks = sum(document.read_text().count("<!-- file:") for document in DOCUMENTS)
        self.assertEqual(len(shown), marks)
        self.assertGreater(marks, 1)
        for document, path, text in shown:
            with self.subTest(document=document.name, path=path):
                self.assertEqual(text, (ROOT / path).read_text())

    def test_links_lead_somewhere(self):
        for document in DOCUMENTS:
            for target in LINK.findall(document.read_text()):
                if "://" not in target:
                    with self.subTest(document=document.name, target=target):
                        self.assertTrue((document.parent / target).exists())

    def test_images_have_the_version_of_the_project(self):
        version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text())[1]
        for document in [*DOCUMENTS, ROOT / "Dockerfile", ROOT / "Dockerfile.alpine"]:
            with self.subTest(document=document.name):
                self.assertLessEqual(set(re.findall(r"\bcorm(?:-dev)?:(\d[\d.]*\d)", document.read_text())), {version})

    def test_exit_statuses_are_those_of_the_code(self):
        code = re.findall(r'X\(\w+,\s+(?:\\\s+)?(\d+),\s+(?:\\\s+)?"([^"]+)"\)', (ROOT / "src/command/command.h").read_text())
        text = (ROOT / "docs/commands.md").read_text().split("## Exit status")[1].split("##")[0]
        self.assertEqual(re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE), code)

    def test_checks_are_those_of_the_code(self):
        identifier = r"(?:apps|models|fields|relations|engine)\.[EW]\d{3}"
        code = {match for source in (ROOT / "src/model").glob("*.c") for match in re.findall(f'"({identifier})"', source.read_text())}
        documented = re.findall(rf"^\| ({identifier}) \| .+ \|$", (ROOT / "docs/checks.md").read_text(), re.MULTILINE)
        self.assertEqual(len(documented), len(set(documented)))
        self.assertEqual(set(documented), code)


if __name__ == "__main__":
    unittest.main()
