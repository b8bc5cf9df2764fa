import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.lib.markdown import to_html, to_lines

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:alert(alt) onerror=eval(src) alt=1>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi//xlink:href='javascript:alert(1)'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<b onmouseover=alert(1)>x</b>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input name=x></form>",
    "<body onload=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "</template></turbo-stream><turbo-stream action='remove' targets='*'></turbo-stream>",
    "<turbo-stream action=remove target=x></turbo-stream>",
    "<turbo-frame src=//evil.example></turbo-frame>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<p data-controller='outbox' data-action='click->x#y' id=main>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '![x](https://evil.example/pixel.png "onerror=alert(1)")',
    '![x](https://evil.example/x.png" onerror="alert(1))',
    '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    'https://a.example/"onmouseover="alert(1)',
    "[x]: javascript:alert(1)\n\n[x]",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    '```x" onmouseover="alert(1)\nx\n```',
    "```javascript onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "**<script>alert(1)</script>**",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)\\</script>",
    "<noscript><p title='</noscript><script>alert(1)</script>'>",
    "<xmp><script>alert(1)</script></xmp>",
    "<plaintext>",
    "<textarea></textarea><script>alert(1)</script>",
    "\u2028<script>alert(1)</script>",
    "<\0script>alert(1)</script>",
]

TAGS = {"a", "p", "br", "hr", "strong", "em", "s", "code", "pre", "span", "ul", "ol", "li", "blockquote"}
TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "label", "input", "div"}
ATTRIBUTES = {"href", "title", "start", "class", "rel", "target", "tabindex", "type", "checked", "disabled"}
ATTRIBUTES |= {"role", "aria-label"}


