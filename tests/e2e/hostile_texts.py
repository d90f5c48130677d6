"""Texts that would be more than text in a page that puts them in as markup.

Grouped by the way in that each of them tries. All want to call ``alert``, which a test hears.
"""

TAGS = (
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    "<script src=//e.invalid></script>",
    "<script>alert(1)//",
    "</script><script>alert(1)</script>",
    "<script type=module>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<ſcript>alert(1)</ſcript>",
    "＜script＞alert(1)＜/script＞",
)
HANDLERS = (
    "<img src=x onerror=alert(1)>",
    "<img src onerror=alert(1)>",
    "<IMG SRC=x ONERROR=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=x onerror='alert(1)'",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<body onload=alert(1)>",
    "<body onpageshow=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video src=x onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>",
    "<div style=animation-name:x onanimationstart=alert(1)>",
    "<b onmouseover=alert(1)>over here</b>",
    "<a href=# onclick=alert(1)>click</a>",
    "<x contenteditable onblur=alert(1)>x",
    "<dialog open onclose=alert(1)>",
)
FRAMES = (
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x",
    "<button formaction=javascript:alert(1)>x",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//e.invalid/>",
    "<link rel=stylesheet href=//e.invalid/x.css>",
    "<style>*{background:red}</style>",
    "<style>@import '//e.invalid/x.css';</style>",
    "<template><script>alert(1)</script></template>",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "javascript://e.invalid/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "<a href=javascript:alert(1)>click</a>",
    "[click](javascript:alert(1))",
    "![x](x'onerror=alert(1))",
    'https://e.invalid/"onmouseover="alert(1)',
    "https://e.invalid/'><script>alert(1)</script>",
    "https://javascript:alert(1)@e.invalid",
    "blob:https://e.invalid/x",
)
BREAKOUTS = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "{{7*7}}{%print(7*7)%}",
    "`-alert(1)-`",
    "';alert(1);'",
    "\\';alert(1)//",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\u202e<script>alert(1)</script>",
    "constructor",
    "__proto__",
)
# Short enough for a name, and without a slash.
SHORT = tuple(
    f"<{tag} {handler}=alert(1)>"
    for tag in ("a", "p", "q", "li", "h1", "hr")
    for handler in ("onclick", "oncut", "onwheel", "onkeyup")
)
ALL = TAGS + HANDLERS + FRAMES + ADDRESSES + BREAKOUTS + SHORT

# Markup that asks for much: deep, unfinished, or one link in another. Each fills a message.
_PIECES = (
    *("*", "**a ", "_a_ ", "*_", "`", "` ", "~~", "~~a~~ ", "[", "]", "[a](", "![a](x)", ">", "> ", "- "),
    *("- > ", "1. ", "- a\n", "> a\n", "```\n", "```\na\n", "a\tb\n", "<b>*a*</b>"),
    *("[a](http://e.invalid) ", "[http://e.invalid](http://f.invalid)", "[[[a]](javascript:alert(1))"),
)
_NESTED = "*_" * 1_000 + "a" + "_*" * 999
BOMBS = (*((piece * 4_000)[:4_000].strip() for piece in _PIECES), _NESTED)

# Each as it may be a person's name (32 characters, none of them a control) and a room's (64, and no slash).
NAMES = tuple(text for text in ALL if len(text) <= 32 and text.isprintable())
ROOMS = tuple(text for text in ALL if len(text) <= 64 and text.isprintable() and "/" not in text)
