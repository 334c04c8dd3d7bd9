"""Colours, type and space: the style sheet of every card.

A card paints its own background, so its contrast never depends on the page around it. Every colour is one
token with a light and a dark value, written once as `light-dark()`; the host says which one holds, by
`color-scheme` or by the marks that JupyterLab, VS Code and Sphinx themes put on the page. The operating
system is not asked: a notebook may be light on a dark desktop. An unknown host gets the light values, and so
does a browser without `light-dark()`.

The class is doubled (`.mp.mp`) to win over the notebook's own rules for tables and headings.
"""

from __future__ import annotations

TOKENS: dict[str, tuple[str, str]] = {
    "bg": ("#ffffff", "#171b21"),
    "bg2": ("#f3f5f8", "#20262e"),
    "ink": ("#17212b", "#eef2f6"),
    "ink2": ("#475563", "#b6c1cc"),
    "edge": ("#6f7c89", "#8593a1"),
    "line": ("#cfd7df", "#3a4552"),
    "solid": ("#2f6296", "#7fb2e5"),
    "pale": ("#c3d7ec", "#34506e"),
    "for": ("#0b5fa5", "#7db8f0"),
    "against": ("#a8430a", "#f2a46f"),
    "a1": ("#0b6b66", "#58c7bf"),
    "a2": ("#0a58a8", "#79b4f2"),
    "t2": ("#e3eefa", "#1b2c40"),
    "a3": ("#8a5300", "#f0bd62"),
    "t3": ("#ffeec7", "#3d2f10"),
    "a4": ("#b34100", "#ffb48a"),
    "a5": ("#9b0c13", "#ff8f8a"),
    "f4": ("#b34100", "#b34100"),
    "f5": ("#9b0c13", "#9b0c13"),
}
"""Colour by name: (light, dark). a1 to a5 are the accents of the urgencies, t2 and t3 their tints, f4 and f5
the headers that carry white words."""


def light_dark(name: str) -> str:
    """A token's value for style sheets that know `light-dark()`."""
    return f"light-dark({','.join(TOKENS[name])})"


def _tokens() -> str:
    both = "".join(f"--{name}:{light_dark(name)};" for name in TOKENS)
    light = "".join(f"--{name}:{light};" for name, (light, _) in TOKENS.items())
    return f".mp.mp{{{both}}}@supports not (color:light-dark(#000,#fff)){{.mp.mp{{{light}}}}}"


def host_rules(name: str) -> str:
    """The rules that take light or dark from the marks a host puts on the page, for the class `name`."""
    marks = {
        "light": (
            "body[data-jp-theme-light=true]",
            "body.vscode-light",
            "body.vscode-high-contrast-light",
            "html[data-theme=light]",
        ),
        "dark": (
            "body[data-jp-theme-light=false]",
            "body.vscode-dark",
            "body.vscode-high-contrast:not(.vscode-high-contrast-light)",  # the light one has both classes
            "html[data-theme=dark]",
        ),
    }
    return "".join(
        f"{','.join(f'{each} {name}' for each in hosts)}{{color-scheme:{scheme}}}"
        for scheme, hosts in marks.items()
    )


