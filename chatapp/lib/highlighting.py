"""Colours for code, by Pygments: classes, which css/code.css colours."""

from markupsafe import escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Some of Pygments' 500 lexers take seconds for a page of nonsense; these were tried.
LANGUAGES = {
    "bash", "c", "c++", "cpp", "cs", "csharp", "css", "diff", "docker", "dockerfile", "elixir", "go", "graphql",
    "haskell", "html", "http", "ini", "java", "javascript", "js", "json", "jsx", "kotlin", "lua", "markdown",
    "md", "nginx", "php", "python", "py", "pycon", "python3", "rb", "ruby", "rs", "rust", "scala", "sh", "shell",
    "sql", "swift", "toml", "ts", "tsx", "typescript", "vue", "xml", "yaml", "yml", "zig",
}  # fmt: skip
_FORMATTER = HtmlFormatter(nowrap=True)


def highlighted(code: str, language: str) -> str:
    """The HTML of the code, with a span around each coloured word. Code in an unknown language has no colours."""
    if language.lower() not in LANGUAGES:
        return escape(code)
    try:
        return highlight(code, get_lexer_by_name(language.lower()), _FORMATTER)
    except ClassNotFound:
        return escape(code)
