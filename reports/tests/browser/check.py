"""Opens pages in a browser, as different readers would, and says what is wrong with them. See scripts/browser."""

import pathlib
import sys
import tempfile

from devtools import Browser

# What it is called; width in pixels; medium; colour scheme that the reader's system prefers.
MODES = [
    ("light", 1280, "screen", "light"),
    ("dark", 1280, "screen", "dark"),
    # A4 without its margins. Paper is light, whatever the screen is.
    ("print", 718, "print", "dark"),
    ("narrow", 360, "screen", "light"),
]
CHECK = (pathlib.Path(__file__).parent / "check.js").read_text()
CHOOSE_DARK = "document.getElementById('theme-dark').click()"


class Page:
    """A page in a tab of its own."""

    def __init__(self, browser, path):
        self.browser, self.path = browser, path.resolve()
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def show(self, width, medium, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)
        self.browser.events.clear()
        self.call("Page.navigate", url=self.path.as_uri())
        self.browser.wait_for("Page.loadEventFired")

    def said(self):
        """What the page wrote to the console, and what it asked for beside itself."""
        for event in self.browser.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                yield f"exception: {params['exceptionDetails']['text']}"
            elif method == "Runtime.consoleAPICalled":
                yield f"console: {params['type']}"
            elif method == "Log.entryAdded":
                yield f"console: {params['entry']['text']}"
            elif method == "Network.requestWillBeSent" and params["request"]["url"] != self.path.as_uri():
                yield f"request: {params['request']['url']}"


def problems(page):
    for mode, width, medium, scheme in MODES:
        page.show(width, medium, scheme)
        found = page.evaluate(f"{CHECK}('{mode}')")
        if medium == "print" and len(page.call("Page.printToPDF")["data"]) < 1000:
            found.append("nothing is printed")
        if mode == "light" and page.evaluate("document.getElementById('theme-dark') !== null"):
            page.evaluate(CHOOSE_DARK)
            found += [f"dark by choice: {it}" for it in page.evaluate(f"{CHECK}('dark')")]
        for problem in [*found, *page.said()]:
            yield f"{mode}: {problem}"


# A page without its policy, and with one fault of each kind. The address is this machine's, where nobody listens.
SPOILT = """<meta charset="utf-8"><title>spoilt</title><nav></nav><main id="main">
<a href="#nowhere">nowhere</a><div style="width:3000px">wide</div><img src="http://127.0.0.1:9/x.png" alt="">
<figure><svg viewBox="0 0 720 10"><title>bare</title></svg></figure></main>
<script>console.error("said"); throw new Error("thrown")</script>"""
FOUND = ["pixels wide", "<div>", "bare: no caption", "bare: no table", "bare: its text is", "#nowhere leads nowhere",
         "the background is", "request: http://127.0.0.1:9/x.png", "console: error", "exception: "]


def missed(browser):
    """The faults that are not found: a check that finds nothing proves nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "spoilt.html")
        path.write_text(SPOILT)
        found = "\n".join(problems(Page(browser, path)))
    return [f"the checks don't find: {fault}" for fault in FOUND if fault not in found]


def main():
    program, *paths = sys.argv[1:]
    browser = Browser(program)
    try:
        wrong = missed(browser)
        wrong += [f"{path}: {it}" for path in paths for it in problems(Page(browser, pathlib.Path(path)))]
    except (OSError, RuntimeError) as error:
        sys.exit(f"failed: {error}")
    finally:
        browser.close()
    print("\n".join(wrong[:100]), end="\n" if wrong else "")
    pages = f"{len(paths)} page{'s' * (len(paths) != 1)} in light, dark, print and at 360 pixels"
    print(f"{pages}: {f'failed, {len(wrong)} problems' if wrong else 'passed'}")
    sys.exit(bool(wrong))


main()