_BASE = """
.mp.mp{--u:var(--edge);--uh:var(--bg);--ut:var(--ink);--ui:var(--u);display:block;
font:400 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;
color:var(--ink);background:var(--bg);border:1px solid var(--line);border-radius:6px;max-width:46rem;margin:0;
container-type:inline-size;overflow:hidden;overflow-wrap:anywhere;text-align:left;
font-variant-numeric:tabular-nums}
.mp.mp,.mp.mp *{box-sizing:border-box}
.mp.mp h3,.mp.mp h4,.mp.mp p,.mp.mp ul,.mp.mp ol{margin:0;padding:0;color:inherit;font:inherit}
.mp.mp h3{font-size:21px;line-height:1.25;font-weight:650;text-wrap:balance}
.mp.mp h4{font-size:15px;font-weight:650;margin:0 0 8px}
.mp.mp b{font-weight:650}
.mp.mp .k{font-size:13px;font-weight:600;line-height:1.3}
.mp.mp small,.mp.mp .s{font-size:13px;line-height:1.45;color:var(--ink2);font-weight:400}
.mp.mp .hd{display:grid;grid-template-columns:32px 1fr;gap:4px 12px;padding:14px 16px;background:var(--uh);
color:var(--ut);border-bottom:1px solid var(--line);border-left:6px solid var(--u)}
.mp.mp .hd>svg{grid-row:1/4;width:32px;height:32px;margin-top:2px;color:var(--ui)}
.mp.mp .steps{display:flex;gap:3px;margin-top:6px}
.mp.mp .steps i{width:28px;height:6px;border:1px solid currentColor;border-radius:2px}
.mp.mp .steps i.on{background:currentColor}
.mp.mp .sec{padding:14px 16px;border-top:1px solid var(--line)}
.mp.mp .lead{padding:14px 16px 2px;font-size:17px;line-height:1.45;text-wrap:pretty}
.mp.mp .lead:last-child{padding-bottom:14px}
.mp.mp .lead+.sec{border-top:0}.mp.mp .sec+.lead{border-top:1px solid var(--line)}
.mp.mp .call{font-size:19px;line-height:1.4;font-weight:600}
.mp.mp .u1,.mp.mp.u1{--u:var(--a1)}
.mp.mp.u2{--u:var(--a2);--uh:var(--t2)}
.mp.mp.u3{--u:var(--a3);--uh:var(--t3)}
.mp.mp.u3 .hd{border-left-width:14px}
.mp.mp.u4{--u:var(--a4);--uh:var(--f4);--ut:#fff;--ui:#fff}
.mp.mp.u5{--u:var(--a5);--uh:var(--f5);--ut:#fff;--ui:#fff;border:3px solid var(--u)}
.mp.mp.u5 .hd{padding:18px 16px;border-left:0}
.mp.mp.u5 h3{font-size:26px}
.mp.mp.w5 .warn .k,.mp.mp.u5 .k{background:#fff;color:#7a070d;justify-self:start;padding:2px 8px;
border-radius:3px;font-weight:700}
.mp.mp.prov .hd{border-left-style:dashed;border-bottom:2px dashed var(--u)}
.mp.mp .warn{--u:var(--a3);--uh:var(--t3);border-left-width:14px}
.mp.mp.w4 .warn{--u:var(--a4);--uh:var(--f4);--ut:#fff;--ui:#fff}
.mp.mp.w5{border:3px solid var(--a5)}
.mp.mp.w5 .warn{--u:var(--a5);--uh:var(--f5);--ut:#fff;--ui:#fff;border-left:0}
.mp.mp .go{font-size:21px;line-height:1.25}.mp.mp.w5 .go{font-size:26px}
.mp.mp .w{grid-column:2;font-size:14px}
.mp.mp .acts{list-style:none;display:grid;gap:10px}
.mp.mp .acts>li{display:grid;grid-template-columns:20px 1fr;gap:0 8px;margin:0}
.mp.mp .acts svg{width:18px;height:18px;margin-top:2px;color:var(--ink2)}
.mp.mp .acts small{display:block}.mp.mp .acts br{display:none}
.mp.mp .ask{padding-left:22px;display:grid;gap:6px}
.mp.mp .ask li{margin:0}
.mp.mp .then{margin:0 0 10px}.mp.mp .call+.then{margin:8px 0 0}
"""

