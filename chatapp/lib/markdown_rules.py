"""The rules that this app adds to markdown-it's. Most of them change the tokens that the parser has made."""

import re

import emoji
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

#: A text of at most this many emoji, and nothing else, is shown in large letters.
EMOJI_ALONE = 3

_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")


def add_rules(parser: MarkdownIt) -> None:
    parser.core.ruler.after("block", "alignment", align_columns)
    parser.core.ruler.after("inline", "pictures", link_pictures)
    parser.core.ruler.after("pictures", "tasks", mark_tasks)
    # After "linkify", so that no address changes, and before "text_join", so that \:smile: stays as typed.
    parser.core.ruler.after("linkify", "emoji", replace_shortcodes)
    parser.core.ruler.push("emoji_alone", enlarge_lone_emoji)
    parser.add_render_rule("table_open", open_table)
    parser.add_render_rule("table_close", close_table)


def align_columns(state: StateCore) -> None:
    """Puts a class in place of markdown-it's ``style="text-align:right"``, which a strict policy forbids."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", "")):
            token.attrs["class"] = "align-" + str(style).removeprefix("text-align:")


def open_table(renderer, tokens: list[Token], index: int, options, env) -> str:
    """Puts each table into a frame that scrolls when the table is wide. The keyboard reaches the frame by Tab."""
    frame = '<div class="table" role="group" aria-label="Table" tabindex="0">'
    return frame + renderer.renderToken(tokens, index, options, env)


def close_table(renderer, tokens: list[Token], index: int, options, env) -> str:
    return renderer.renderToken(tokens, index, options, env) + "</div>\n"


def link_pictures(state: StateCore) -> None:
    """Puts a link in place of each picture: loading it would tell a foreign host who reads the chat."""
    for token in state.tokens:
        if token.type == "inline" and "![" in token.content:
            token.children = _with_linked_pictures(token.children)


def _with_linked_pictures(children: list[Token]) -> list[Token]:
    shown, depth = [], 0
    for token in children:
        depth += token.nesting if token.type.startswith("link_") else 0
        shown += [token] if token.type != "image" else _picture_link(token) if depth == 0 else [_picture_text(token)]
    return shown


def _picture_link(image: Token) -> list[Token]:
    attributes = {"href": image.attrs["src"]}
    if "title" in image.attrs:
        attributes["title"] = image.attrs["title"]
    # "auto": the text may be an address, which the other rules leave alone.
    opening = Token("link_open", "a", 1, attrs=attributes, info="auto")
    return [opening, _picture_text(image), Token("link_close", "a", -1, info="auto")]


def _picture_text(image: Token) -> Token:
    return Token("text", "", 0, content=image.content.strip() or str(image.attrs["src"]))


def mark_tasks(state: StateCore) -> None:
    """``- [x] done`` becomes a disabled checkbox with its text as the label."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        opened = (item.type, paragraph.type, inline.type) == ("list_item_open", "paragraph_open", "inline")
        if opened and (mark := _TASK.match(inline.content)) and inline.children[0].content.startswith(mark[0]):
            item.attrs["class"] = "task"
            _add_checkbox(inline, mark)


def _add_checkbox(inline: Token, mark: re.Match) -> None:
    inline.children[0].content = inline.children[0].content[mark.end() :]
    checked = "" if mark[1] == " " else " checked"
    opening = Token("html_inline", "", 0, content=f'<label><input type="checkbox" disabled{checked}> ')
    inline.children = [opening, *inline.children, Token("html_inline", "", 0, content="</label>")]


def replace_shortcodes(state: StateCore) -> None:
    """``:tada:`` becomes 🎉 in text, but not in code or in an address that a link shows."""
    for token in state.tokens:
        if token.type == "inline" and token.content.count(":") > 1:
            _replace_shortcodes(token.children)


def _replace_shortcodes(children: list[Token]) -> None:
    in_address = False
    for token in children:
        if token.type in ("link_open", "link_close"):
            in_address = token.type == "link_open" and token.info == "auto"
        elif token.type == "text" and not in_address:
            token.content = emoji.emojize(token.content, language="alias")


def enlarge_lone_emoji(state: StateCore) -> None:
    if [token.type for token in state.tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return
    children = state.tokens[1].children
    if len(children) == 1 and children[0].type == "text" and _are_lone_emoji(children[0].content):
        state.tokens[0].attrs["class"] = "emoji"


def _are_lone_emoji(text: str) -> bool:
    signs = "".join(text.split())
    short = len(signs) <= 16 * EMOJI_ALONE  # the longest emoji is a family of ten characters
    return short and emoji.purely_emoji(signs) and emoji.emoji_count(signs) <= EMOJI_ALONE
