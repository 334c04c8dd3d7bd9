"""The style sheet of the explorer: the colours of the cards, and a layout that follows its own width.

Everything hangs on the class `mpx`, doubled to win over the notebook's rules. Radio buttons look like
segments and stay radio buttons: a browser tells a screen reader which one is chosen, as it does not for
ipywidgets' toggle buttons.
"""

from __future__ import annotations

from massage_pain.display.style import SHEET as CARDS
from massage_pain.display.style import TOKENS, host_rules, light_dark


def _tokens() -> str:
    both = "".join(f"--{name}:{light_dark(name)};" for name in TOKENS)
    light = "".join(f"--{name}:{light};" for name, (light, _) in TOKENS.items())
    return f".mpx.mpx{{{both}}}@supports not (color:light-dark(#000,#fff)){{.mpx.mpx{{{light}}}}}"


_FRAME = """
.mpx.mpx{container-type:inline-size;display:block;width:100%;max-width:80rem;overflow:hidden;
color:var(--ink);
background:var(--bg);border:1px solid var(--line);border-radius:6px;margin:0;
font:400 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;
--jp-widgets-color:var(--ink);--jp-widgets-label-color:var(--ink);--jp-widgets-font-size:15px;
--jp-ui-font-color1:var(--ink);--jp-widgets-input-background-color:var(--bg);
--jp-widgets-input-border-color:var(--edge);--jp-widgets-input-color:var(--ink)}
.mpx.mpx *{box-sizing:border-box}
.mpx.mpx .widget-box,.mpx.mpx .widget-html,.mpx.mpx .widget-html-content{display:block;overflow:visible;
margin:0;
width:auto;min-width:0;max-width:100%;height:auto;line-height:1.5;font-size:15px}
.mpx.mpx .mpx-vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
white-space:nowrap}
.mpx.mpx .mpx-quiet{position:absolute;width:1px;height:1px;overflow:hidden}
.mpx.mpx .mpx-bar{display:flex;flex-flow:row wrap;gap:6px;padding:10px 14px;
border-bottom:1px solid var(--line)}
.mpx.mpx .mpx-body{display:grid;grid-template:"next show" auto "groups show" 1fr/minmax(300px,2fr) minmax(0,
3fr);
align-items:start}
.mpx.mpx .mpx-next{grid-area:next;padding:12px 14px 4px;display:block}
.mpx.mpx .mpx-groups{grid-area:groups;padding:4px 14px 14px;display:block}
.mpx.mpx .mpx-show{grid-area:show;padding:8px 14px 14px;border-left:1px solid var(--line);display:block;
align-self:stretch}
.mpx.mpx .mpx-panel{padding:10px 14px;border-bottom:1px solid var(--line);background:var(--bg2);
display:block}
.mpx.mpx .mpx-h,.mpx.mpx .mpx-s,.mpx.mpx .mpx-q,.mpx.mpx .mpx-bad,.mpx.mpx .mpx-name{padding:0;
color:var(--ink)}
.mpx.mpx .mpx-s,.mpx.mpx .mpx-bad{margin:0}
.mpx.mpx .mpx-h{font-size:13px;font-weight:600;color:var(--ink2);margin:14px 0 4px}
.mpx.mpx .mpx-s{font-size:13px;line-height:1.45;color:var(--ink2)}
.mpx.mpx .mpx-bad{font-size:13px;font-weight:600;color:var(--against)}
.mpx.mpx .mpx-name{font-size:15px;font-weight:650;margin:6px 0 4px}
.mpx.mpx .mpx-two{display:grid;grid-template-columns:1fr;gap:12px}
.mpx.mpx .mpx-two>div{min-width:0}
.mpx.mpx .mp{max-width:none}
.mpx.mpx .mp+.mpx-two{margin-top:8px}
.mpx.mpx .mpx-wide{overflow-x:auto;max-width:100%}
"""