_TABLE = """
.mp.mp table{border-collapse:collapse;width:100%;margin:0;font-size:15px;color:inherit;background:none;
border:0;
table-layout:auto}
.mp.mp caption{caption-side:top;text-align:left;font-size:13px;color:var(--ink2);padding:0 0 6px}
.mp.mp.mp tbody tr:nth-child(n),.mp.mp.mp tr,.mp.mp.mp tr:hover{background:none}
.mp.mp.mp thead{border:0}
.mp.mp td,.mp.mp th{border:0;padding:6px 0;text-align:left;vertical-align:middle;font-weight:400;
background:none;
color:inherit;max-width:none;white-space:normal;line-height:1.3}
.mp.mp thead th{font-size:13px;color:var(--ink2);padding:0 0 4px;font-weight:600;vertical-align:bottom}
.mp.mp tbody tr+tr>*{border-top:1px solid var(--line)}
.mp.mp .n{text-align:right;white-space:nowrap;padding-left:12px}
.mp.mp .n b{font-size:17px}
.mp.mp .bar{width:46%;padding-left:12px}
.mp.mp .bar>svg{display:block;width:100%;overflow:visible}
.mp.mp .top th{font-weight:650}
.mp.mp .rests td,.mp.mp .rests th{font-size:13px;padding:4px 12px 4px 0;vertical-align:top}
.mp.mp .rests td{white-space:nowrap}
.mp.mp .tag{display:inline-block;font-size:13px;line-height:1.4;border:1px solid var(--edge);
border-radius:3px;
padding:0 6px;color:var(--ink);background:var(--bg);white-space:nowrap}
.mp.mp .key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;color:var(--ink2);margin-top:8px;
align-items:center}
.mp.mp .key svg{vertical-align:-3px;margin-right:5px}
.mp.mp details{border-top:1px solid var(--line);padding:0;margin:0}
.mp.mp summary{padding:10px 16px;cursor:pointer;font-size:14px;font-weight:600;min-height:24px}
.mp.mp .sec summary{padding:6px 0}
.mp.mp .sec details{border:0;margin-top:4px}
.mp.mp summary:focus-visible{outline:3px solid var(--for);outline-offset:-3px}
.mp.mp details>div{padding:0 16px 14px;font-size:14px}
.mp.mp .sec details>div{padding:0}.mp.mp details .lead{padding:0}
.mp.mp details>div>*+*{margin-top:10px}
.mp.mp .src{list-style:none;font-size:13px;color:var(--ink2);display:grid;gap:4px}
.mp.mp .foot{padding:8px 16px;border-top:1px solid var(--line);font-size:13px;color:var(--ink2);
background:var(--bg2)}
.mp.mp .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.mp.mp .so{fill:var(--solid)}.mp.mp .pa{fill:var(--pale)}.mp.mp .tr{fill:var(--bg2)}.mp.mp .mk{
fill:var(--ink)}
.mp.mp .ax{stroke:var(--line)}.mp.mp .ou{fill:none;stroke:var(--solid)}.mp.mp .li{stroke:var(--edge)}
.mp.mp .pt{fill:var(--bg);stroke:var(--ink);stroke-width:1.5}.mp.mp .t{fill:var(--ink2);font-size:12px}
.mp.mp .now{fill:var(--ink);font-weight:650;font-size:12px}
.mp.mp .fo{fill:var(--for)}.mp.mp .ag{fill:var(--against)}.mp.mp .ba{stroke:var(--solid);stroke-width:2.5}
.mp.mp .em{fill:none;stroke:var(--edge)}
.mp.mp.net{max-width:60rem}.mp.mp.big{max-width:110rem}
.mp.mp .scroll{overflow-x:auto}.mp.mp .scroll>svg{max-width:none}.mp.mp .narrow{display:none}
.mp.mp .scroll:focus-visible{outline:3px solid var(--for);outline-offset:-3px}
.mp.mp .sec:first-child{border:0}.mp.mp h3+.s{margin-top:4px}
.mp.mp code{font:13px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--bg2);
color:inherit;padding:0 3px}
.mp.mp .dots{font-size:13px}.mp.mp .dots td,.mp.mp .dots th{padding:1px 8px 1px 0;overflow-wrap:normal}
.mp.mp .dots td{white-space:nowrap}.mp.mp .dots svg{vertical-align:-6px;margin-right:4px}
.mp.mp .dots+.dots{margin-top:14px}
.mp.mp .note{background:var(--bg2);border-left:4px solid var(--edge);padding:8px 12px;font-size:14px}
.mp.mp .note+.note{margin-top:8px}
.mp.mp td small br{display:none}
.mp.mp .cells td,.mp.mp .cells th{vertical-align:top;padding-right:12px}
.mp.mp .cells td:last-child,.mp.mp .cells th:last-child{padding-right:0}
.mp.mp thead th{overflow-wrap:normal}.mp.mp .tag{overflow-wrap:normal}
.mp.mp .talk td:last-child{font-weight:650;min-width:7em}
.mp.mp .time tbody td,.mp.mp .time tbody th{vertical-align:top}
.mp.mp .time thead th,.mp.mp .time tbody th{padding-right:12px}
.mp.mp .time .bar{width:116px}.mp.mp .time td.bar>svg{width:100px}
.mp.mp .time tbody th{position:relative;padding-left:20px;white-space:nowrap;font-weight:650}
.mp.mp .time tbody th::before{content:"";position:absolute;left:6px;top:0;bottom:0;
border-left:2px solid var(--edge)}
.mp.mp .time tbody tr:first-child th::before{top:14px}
.mp.mp .time tbody tr:last-child th::before{bottom:auto;height:14px}
.mp.mp .time tbody th::after{content:"";position:absolute;left:2px;top:10px;width:10px;height:10px;
border-radius:50%;background:var(--bg);border:2px solid var(--ink)}
"""

