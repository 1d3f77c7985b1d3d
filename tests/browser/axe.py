"""Axe's rules on a page in the browser."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The dark theme has other colours, and the same markup.
RULES_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
AXE = Axe()
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"


def findings(page, rules=None, within="html"):
    """What axe finds within an element of the page: the rule, and the first places."""
    run_only = RULES_OF_COLOURS if page.evaluate(IS_DARK) else RULES
    options = {"runOnly": run_only, "rules": rules or {}, "resultTypes": ["violations"]}
    violations = AXE.run(page, within, options).response["violations"]
    return {rule["id"]: [node["html"] + node["failureSummary"] for node in rule["nodes"]][:5] for rule in violations}


def findings_of(page, paths, rules=None):
    found = {}
    for path in paths:
        page.goto(path)
        found |= {(path, rule): places for rule, places in findings(page, rules).items()}
    return found