_BUTTONS = """
.mpx.mpx button.jupyter-button{width:auto;height:auto;min-height:32px;margin:0;padding:4px 12px;
color:var(--ink);
background:var(--bg);border:1px solid var(--edge);border-radius:4px;box-shadow:none;font-size:14px;
line-height:1.35;
white-space:normal;overflow-wrap:anywhere;text-align:left;text-overflow:clip}
.mpx.mpx button.jupyter-button:hover:enabled{background:var(--bg2);box-shadow:none}
.mpx.mpx button.jupyter-button:disabled{opacity:1;color:var(--ink2);border-color:var(--line)}
.mpx.mpx button.jupyter-button:focus-visible,.mpx.mpx input:focus-visible,.mpx.mpx select:focus-visible,
.mpx.mpx textarea:focus-visible{outline:3px solid var(--for);outline-offset:1px;box-shadow:none}
.mpx.mpx .mpx-ask{border:2px solid var(--for);border-radius:6px;padding:10px 12px;display:block}
.mpx.mpx .mpx-ask .mpx-q{font-size:17px;font-weight:650;line-height:1.35;margin:2px 0 8px;
overflow-wrap:anywhere}
.mpx.mpx .mpx-answers,.mpx.mpx .mpx-aside{display:flex;flex-flow:row wrap;gap:6px;margin:0 0 6px}
.mpx.mpx .mpx-answers button.jupyter-button{min-height:36px;min-width:64px;text-align:center;font-weight:600}
.mpx.mpx .mpx-several{flex-flow:column;align-items:stretch}
.mpx.mpx .mpx-several button.jupyter-button{text-align:left;font-weight:400;min-height:32px}
.mpx.mpx .mpx-several button.jupyter-button.mpx-none{font-weight:650;border-width:2px;
border-color:var(--ink)}
.mpx.mpx button.jupyter-button.mpx-plain{border-color:transparent;background:none;text-decoration:underline;
text-underline-offset:3px;padding:4px 8px}
.mpx.mpx .mpx-chips{display:flex;flex-flow:row wrap;gap:5px}
.mpx.mpx .mpx-chips button.jupyter-button{font-size:13px;min-height:26px;padding:2px 8px;border-radius:13px}
.mpx.mpx .mpx-chips button.mpx-yes{background:var(--ink);color:var(--bg);border-color:var(--ink)}
.mpx.mpx .mpx-chips button.mpx-yes:hover:enabled{background:var(--ink2);color:var(--bg)}
.mpx.mpx .mpx-group{border:1px solid var(--line);border-radius:4px;margin:0 0 4px;display:block}
.mpx.mpx .mpx-group>button.jupyter-button{display:block;width:100%;border:0;background:none;min-height:34px;
padding:6px 10px}
.mpx.mpx .mpx-group>button.mpx-open{font-weight:650}
.mpx.mpx .mpx-rows{padding:0 10px 8px;display:block}.mpx.mpx .mpx-groups>.mpx-rows{padding:0}
.mpx.mpx .mpx-rows button.jupyter-button{font-weight:600;margin-top:8px}
"""

