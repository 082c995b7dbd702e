/** Without quotes, `>` and `&`: React writes them in another way on servers. */
export const CSS = `
.rungs-dt{--bg:#fff;--ink:#1b1d22;--soft:#5b6270;--line:#d5d9e0;--edge:#878e9a;--fill:#f2f4f7;--good:#14723c;--warn:#8a5a00;--bad:#b3261e;--live:#1f5fbf;--paint:#9333a8;font:13px/1.45 system-ui,sans-serif;color:var(--ink);text-align:left}
@media (prefers-color-scheme:dark){.rungs-dt{--bg:#16181d;--ink:#e8eaee;--soft:#a3abb8;--line:#3a3f4a;--edge:#7d8594;--fill:#22252c;--good:#5bd08a;--warn:#f0b849;--bad:#ff8a80;--live:#86b4ff;--paint:#e29bf5}}
.rungs-dt *{box-sizing:border-box;margin:0;padding:0}
.rungs-dt button{font:inherit;color:inherit;background:var(--fill);border:1px solid var(--line);border-radius:6px;padding:4px 10px;min-height:28px;cursor:pointer;width:auto}
.rungs-dt button:disabled{opacity:.5;cursor:default}
.rungs-dt :focus-visible{outline:2px solid var(--live);outline-offset:1px}
.rungs-dt .toggle{position:fixed;z-index:99999;background:var(--bg);box-shadow:0 1px 4px #0004}
.rungs-dt.closed .toggle{border-radius:16px;padding:6px 14px;font-weight:600}
.rungs-dt.closed.bottom-right .toggle{right:12px;bottom:12px}
.rungs-dt.closed.bottom-left .toggle{left:12px;bottom:12px}
.rungs-dt.closed.top-right .toggle{right:12px;top:12px}
.rungs-dt.closed.top-left .toggle{left:12px;top:12px}
.rungs-dt.open .toggle{right:12px;box-shadow:none}
.rungs-dt.open.bottom-right .toggle,.rungs-dt.open.bottom-left .toggle{bottom:calc(min(var(--height,min(60vh,520px)),100vh) - 37px)}
.rungs-dt.open.top-right .toggle,.rungs-dt.open.top-left .toggle{top:6px}
.rungs-dt section{position:fixed;z-index:99998;left:0;right:0;height:var(--height,min(60vh,520px));max-height:100vh;background:var(--bg);display:flex;flex-direction:column}
.rungs-dt section[hidden]{display:none}
.rungs-dt.bottom-right section,.rungs-dt.bottom-left section{bottom:0;border-top:1px solid var(--line)}
.rungs-dt.top-right section,.rungs-dt.top-left section{top:0;border-bottom:1px solid var(--line)}
.rungs-dt header{display:flex;gap:10px;align-items:center;padding:6px 90px 6px 12px;border-bottom:1px solid var(--line);min-height:41px}
.rungs-dt header span,.rungs-dt small,.rungs-dt dt,.rungs-dt p,.rungs-dt .now,.rungs-dt figcaption{color:var(--soft)}
.rungs-dt .body{flex:1;min-height:0;display:flex}
.rungs-dt .edge{position:absolute;left:0;right:0;height:8px;cursor:ns-resize;touch-action:none}
.rungs-dt.bottom-right .edge,.rungs-dt.bottom-left .edge{top:-4px}
.rungs-dt.top-right .edge,.rungs-dt.top-left .edge{bottom:-4px}
.rungs-dt .edge:hover,.rungs-dt .edge:focus-visible{background:var(--live);opacity:.6}
.rungs-dt .side{flex:0 0 264px;display:flex;flex-direction:column;min-height:0;border-right:1px solid var(--line)}
.rungs-dt .filters{padding:8px 12px;border-bottom:1px solid var(--line)}
.rungs-dt .filters div{display:flex;flex-wrap:wrap;gap:4px;margin-top:6px}
.rungs-dt input{font:inherit;color:inherit;background:var(--fill);border:1px solid var(--edge);border-radius:6px;min-height:28px;padding:2px 8px;width:100%;max-width:360px}
.rungs-dt input::placeholder{color:var(--soft);opacity:1}
.rungs-dt .way{min-height:26px;padding:2px 8px;font-size:12px;border-radius:13px}
.rungs-dt .way[aria-pressed=true]{border-color:var(--live);box-shadow:inset 0 0 0 1px var(--live)}
.rungs-dt nav{flex:1;min-height:0;overflow:auto}
.rungs-dt nav button{display:block;width:100%;text-align:left;border:0;border-bottom:1px solid var(--line);border-radius:0;background:none;padding:6px 12px}
.rungs-dt nav button[aria-current=true]{background:var(--fill)}
.rungs-dt nav :focus-visible{outline-offset:-2px}
.rungs-dt small{display:block;font-size:12px}
.rungs-dt .dot{display:inline-block;width:8px;height:8px;border-radius:50%;background:currentColor;margin-right:6px}
.rungs-dt .good{color:var(--good)}
.rungs-dt .warn{color:var(--warn)}
.rungs-dt .bad{color:var(--bad)}
.rungs-dt .live{color:var(--live)}
.rungs-dt .detail{flex:1;min-width:0;overflow:auto;padding:0 16px 24px;overflow-wrap:anywhere;display:grid;grid-template-columns:minmax(0,1fr);column-gap:28px;align-content:start}
.rungs-dt h2{font-size:13px;font-weight:600;margin:14px 0 6px}
.rungs-dt output{display:block;color:var(--soft);min-height:4px}
.rungs-dt ol,.rungs-dt ul{list-style:none}
.rungs-dt dl{display:flex;flex-wrap:wrap;gap:4px 16px;margin-bottom:8px}
.rungs-dt dl div{display:flex;gap:5px}
.rungs-dt .bars li{margin-bottom:6px}
.rungs-dt .track{position:relative;height:14px;background:var(--fill);border-radius:3px;overflow:hidden;margin:2px 0}
.rungs-dt .track i{position:absolute;top:0;bottom:0;min-width:3px}
.rungs-dt .legend span{display:inline-block;margin-right:12px}
.rungs-dt .legend i,.rungs-dt .moves i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:4px}
.rungs-dt .axis{display:flex;justify-content:space-between}
.rungs-dt .headers{background:var(--line)}
.rungs-dt .wait{background:var(--warn);opacity:.6}
.rungs-dt .stream{background:var(--good)}
.rungs-dt .gap{background:repeating-linear-gradient(45deg,var(--bg) 0 4px,var(--warn) 4px 8px)}
.rungs-dt .fail{background:var(--bad)}
.rungs-dt .move{background:var(--live)}
.rungs-dt .paint{background:var(--paint)}
.rungs-dt .mark{background:var(--soft)}
.rungs-dt .ladder{border-left:3px solid var(--line);border-right:3px solid var(--line);max-width:720px}
.rungs-dt .ladder li{border-bottom:3px solid var(--line);padding:6px 10px}
.rungs-dt .ladder [data-fate=good]{border-bottom-color:var(--good)}
.rungs-dt .ladder [data-fate=bad]{border-bottom-color:var(--bad)}
.rungs-dt .ladder [data-fate=live]{border-bottom-color:var(--live)}
.rungs-dt .ladder .out{border-bottom-style:dashed}
.rungs-dt .chip{border:1px solid currentColor;border-radius:9px;padding:0 7px;margin-left:6px;font-size:12px}
.rungs-dt .now{display:block}
.rungs-dt meter{width:60px;height:10px;vertical-align:middle}
.rungs-dt pre{background:var(--fill);border-radius:6px;padding:8px 10px;overflow:auto;font:12px/1.5 ui-monospace,monospace;margin:4px 0 8px;white-space:pre}
.rungs-dt label{display:inline-block;margin:0 14px 6px 0}
.rungs-dt select{font:inherit;color:inherit;background:var(--fill);border:1px solid var(--line);border-radius:6px;min-height:28px}
.rungs-dt select option{background:var(--bg)}
.rungs-dt summary{cursor:pointer;padding:2px 0}
.rungs-dt summary small{display:inline-block;min-width:62px}
.rungs-dt .charts{display:flex;flex-wrap:wrap;gap:10px}
.rungs-dt figure{flex:1 1 200px;max-width:420px}
.rungs-dt svg{display:block;width:100%;height:60px;background:var(--fill);border-radius:3px}
.rungs-dt path{fill:none;stroke:currentColor;stroke-width:1.5;vector-effect:non-scaling-stroke}
.rungs-dt .belief{color:var(--bad)}
.rungs-dt .latency{color:var(--live)}
@media (min-width:1000px){.rungs-dt .detail{grid-template-columns:minmax(0,3fr) minmax(0,2fr)}.rungs-dt .wide{grid-column:1/-1}.rungs-dt .tall{grid-column:2;grid-row:2/span 3}.rungs-dt .detail{grid-template-rows:auto auto auto 1fr}}
@media (max-width:640px){.rungs-dt .body{display:block;overflow:auto}.rungs-dt .side{display:block;border-right:0}.rungs-dt nav{max-height:136px;border-bottom:1px solid var(--line)}.rungs-dt .detail{overflow:visible}}
`
