using System.Net;
using System.Text;

namespace TinyAI.ModelPacker.Pages;

/// <summary>
/// A page in one file: its style is in it, and it asks no network for anything. Text is dark on light, and everything
/// gives way down to the width of a telephone.
/// </summary>
internal sealed class HtmlPage(string title)
{
    private readonly StringBuilder _body = new();

    /// <summary>Text as it may stand in a page.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Adds markup as it is.</summary>
    public HtmlPage Add(string markup)
    {
        _body.Append(markup).Append('\n');
        return this;
    }

    /// <summary>The heading with a line below it.</summary>
    public HtmlPage Heading(string kind, string line) =>
        Add($"<header><p class=kind>{Text(kind)}</p><h1>{Text(title)}</h1><p class=lead>{Text(line)}</p></header>");

    /// <summary>Figures that say the most important things.</summary>
    public HtmlPage Tiles(params (string Value, string Unit, string Caption)[] tiles) =>
        Add("<div class=tiles>" + string.Concat(tiles.Select(t =>
            $"<div class=tile><b>{Text(t.Value)}<i>{Text(t.Unit)}</i></b><span>{Text(t.Caption)}</span></div>")) + "</div>");

    /// <summary>Begins a section, which <see cref="EndSection"/> ends.</summary>
    public HtmlPage Section(string heading, string explanation = "") =>
        Add($"<section><h2>{Text(heading)}</h2>" + (explanation.Length == 0 ? "" : $"<p class=why>{Text(explanation)}</p>"));

    /// <summary>Ends a section.</summary>
    public HtmlPage EndSection() => Add("</section>");

    /// <summary>A table; columns whose name begins with &gt; are numbers, with | bars, and cells are markup.</summary>
    public HtmlPage Table(string[] columns, IEnumerable<string[]> rows)
    {
        static string Class(string column) => column.StartsWith('>') ? " class=n" : column.StartsWith('|') ? " class=bars" : "";
        string head = string.Concat(columns.Select(c => $"<th{Class(c)}>{Text(c.TrimStart('>', '|'))}</th>"));
        return Add($"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>"
            + string.Concat(rows.Select(row => "<tr>" + string.Concat(row.Select((cell, i) => $"<td{Class(columns[i])}>{cell}</td>")) + "</tr>")) + "</tbody></table></div>");
    }

    /// <summary>A list of sentences; nothing where there are none.</summary>
    public HtmlPage List(string heading, IReadOnlyList<string> sentences) => sentences.Count == 0
        ? this
        : Section(heading).Add("<ul>" + string.Concat(sentences.Select(s => $"<li>{Text(s)}</li>")) + "</ul>").EndSection();

    /// <summary>The whole file.</summary>
    public byte[] Finish(string footer) => Encoding.UTF8.GetBytes(
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">"
        + $"<title>{Text(title)}</title><style>{Style}</style></head><body><main>\n{_body}<footer>{Text(footer)}</footer></main></body></html>\n");

    private const string Style = """

        :root{--ink:#17202e;--soft:#5b6678;--line:#dde2ea;--paper:#fff;--ground:#f4f6f9;--blue:#2563c9;--amber:#d98a00;--green:#187a4f;--violet:#7a4fc4;--red:#c0392b}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
        main{max-width:1180px;margin:0 auto;padding:28px 24px 40px}
        .kind{margin:0;color:var(--blue);font-weight:600;letter-spacing:.06em;text-transform:uppercase;font-size:12px}
        h1{margin:2px 0 4px;font-size:30px;line-height:1.2;overflow-wrap:anywhere}
        h2{margin:0 0 4px;font-size:18px}
        .lead,.why{margin:0 0 14px;color:var(--soft);max-width:105ch}
        .why{font-size:14px}
        section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:20px 22px;margin:18px 0}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:18px 0}
        .tile{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
        .tile b{display:block;font-size:25px;line-height:1.2;font-variant-numeric:tabular-nums;white-space:nowrap}
        .tile i{font-style:normal;font-weight:500;font-size:14px;color:var(--soft);margin-left:5px}
        .tile span{color:var(--soft);font-size:13px}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:14px}
        th{text-align:left;color:var(--soft);font-weight:600;font-size:12.5px;border-bottom:2px solid var(--line);padding:6px 14px 6px 0;white-space:nowrap;vertical-align:bottom}
        td{border-bottom:1px solid var(--line);padding:6px 14px 6px 0;vertical-align:middle}
        tr:last-child td{border-bottom:0}
        td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td:last-child,th:last-child{padding-right:0}
        .m{color:var(--soft)}
        td:first-child{min-width:112px}
        .bar{display:block;height:10px;border-radius:3px;background:var(--blue);min-width:1px}
        .bars{min-width:110px;width:20%}
        .yes,.no{font-weight:600;white-space:nowrap}.yes{color:var(--green)}.no{color:var(--red)}
        .chart{position:relative;margin:10px 0 34px 62px;height:260px}
        .chart svg{position:absolute;inset:0;width:100%;height:100%;display:block;overflow:visible}
        .chart .y,.chart .x{position:absolute;font-size:12px;color:var(--soft);white-space:nowrap;line-height:1;font-variant-numeric:tabular-nums}
        .chart .y{right:100%;padding-right:8px;transform:translateY(-50%)}
        .chart .x{top:100%;padding-top:8px;transform:translateX(-50%)}
        .legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--soft);margin:0 0 6px}
        .legend i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px}
        ul{margin:6px 0 0;padding-left:20px}
        footer{color:var(--soft);font-size:13px;margin-top:22px}
        @media(max-width:640px){main{padding:18px 12px 28px}section{padding:16px 14px}h1{font-size:24px}.tiles{grid-template-columns:1fr 1fr;gap:8px}.tile{padding:10px 12px}.tile b{font-size:19px}.tile i{font-size:12px;margin-left:3px}.chart{margin-left:52px;height:200px}.chart .x.odd{display:none}}
        @media print{body{background:#fff}section,.tile{break-inside:avoid}}

        """;
}