_NARROW = """
@container (max-width:520px){
.mp.mp .stack thead tr{display:block;padding:0;border:0}
.mp.mp .stack thead th:not(.bar){display:none}
.mp.mp .stack thead th.bar{display:block;padding:0}
.mp.mp .stack tr{display:grid;grid-template-columns:1fr auto;padding:6px 0}
.mp.mp .stack td,.mp.mp .stack th{border:0!important;padding:0}
.mp.mp .stack tr+tr{border-top:1px solid var(--line)}
.mp.mp .stack .bar{grid-row:2;grid-column:1/3;width:auto;padding:4px 0 2px}
.mp.mp .lead,.mp.mp .sec,.mp.mp .hd,.mp.mp summary,.mp.mp .foot,.mp.mp details>div{padding-left:12px;
padding-right:12px}
.mp.mp .sec summary,.mp.mp .sec details>div{padding-left:0;padding-right:0}
.mp.mp .rests td{white-space:normal}
.mp.mp .cells thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.mp.mp .cells tr{display:block;padding:6px 0}
.mp.mp .cells td,.mp.mp .cells th{display:block;border:0!important;padding:1px 0;text-align:left;
white-space:normal}
.mp.mp .cells tr+tr{border-top:1px solid var(--line)}
.mp.mp .cells td:not([data-h=""])::before{content:attr(data-h) ": ";font-size:13px;color:var(--ink2)}
.mp.mp .cells td:empty{display:none}
.mp.mp .stack .n{padding-left:12px}
.mp.mp .time tbody tr{grid-template-columns:116px 1fr}.mp.mp .time tbody th{padding-left:20px}
.mp.mp .time tbody .bar{grid-column:1;padding:2px 0}.mp.mp .time tbody td:last-child{grid-area:2/2}
.mp.mp .time tbody th::before{display:none}.mp.mp .time tbody th::after{top:4px}
}
"""

_PICTURE = """
@container (max-width:820px){.mp.mp .wide{display:none}.mp.mp .narrow{display:block}}
"""

_PRINT = """
@media print{
.mp.mp{color-scheme:light!important;--uh:#fff!important;--ut:#000!important;--ui:#000!important}
.mp.mp .warn{--ui:#000!important;--ut:#000!important}
.mp.mp .hd,.mp.mp tr,.mp.mp li{break-inside:avoid}.mp.mp h4{break-after:avoid}
.mp.mp.u4 .hd,.mp.mp.u5 .hd,.mp.mp .warn{background:#fff;color:#000;border:4px solid #000}
.mp.mp.w5 .warn .k,.mp.mp.u5 .k{border:2px solid #000;color:#000}
.mp.mp svg,.mp.mp .steps i{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.mp.mp:not(.u5) details::details-content{content-visibility:visible;block-size:auto}
}
@media (forced-colors:active){
.mp.mp svg{color:CanvasText!important}
.mp.mp .so,.mp.mp .mk,.mp.mp .fo,.mp.mp .ag{fill:CanvasText}.mp.mp .ba,.mp.mp .em{stroke:CanvasText}
.mp.mp .pa,.mp.mp .tr{fill:Canvas;stroke:CanvasText}
.mp.mp .ou,.mp.mp .pt,.mp.mp .li{stroke:CanvasText}.mp.mp .pt{fill:Canvas}.mp.mp .t{fill:CanvasText}
.mp.mp .steps i.on{background:CanvasText;forced-color-adjust:none}
}
"""


def _squeezed(sheet: str) -> str:
    return "".join(sheet.splitlines())


SHEET: str = _squeezed(_tokens() + host_rules(".mp.mp") + _BASE + _TABLE + _NARROW + _PICTURE + _PRINT)
"""The whole style sheet; nothing in it comes from a file or a caller."""
