#!/usr/bin/env python3
"""Checks that a report's page, or a plot of its own, is what it must be whatever texts went in:
   check_page.py FILE...
Well-formed for a strict parser; nothing that runs or loads; one style sheet, allowed by its hash;
names for those who do not see: title, language, table heads with scope, titles of drawings. Prints
what is wrong, one line each, and exits 1."""
import base64
import hashlib
import re
import sys
import unicodedata
import xml.etree.ElementTree as tree

SVG = "{http://www.w3.org/2000/svg}"
FORBIDDEN = {"script", "iframe", "object", "embed", "link", "img", "image", "base", "form", "use",
             "foreignObject", "animate", "set", "a:svg", "video", "audio"}
POLICY = ("default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-%s'")


def problems(path):
    raw = open(path, "rb").read()
    try:
        text = raw.decode("utf-8")
        root = tree.fromstring(text)
    except (UnicodeDecodeError, tree.ParseError) as error:
        yield f"not well-formed: {error}"
        return
    for cp in sorted({c for c in text if c not in "\n\t" and
                      (unicodedata.category(c) == "Cc" or c in "\u061c\u200e\u200f\ufeff" or
                       "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069")}):
        yield f"holds U+{ord(cp):04X}"
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    for name in {i for i in ids if ids.count(i) > 1}:
        yield f"two elements have the id {name}"
    for e in root.iter():
        tag = e.tag.replace(SVG, "")
        if tag in FORBIDDEN:
            yield f"has <{tag}>"
        for key, value in e.attrib.items():
            if key.startswith("on") or key in ("style", "src", "srcdoc", "{http://www.w3.org/1999/xlink}href"):
                yield f"<{tag}> has {key}"
            if key == "href" and (tag != "a" or value[0] != "#" or value[1:] not in ids):
                yield f"<{tag}> leads to {value}"
            if key == "aria-labelledby" and not set(value.split()) <= set(ids):
                yield f"<{tag}> is named by what is not there: {value}"
        if tag == "svg" and [c.tag.replace(SVG, "") for c in e[:2]] != ["title", "desc"]:
            yield "a drawing has no title and desc"
        if tag == "th" and e.get("scope") not in ("col", "row"):
            yield "a table head has no scope"
        if tag == "details" and e[0].tag != "summary":
            yield "details without a summary first"
    for css in (e.text for e in root.iter() if e.tag in ("style", SVG + "style")):
        if re.search(r"url\(|@import|expression|<|&", css):
            yield "the style sheet loads something"
    if root.tag == "html":
        yield from page_problems(root, text)
    elif root.tag != SVG + "svg":
        yield f"is neither a page nor a drawing but <{root.tag}>"


def page_problems(root, text):
    styles = root.findall(".//style")
    digest = hashlib.sha256(styles[0].text.encode()).digest() if styles else b""
    policy = [m.get("content") for m in root.iter("meta") if m.get("http-equiv")]
    if len(styles) != 1 or policy != [POLICY % base64.b64encode(digest).decode()]:
        yield f"the policy does not allow exactly the one style sheet: {policy}"
    if not text.startswith("<!DOCTYPE html>\n"):
        yield "has no doctype"
    if root.get("lang") != "en" or not root.findtext("head/title"):
        yield "has no language or title"
    if len(root.findall(".//h1")) != 1 or root.find(".//main[@id='main']") is None:
        yield "has not one h1 and one main"
    for table in root.iter("table"):
        rows = table.findall("thead/tr") + table.findall("tbody/tr")
        if len({len(row) for row in rows}) != 1:
            yield "a table's rows differ in length"


failed = False
for name in sys.argv[1:]:
    for problem in problems(name):
        print(f"{name}: {problem}")
        failed = True
sys.exit(failed or len(sys.argv) < 2)
