"""The browser of the stories really starts and really draws text."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit import browser
from tests.kit.browser import Chromium

PAGE = "data:text/html,<body style='margin:20px;font:40px sans-serif'>Invoice 1234 &euro;</body>"
COUNT_DARK = """async encoded => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + encoded;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, image.width, image.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] < 100) dark += 1;
  return dark;
}"""


def dark_pixels(chromium: Chromium, address: str) -> int:
    """How many pixels of a page's screenshot are dark."""
    with browser.launch(chromium) as running:
        page = running.new_page(viewport={"width": 480, "height": 120})
        page.goto(address)
        picture = base64.b64encode(page.screenshot()).decode()
        found: int = page.evaluate(COUNT_DARK, picture)
        return found


@pytest.mark.story
def test_the_browser_in_use_draws_text() -> None:
    chromium = browser.find()
    assert chromium, "there is no Chromium: run `make test`, which brings one"
    assert dark_pixels(chromium, "data:text/html,<body></body>") == 0
    assert dark_pixels(chromium, PAGE) > 1000


@pytest.mark.story
@pytest.mark.only_if(browser.packaged())  # not unpacked where the machine has its own
def test_the_packaged_browser_draws_text_where_no_fonts_are_installed(tmp_path: Path) -> None:
    chromium = browser.packaged()
    assert chromium
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(
        f"<fontconfig><dir>{browser.PACKAGED / 'fonts'}</dir>"
        f"<cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    alone = replace(chromium, env={**chromium.env, "FONTCONFIG_FILE": str(fonts)})
    assert dark_pixels(alone, PAGE) > 1000