class Inspector(HTMLParser):
    """Notes what a browser would find beside text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attributes)
        self.addresses += [value for name, value in attributes if name == "href"]


def assert_harmless(html: str) -> None:
    found = Inspector(html)
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES
    for address in found.addresses:
        assert re.match(r"(https?|mailto):", address) or ":" not in address.split("/")[0], address


@pytest.mark.parametrize("text", ATTACKS)
def test_no_attack_gets_through(text):
    assert_harmless(to_html(text))


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from([*ATTACKS, "`", "```", "[", "](", "<", ">", '"', "\n", "*", "|", "&", " "]), max_size=8)
)
def test_no_mixture_of_attacks_gets_through(parts):
    assert_harmless(to_html("".join(parts)))


@pytest.mark.parametrize("text", ["<b>", "<script>alert(1)</script>", "a < b && c > d", "<div class=message>"])
def test_html_is_shown_as_it_was_typed(text):
    assert "".join(re.findall(r"<p>(.*)</p>", to_html(text))).count("&lt;") == text.count("<")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("# a", "<h1>a</h1>"),
        ("snake_case_name 2*3*4", "<p>snake_case_name 2<em>3</em>4</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_html(text, html):
    assert to_html(text) == html


def test_a_table_is_a_table():
    html = to_html("| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<td>1</td>" in html
    assert html.startswith('<div class="table" role="group" aria-label="Table" tabindex="0"><table>')
    assert html.endswith("</table>\n</div>")


@pytest.mark.parametrize("text", ["https://a.example/x?y=1&z=2", "[x](https://a.example)", "<https://a.example>"])
def test_a_link_opens_elsewhere_and_tells_nothing_about_here(text):
    html = to_html(text)
    assert 'target="_blank"' in html and 'rel="noopener noreferrer nofollow"' in html
    assert 'href="https://a.example' in html


def plainly(html: str) -> str:
    """Without what every link has."""
    return html.replace(' target="_blank" rel="noopener noreferrer nofollow"', "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('![a *cat*](/c.png "Mia")', '<p><a href="/c.png" title="Mia">a *cat*</a></p>'),
        ("![](https://a.example/c.png)", '<p><a href="https://a.example/c.png">https://a.example/c.png</a></p>'),
        ("[![a cat](/c.png)](/page)", '<p><a href="/page">a cat</a></p>'),
        ("![a](/a) ![b](/b)", '<p><a href="/a">a</a> <a href="/b">b</a></p>'),
        ("![x](javascript:alert(1))", "<p>![x](javascript:alert(1))</p>"),
    ],
)
def test_a_picture_is_a_link_because_it_would_tell_its_host_who_reads(text, html):
    assert plainly(to_html(text)) == html


def test_columns_are_aligned_by_classes_because_the_policy_forbids_styles():
    html = to_html("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4|")
    assert re.findall(r"<th.*?>.</th>", html) == [
        '<th class="align-left">a</th>',
        '<th class="align-center">b</th>',
        '<th class="align-right">c</th>',
        "<th>d</th>",
    ]
    assert '<td class="align-right">3</td>' in html and "style" not in html


def test_a_task_is_a_checkbox_that_nobody_can_click_with_its_text_as_its_label():
    html = to_html("- [ ] buy *milk*\n- [x] pay\n- [x](/link)\n- [ ]\n- no task")
    assert re.findall(r"<li.*</li>", html) == [
        '<li class="task"><label><input type="checkbox" disabled=""> buy <em>milk</em></label></li>',
        '<li class="task"><label><input type="checkbox" disabled="" checked=""> pay</label></li>',
        '<li><a href="/link" target="_blank" rel="noopener noreferrer nofollow">x</a></li>',
        "<li>[ ]</li>",
        "<li>no task</li>",
    ]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (":tada: done :white_check_mark: and **:+1:**", "<p>🎉 done ✅ and <strong>👍</strong></p>"),
        ("`:tada:` \\:tada: :no_such: 10:30:45", "<p><code>:tada:</code> :tada: :no_such: 10:30:45</p>"),
        ("www.example.com/:100:/", '<p><a href="http://www.example.com/:100:/">www.example.com/:100:/</a></p>'),
        ("https://a.example/:100:/", '<p><a href="https://a.example/:100:/">https://a.example/:100:/</a></p>'),
    ],
)
def test_a_shortcode_in_text_is_an_emoji(text, html):
    assert plainly(to_html(text)) == html


@pytest.mark.parametrize("text", ["👍", ":tada:", "👩‍👩‍👧 🇩🇪 👍🏽", "\n❤️\n"])
def test_up_to_three_emoji_alone_are_marked(text):
    assert to_html(text).startswith('<p class="emoji">')


@pytest.mark.parametrize("text", ["👍👍👍👍", "👍 yes", "12", "- 👍", "👍\n\n👍", "*👍*", "`👍`", "[👍](/x)"])
def test_emoji_among_other_things_are_not_marked(text):
    assert 'class="emoji"' not in to_html(text)


def test_code_is_coloured_by_its_language():
    assert '<span class="k">def</span>' in to_html("```python\ndef f(): pass\n```")


@pytest.mark.parametrize("language", ["", "no-such-language", "python extra words", "html+jinja"])
def test_code_in_any_language_keeps_its_text(language):
    assert "1 &lt; 2" in re.sub(r"</?span[^>]*>", "", to_html(f"```{language}\n1 < 2\n```"))


@pytest.mark.parametrize(
    "text", ["> " * 2000, "[" * 4000, "*a " * 3000, "`" * 5000, "- " * 3000, "<" * 9000, "![](" * 2500]
)
def test_a_text_that_nests_deeply_is_still_shown(text):
    assert_harmless(to_html(text))


def test_plain_lines_carry_no_marks():
    assert to_lines("# Hello *you*\n\n- `one` [two](https://a.example)\n") == ("Hello you", "one two")
    assert to_lines("keep snake_case and 5 - 3 > 1\n<b>so</b>") == ("keep snake_case and 5 - 3 > 1", "<b>so</b>")
    assert to_lines("```py\nprint(1)\n```\n| a | b |\n|---|---|\n| c | d |") == ("print(1)", "a", "b", "c", "d")
    assert to_lines("- [x] pay :tada:\n![a cat](/c.png)") == ("pay 🎉", "a cat")
    assert to_lines(" \n\n---\n***\n") == ()