_FIELDS = """
.mpx.mpx .mpx-row{display:flex;flex-flow:row wrap;align-items:center;justify-content:space-between;
gap:3px 10px;
width:auto;height:auto;margin:0;padding:5px 0;border-top:1px solid var(--line);line-height:1.3}
.mpx.mpx .mpx-row>.widget-label,.mpx.mpx .mpx-field>.widget-label{width:auto;max-width:none;height:auto;
text-align:left;white-space:normal;overflow:visible;
overflow-wrap:anywhere;line-height:1.3;color:var(--ink);font-size:15px;padding:0;margin:0;flex:1 1 9rem}
.mpx.mpx .mpx-said>.widget-label{font-weight:650}
.mpx.mpx .mpx-field{display:block;width:auto;height:auto;margin:0 0 6px;line-height:1.4}
.mpx.mpx .mpx-field>.widget-label{font-size:13px;font-weight:600;color:var(--ink2);display:block;
margin-bottom:3px}
.mpx.mpx input[type=text],.mpx.mpx select,.mpx.mpx textarea{width:100%;height:auto;min-height:34px;
padding:5px 8px;
font-size:15px;color:var(--ink);background-color:var(--bg);border:1px solid var(--edge);border-radius:4px;
line-height:1.4}
.mpx.mpx textarea{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}
.mpx.mpx input::placeholder{color:var(--ink2);opacity:1}
.mpx.mpx select[size]{height:auto}
.mpx.mpx option{color:var(--ink);background:var(--bg)}
.mpx.mpx .mpx-row input[type=text]{width:7rem}
.mpx.mpx .widget-radio-box{display:flex;flex-flow:row wrap;margin:0!important;flex:0 1 auto;width:auto;
gap:0;border:0;padding:0;overflow:visible}
.mpx.mpx .widget-radio-box label{position:relative;height:auto;min-height:30px;margin:0 0 0 -1px;
padding:4px 10px;
border:1px solid var(--edge);background:var(--bg);color:var(--ink);font-size:13px;line-height:20px;
cursor:pointer;
width:auto;max-width:none;overflow-wrap:anywhere;white-space:normal}
.mpx.mpx .widget-radio-box label:first-child{border-radius:4px 0 0 4px;margin-left:0}
.mpx.mpx .widget-radio-box label:last-child{border-radius:0 4px 4px 0}
.mpx.mpx .widget-radio-box input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;
cursor:pointer;float:none}
.mpx.mpx .widget-radio-box label:hover{background:var(--bg2)}
.mpx.mpx .widget-radio-box label:has(input:checked){background:var(--ink);color:var(--bg);
border-color:var(--ink);
font-weight:600}
.mpx.mpx .widget-radio-box label:has(input:focus-visible){outline:3px solid var(--for);outline-offset:1px;
z-index:1}
.mpx.mpx .mpx-row label:last-child{font-size:0}
.mpx.mpx .mpx-row label:last-child::after{content:"\\2013"/"";font-size:13px}
.mpx.mpx .mpx-row label:last-child:has(input:checked){background:var(--bg2);color:var(--ink2);
border-color:var(--edge)}
.mpx.mpx .mpx-tabs{display:block;width:auto;height:auto;margin:0 0 8px;border-bottom:1px solid var(--line)}
.mpx.mpx .mpx-tabs .widget-radio-box label{border:0;border-bottom:3px solid transparent;border-radius:0;
font-size:14px;padding:6px 10px;margin:0;background:none}
.mpx.mpx .mpx-tabs .widget-radio-box label:has(input:checked){background:none;color:var(--ink);
border-bottom-color:var(--for)}
.mpx.mpx .mpx-which{display:flex;flex-flow:row wrap;align-items:center;gap:8px;width:auto;height:auto;
margin:0 0 8px}
.mpx.mpx .mpx-which>.widget-label{width:auto;height:auto;line-height:1.4;font-size:13px;font-weight:600;
color:var(--ink2)}
"""

_WIDTHS = """
@container (max-width:760px){
.mpx.mpx .mpx-body{display:flex;flex-direction:column;align-items:stretch}
.mpx.mpx .mpx-next{order:1;padding:10px}
.mpx.mpx .mpx-show{order:2;border-left:0;border-top:1px solid var(--line);padding:8px 10px}
.mpx.mpx .mpx-groups{order:3;padding:4px 10px 10px}
.mpx.mpx .mpx-bar,.mpx.mpx .mpx-panel{padding:8px 10px}
}
@container (min-width:1040px){.mpx.mpx .mpx-two{grid-template-columns:1fr 1fr}}
@media (forced-colors:active){
.mpx.mpx .widget-radio-box label:has(input:checked){background:Highlight;color:HighlightText;
forced-color-adjust:none}
.mpx.mpx .mpx-chips button.mpx-yes{border-width:3px}
}
@media print{.mpx.mpx .mpx-bar,.mpx.mpx .mpx-next,.mpx.mpx .mpx-groups,.mpx.mpx .mpx-tabs{display:none}}
"""

SHEET: str = "".join(
    (_tokens() + host_rules(".mpx.mpx") + _FRAME + _BUTTONS + _FIELDS + _WIDTHS).splitlines()
)
"""The explorer's own rules; nothing in them comes from a file or a caller."""


def style_tag() -> str:
    """Both style sheets as one tag, which an explorer needs once."""
    return f"<style>{CARDS}{SHEET}</style>"
